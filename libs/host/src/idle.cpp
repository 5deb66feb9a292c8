#include "idle.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>

namespace loomline::host {
namespace {

using Clock = std::chrono::steady_clock;

bool any_busy(const Runtimes& runtimes) {
  return std::any_of(runtimes.begin(), runtimes.end(), [](const auto& runtime) { return runtime->busy(); });
}

// The steps that every service has done, where none of them has anything left to do.
std::optional<std::vector<std::int64_t>> idle(const Runtimes& runtimes) {
  // Most looks end here, before anything is gathered.
  if (any_busy(runtimes)) return std::nullopt;
  std::vector<std::int64_t> steps;
  eventing::Positions produced;
  std::vector<eventing::Pulse> pulses;
  for (const auto& runtime : runtimes) {
    pulses.push_back(runtime->pulse());
    if (pulses.back().busy) return std::nullopt;
    steps.push_back(pulses.back().steps);
    produced.at_least(pulses.back().produced);
  }
  for (const auto& pulse : pulses)
    if (pulse.consumed.behind(produced)) return std::nullopt;
  return steps;
}

// Since idle() said so: only a step can have said something to others, and only what is busy takes one.
bool still_idle(const Runtimes& runtimes, const std::vector<std::int64_t>& steps) {
  const auto same = [](const auto& runtime, std::int64_t done) { return runtime->steps() == done; };
  return !any_busy(runtimes) && std::equal(runtimes.begin(), runtimes.end(), steps.begin(), steps.end(), same);
}

}  // namespace

Result<common::v1::WaitIdleResponse> wait_idle(const Runtimes& runtimes, const common::v1::WaitIdleRequest& request) {
  constexpr std::uint32_t kLongest = 30'000;
  if (request.wait_milliseconds() > kLongest)
    return invalid("wait_milliseconds", "is more than 30000", "ask again instead");
  const auto give_up = Clock::now() + std::chrono::milliseconds(request.wait_milliseconds());
  auto before = idle(runtimes);
  for (auto pause = std::chrono::microseconds(1000); !before && Clock::now() < give_up;
       pause = std::min(pause * 2, std::chrono::microseconds(4000))) {
    std::this_thread::sleep_for(pause);
    before = idle(runtimes);
  }
  common::v1::WaitIdleResponse response;
  const auto read = [&](bool with_positions) -> Status {
    response.clear_services();
    for (const auto& runtime : runtimes) {
      auto activity = runtime->activity(with_positions);
      if (!activity.ok()) return activity.status();
      *response.add_services() = std::move(*activity);
    }
    return {};
  };
  const bool brief = request.brief() && before;
  if (auto status = read(!brief); !status.ok()) return status;
  response.set_idle(before && still_idle(runtimes, *before));
  if (brief && !response.idle())
    if (auto status = read(true); !status.ok()) return status;
  return response;
}

}  // namespace loomline::host
