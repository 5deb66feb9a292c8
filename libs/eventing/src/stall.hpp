// What counts as stalled, for /readyz, the log, the metrics and the activity alike, and what is told of it.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "loomline/base/time.hpp"

namespace loomline::eventing {

// Something to do, and nothing of it done for so long.
inline constexpr std::chrono::seconds stalled_after{10};
inline bool is_stalled(std::chrono::steady_clock::time_point since, std::chrono::steady_clock::time_point now) {
  return now - since >= stalled_after;
}

// A lane of which nothing is committed. What is known of the first thing that it has to do: empty where it is not.
struct StalledLane {
  int lane = 0;
  std::string source;  // a topic, without prefix; or "commands", or "timers"
  std::chrono::steady_clock::time_point since;
  Time began{};  // the same, by the wall clock
  std::string key, message, reason;
};

// A key that is set aside because its handler takes long.
struct SlowHandler {
  std::string kind, key, message;
  Time began{};
};

// The first in words, and how many more there are. Not for an empty list.
std::string describe(const std::vector<StalledLane>& lanes);

}  // namespace loomline::eventing
