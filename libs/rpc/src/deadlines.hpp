// Times that a caller grants, which may be longer than any clock can hold.
#pragma once

#include <algorithm>
#include <chrono>

#include "loomline/rpc/context.hpp"

namespace loomline::rpc {

inline constexpr Duration most_time = std::chrono::hours(24 * 365);

// `timeout` from now, a year at most.
template <class Clock>
auto after(Duration timeout) {
  return Clock::now() + std::clamp(timeout, -most_time, most_time);
}

}  // namespace loomline::rpc
