// The clocks that the kernel goes by. A simulation puts its own in their place.
#pragma once

#include <chrono>
#include <functional>
#include <thread>

#include "loomline/base/time.hpp"

namespace loomline::eventing {

struct Clocks {
  using Steady = std::chrono::steady_clock;

  std::function<Time()> wall = wall_now;  // recorded time
  std::function<Steady::time_point()> steady = Steady::now;
  std::int64_t steady_ms() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(steady().time_since_epoch()).count();
  }
  std::function<void(std::chrono::milliseconds)> sleep = [](auto span) { std::this_thread::sleep_for(span); };
};

}  // namespace loomline::eventing
