// Who has called how often: each request takes its cost from the bucket of its caller.
#pragma once

#include <string>

#include "api/access.hpp"
#include "api/rate_limit.hpp"
#include "loomline/edge/limits.hpp"

namespace loomline::edge {

// Thread safe.
class CallLimits {
 public:
  explicit CallLimits(Limits limits) : limits_(std::move(limits)) {}

  // resource_exhausted where the caller has to wait, and how long.
  Status take(const Principal& principal, const http::Request& request, double cost, Seconds& wait);

 private:
  const Limits limits_;
  RateLimiter limiter_;
};

}  // namespace loomline::edge
