#include "watch.hpp"

#include <google/protobuf/util/json_util.h>

#include <chrono>
#include <optional>
#include <thread>

#include "format.hpp"
#include "loomline/http/client.hpp"
#include "loomline/tracking/v1/tracking.pb.h"
#include "loomline/wire/milestones.hpp"
#include "progress.hpp"
#include "table.hpp"

namespace loomline::cli {
namespace {

using namespace tracking::v1;

// Tracking may hear of an order a moment after it was captured; longer while a service that died is replaced.
constexpr std::chrono::seconds patience_for_new_orders{10};

std::optional<OrderProgressed> parse(const std::string& data) {
  google::protobuf::util::JsonParseOptions lenient;
  lenient.ignore_unknown_fields = true;
  WatchJourneyResponse wrapped;
  if (!google::protobuf::util::JsonStringToMessage(data, &wrapped, lenient).ok()) return std::nullopt;
  if (wrapped.has_progress()) return wrapped.progress();
  OrderProgressed bare;
  if (!google::protobuf::util::JsonStringToMessage(data, &bare, lenient).ok() || bare.order_id().empty()) {
    return std::nullopt;
  }
  return bare;
}

void show(const Context& context, const OrderProgressed& progress) {
  if (context.json()) {  // one line an event, for programs that read along
    google::protobuf::util::JsonPrintOptions options;
    options.preserve_proto_field_names = true;
    std::string line;
    if (google::protobuf::util::MessageToJsonString(progress, &line, options).ok()) context.out << line << std::endl;
    return;
  }
  std::string text = moment(progress.occurred_at()) + "  " + enum_text(progress.milestone());
  if (!progress.entry().code().empty()) text += "  " + progress.entry().code();
  if (!progress.entry().detail().en().empty()) text += ": " + progress.entry().detail().en();
  if (progress.setback()) text += "  (a step back: " + enum_text(progress.reason()) + ")";
  if (progress.held()) text += "  (held)";
  context.out << printable(text) << std::endl;
}

// A refused wish may still be mended: where the order stands now decides whether there is anything to wait for.
bool still_refused(const Context& context, const std::string& order_id) {
  GetJourneyRequest request;
  request.set_order_id(order_id);
  const auto now = context.call<GetJourneyResponse>("loomline.tracking.v1.TrackingService.GetJourney", request);
  return !now.ok() || now->journey().status() == JOURNEY_STATUS_REFUSED;
}

std::optional<int> end_of(const Context& context, const OrderProgressed& progress, const WatchOptions& options) {
  switch (progress.status()) {
    case JOURNEY_STATUS_REFUSED:
      return still_refused(context, options.order_id) ? std::optional<int>(exit_no) : std::nullopt;
    case JOURNEY_STATUS_CANCELLED:
      return exit_no;
    case JOURNEY_STATUS_DELIVERED:
    case JOURNEY_STATUS_CLOSED:
      return exit_ok;
    default:
      break;
  }
  if (options.until != production::v1::MILESTONE_UNSPECIFIED &&
      wire::milestones().reached(progress.milestone(), options.until))
    return exit_ok;
  return std::nullopt;
}

}  // namespace

int watch(const Context& context, const WatchOptions& options) {
  auto client = context.client();
  if (!client.ok()) return context.fail(client.status());
  Progress bar(context.err, context.progress_visible() && !context.json());
  std::optional<int> end;
  http::StreamOptions stream;
  stream.reconnects = 10;
  if (options.after_revision > 0) stream.last_event_id = std::to_string(options.after_revision);
  bool heard = false;
  const auto on_event = [&](const http::Event& event) {
    const auto progress = parse(event.data);
    if (!progress) return true;
    heard = true;
    bar.clear();
    show(context, *progress);
    bar.show(progress->operations_done(), progress->operations_total(), enum_text(progress->milestone()));
    end = end_of(context, *progress, options);
    return !end.has_value();
  };
  Status status;
  const auto give_up = std::chrono::steady_clock::now() + patience_for_new_orders;
  while (true) {
    status = (*client)->stream("/v1/orders/" + options.order_id + "/events", stream, on_event);
    if (heard || status.code() != Code::not_found || std::chrono::steady_clock::now() >= give_up) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  bar.clear();
  if (end) return *end;
  if (!status.ok()) return context.fail(status);
  return context.fail(unavailable("STREAM_ENDED", "The stream ended before the order did; watch again to go on."));
}

}  // namespace loomline::cli
