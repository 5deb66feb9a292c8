#include "idle.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>

namespace loomline::host {
namespace {

using Clock = std::chrono::steady_clock;

// Looks first at what was in the way the last time, which it mostly still is.
class Look {
 public:
  explicit Look(const Runtimes& runtimes) : runtimes_(runtimes) {}
  bool any_busy() {
    if (busy_ != nullptr && busy_->busy()) return true;
    const auto found = std::find_if(runtimes_.begin(), runtimes_.end(), [](const auto& one) { return one->busy(); });
    busy_ = found == runtimes_.end() ? nullptr : found->get();
    return busy_ != nullptr;
  }
  // The steps that every service has done, where none of them has anything left to do.
  std::optional<std::vector<std::int64_t>> idle();
  // Since idle() said so: only a step can have said something to others, and only what is busy takes one.
  bool still_idle(const std::vector<std::int64_t>& steps) {
    const auto same = [](const auto& runtime, std::int64_t done) { return runtime->steps() == done; };
    return !any_busy() && std::equal(runtimes_.begin(), runtimes_.end(), steps.begin(), steps.end(), same);
  }

 private:
  bool still_behind();

  const Runtimes& runtimes_;
  eventing::Runtime* busy_ = nullptr;
  eventing::Runtime* behind_ = nullptr;  // by this
  eventing::Positions::Lag lag_;
};

bool Look::still_behind() {
  if (behind_ == nullptr) return false;
  const auto at = behind_->consumed(lag_.topic, lag_.partition);
  if (!at.known() || at.reaches(lag_.end)) behind_ = nullptr;
  return behind_ != nullptr;
}

std::optional<std::vector<std::int64_t>> Look::idle() {
  // Most looks end here, before anything is gathered.
  if (still_behind()) return std::nullopt;
  if (any_busy()) return std::nullopt;
  std::vector<std::int64_t> steps;
  eventing::Positions produced;
  std::vector<eventing::Pulse> pulses;
  for (const auto& runtime : runtimes_) {
    pulses.push_back(runtime->pulse());
    if (pulses.back().busy) return std::nullopt;
    steps.push_back(pulses.back().steps);
    produced.at_least(pulses.back().produced);
  }
  for (std::size_t i = 0; i < pulses.size(); ++i)
    if (const auto lag = pulses[i].consumed.behind(produced)) {
      behind_ = runtimes_[i].get();
      lag_ = *lag;
      return std::nullopt;
    }
  return steps;
}

}  // namespace

Result<common::v1::WaitIdleResponse> wait_idle(const Runtimes& runtimes, const common::v1::WaitIdleRequest& request) {
  constexpr std::uint32_t kLongest = 30'000;
  if (request.wait_milliseconds() > kLongest)
    return invalid("wait_milliseconds", "is more than 30000", "ask again instead");
  const auto give_up = Clock::now() + std::chrono::milliseconds(request.wait_milliseconds());
  Look look(runtimes);
  auto before = look.idle();
  for (auto pause = std::chrono::microseconds(1000); !before && Clock::now() < give_up;
       pause = std::min(pause * 2, std::chrono::microseconds(4000))) {
    std::this_thread::sleep_for(pause);
    before = look.idle();
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
  response.set_idle(before && look.still_idle(*before));
  if (brief && !response.idle())
    if (auto status = read(true); !status.ok()) return status;
  return response;
}

}  // namespace loomline::host
