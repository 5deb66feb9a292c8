#include "idle.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>

namespace loomline::host {
namespace {

using Clock = std::chrono::steady_clock;

// The steps that every service has done, where none of them has anything left to do.
std::optional<std::vector<std::int64_t>> idle(const Runtimes& runtimes) {
  // Most looks end here, before anything is gathered.
  if (std::any_of(runtimes.begin(), runtimes.end(), [](const auto& runtime) { return runtime->busy(); }))
    return std::nullopt;
  std::vector<std::int64_t> steps;
  eventing::Pulse::Positions produced;
  std::vector<eventing::Pulse> pulses;
  for (const auto& runtime : runtimes) {
    pulses.push_back(runtime->pulse());
    if (pulses.back().busy) return std::nullopt;
    steps.push_back(pulses.back().steps);
    for (const auto& [place, offset] : pulses.back().produced) {
      auto& end = produced[place];
      end = std::max(end, offset);
    }
  }
  for (const auto& pulse : pulses)
    for (const auto& [place, offset] : pulse.consumed) {
      const auto end = produced.find(place);
      if (end != produced.end() && end->second > offset) return std::nullopt;
    }
  return steps;
}

}  // namespace

Result<common::v1::WaitIdleResponse> wait_idle(const Runtimes& runtimes, const common::v1::WaitIdleRequest& request) {
  constexpr std::uint32_t kLongest = 30'000;
  if (request.wait_milliseconds() > kLongest)
    return invalid("wait_milliseconds", "is more than 30000", "ask again instead");
  const auto give_up = Clock::now() + std::chrono::milliseconds(request.wait_milliseconds());
  auto before = idle(runtimes);
  for (auto pause = std::chrono::microseconds(500); !before && Clock::now() < give_up;
       pause = std::min(pause * 2, std::chrono::microseconds(4000))) {
    std::this_thread::sleep_for(pause);
    before = idle(runtimes);
  }
  common::v1::WaitIdleResponse response;
  for (const auto& runtime : runtimes) {
    auto activity = runtime->activity();
    if (!activity.ok()) return activity.status();
    *response.add_services() = std::move(*activity);
  }
  response.set_idle(before && before == idle(runtimes));
  return response;
}

}  // namespace loomline::host
