// A token bucket for each caller. Time is an argument; memory is bounded: who has not called for longest is forgotten,
// and begins with a full bucket when he comes again.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>

#include "api/recent.hpp"
#include "loomline/edge/limits.hpp"

namespace loomline::edge {

using Moment = std::chrono::steady_clock::time_point;
using Seconds = std::chrono::duration<double>;

// Thread safe.
class RateLimiter {
 public:
  explicit RateLimiter(std::size_t most_callers = 50'000) : buckets_(most_callers) {}

  // Takes `cost` from the caller's bucket; or, where it does not hold as much, how long until it does. A cost above the
  // burst is taken as the burst.
  std::optional<Seconds> take(const std::string& caller, const Rate& rate, double cost, Moment now);
  std::size_t callers() const;

 private:
  struct Bucket {
    double taken = 0;  // what is missing from a full one, at `at`
    Moment at{};
  };
  mutable std::mutex mutex_;
  Recent<Bucket> buckets_;
};

}  // namespace loomline::edge
