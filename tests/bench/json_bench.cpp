// The largest everyday answer, a page of a hundred journeys, written and read: ours and the library that it equals.
#include <benchmark/benchmark.h>
#include <google/protobuf/util/json_util.h>
#include <loomline/tracking/v1/tracking.pb.h>

#include "loomline/wire/read_json.hpp"
#include "loomline/wire/write_json.hpp"

namespace {

using loomline::tracking::v1::ListJourneysResponse;

ListJourneysResponse page() {
  ListJourneysResponse page;
  for (int i = 0; i < 100; ++i) {
    auto& journey = *page.add_journeys();
    journey.set_order_id("ord_01KEH2A7B0SV6TXSAQP1QZ9M56");
    journey.set_revision(static_cast<std::uint64_t>(100 + i));
    journey.set_status(loomline::tracking::v1::JOURNEY_STATUS_ACTIVE);
    journey.set_operations_done(7);
    journey.set_operations_total(11);
    journey.mutable_updated_at()->set_seconds(1'767'571'200 + i);
    for (int line = 0; line < 2; ++line) {
      auto& made = *journey.add_lines();
      made.set_line_id("l" + std::to_string(line));
    }
  }
  return page;
}

std::string ours(const google::protobuf::Message& message) {
  std::string text;
  loomline::wire::write_json(message, text);
  return text;
}

std::string library(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  options.preserve_proto_field_names = true;
  std::string text;
  if (!google::protobuf::util::MessageToJsonString(message, &text, options).ok()) text.clear();
  return text;
}

void render(benchmark::State& state, std::string (*to_text)(const google::protobuf::Message&)) {
  const auto answer = page();
  std::size_t bytes = 0;
  for (auto _ : state) {
    const auto text = to_text(answer);
    benchmark::DoNotOptimize(text.data());
    bytes += text.size();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}

bool read_ours(const std::string& text, google::protobuf::Message& into) {
  return loomline::wire::read_json(text, into, loomline::wire::Unknown::ignore).ok();
}

bool read_library(const std::string& text, google::protobuf::Message& into) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  return google::protobuf::util::JsonStringToMessage(text, &into, options).ok();
}

void parse(benchmark::State& state, bool (*read)(const std::string&, google::protobuf::Message&)) {
  const auto text = ours(page());
  for (auto _ : state) {
    ListJourneysResponse into;
    if (!read(text, into) || into.journeys_size() != 100) state.SkipWithError("it was not read");
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

BENCHMARK_CAPTURE(parse, ours, read_ours)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(parse, library, read_library)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(render, ours, ours)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(render, library, library)->Unit(benchmark::kMicrosecond);

}  // namespace
