#include "loomline/factory/quiet.hpp"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <thread>
#include <utility>

#include "loomline/wire/convert.hpp"

namespace loomline::factory {

Rest rest_of(const common::v1::GetQuietResponse& answer) {
  Rest out;
  out.business_time = wire::to_time(answer.business_time());
  for (const auto& service : answer.services()) {
    out.steps[service.service()] += service.steps_applied();
    out.events_waiting += service.events_waiting();
    out.dead_letters += service.dead_letters();
    if (!service.has_next_timer_at()) continue;
    const auto next = wire::to_time(service.next_timer_at());
    if (!out.next_timer || next < *out.next_timer) out.next_timer = next;
  }
  return out;
}

std::optional<Rest> rest_of(std::string_view header) {
  Rest out;
  bool quiet = false;
  while (!header.empty()) {
    const auto end = std::min(header.find(", "), header.size());
    const auto member = header.substr(0, end);
    header.remove_prefix(std::min(end + 2, header.size()));
    const auto equals = std::min(member.find('='), member.size());
    const auto name = member.substr(0, equals);
    auto value = member.substr(std::min(equals + 1, member.size()));
    if (name == "quiet") {
      if (!value.empty()) return std::nullopt;
      quiet = true;
    } else if (value.size() >= 2 && value.front() == '"') {
      const auto time = parse_rfc3339(value.substr(1, value.size() - 2));
      if (!time.ok()) return std::nullopt;
      if (name == "business_time") out.business_time = *time;
      if (name == "next_timer_at") out.next_timer = *time;
    } else {
      std::int64_t number = 0;
      if (std::from_chars(value.data(), value.data() + value.size(), number).ec != std::errc()) return std::nullopt;
      if (name == "events_waiting") out.events_waiting = number;
      if (name == "dead_letters") out.dead_letters = number;
      if (name.starts_with("steps.")) out.steps.emplace(name.substr(6), number);
    }
  }
  if (!quiet) return std::nullopt;
  return out;
}

Quiet::~Quiet() {
  for (auto* writer : waiting_) writer->wait_no_more();
}

void Quiet::watch_waiting(EdgeClient& writer) {
  watch(writer);
  waiting_.push_back(&writer);
  writer.wait_quiet(std::chrono::seconds(5), [this](std::string_view header) {
    if (auto rest = rest_of(header)) found(std::move(*rest));
  });
}

void Quiet::found(Rest rest) {
  writes_at_last_ = writes();
  last_ = std::move(rest);
}

std::size_t Quiet::writes() const {
  return std::accumulate(writers_.begin(), writers_.end(), std::size_t{0},
                         [](std::size_t sum, const EdgeClient* writer) { return sum + writer->writes(); });
}

Result<Rest> Quiet::settle(Time clock, std::chrono::seconds patience) {
  if (last_ && writes() == writes_at_last_ && last_->business_time >= clock) return *last_;
  const auto give_up = std::chrono::steady_clock::now() + patience;
  common::v1::GetQuietRequest request;
  request.set_wait_milliseconds(5000);
  for (;;) {
    auto answer = staff_->call<common::v1::GetQuietResponse>("loomline.common.v1.EdgeService.GetQuiet", request);
    if (!answer.ok()) return answer.status();
    if (answer->quiet() && wire::to_time(answer->business_time()) >= clock) {
      found(rest_of(*answer));
      return *last_;
    }
    if (std::chrono::steady_clock::now() > give_up)
      return Status(
          Code::deadline_exceeded, "NOT_QUIET",
          "The services do not come to rest: " +
              (answer->quiet() ? "their clock stands at " + format_rfc3339(wire::to_time(answer->business_time()))
                               : answer->why_not()));
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

}  // namespace loomline::factory
