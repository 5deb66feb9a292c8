#include "loomline/factory/quiet.hpp"

#include <algorithm>
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
      writes_at_last_ = writes();
      last_ = rest_of(*answer);
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
