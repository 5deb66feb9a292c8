#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace loomline::eventing {

// Which silent partition is worth a new consumer. What a partition ends with may be nothing that is ever given to a consumer,
// so that a new one hears no more than the last: at the same position it is tried again after a minute, then after twice as
// long each time, up to an hour.
class Silences {
 public:
  static constexpr std::chrono::milliseconds kFirst = std::chrono::minutes(1), kLongest = std::chrono::hours(1);

  // The partition was read up to `position` and brings nothing of what it holds. `now_ms`: steady milliseconds.
  bool worth_a_new_consumer(const std::pair<std::string, int>& partition, std::int64_t position, std::int64_t now_ms) {
    auto& tried = tried_.try_emplace(partition, Tried{-1, 0, 0}).first->second;
    const bool again = tried.position == position;
    if (again && now_ms - tried.at_ms < tried.wait_ms) return false;
    tried = {position, now_ms, again ? std::min<std::int64_t>(2 * tried.wait_ms, kLongest.count()) : kFirst.count()};
    return true;
  }

 private:
  struct Tried {
    std::int64_t position, at_ms, wait_ms;  // `wait_ms` until the next try at the same position
  };
  std::map<std::pair<std::string, int>, Tried> tried_;
};

}  // namespace loomline::eventing
