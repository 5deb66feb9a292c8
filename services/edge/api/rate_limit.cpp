#include "api/rate_limit.hpp"

#include <algorithm>

namespace loomline::edge {

std::optional<Seconds> RateLimiter::take(const std::string& caller, const Rate& rate, double cost, Moment now) {
  if (rate.per_second <= 0) return std::nullopt;
  cost = std::min(cost, rate.burst);
  const std::lock_guard lock(mutex_);
  auto& bucket = buckets_.at(caller);
  // Callers measure the time before they come here, so that it may go back a little.
  const double passed = std::max(0.0, Seconds(now - bucket.at).count());
  const double taken = std::max(0.0, bucket.taken - passed * rate.per_second);
  const double lacking = taken + cost - rate.burst;
  if (lacking > 0) return Seconds(lacking / rate.per_second);
  bucket = {taken + cost, std::max(bucket.at, now)};
  return std::nullopt;
}

std::size_t RateLimiter::callers() const {
  const std::lock_guard lock(mutex_);
  return buckets_.size();
}

}  // namespace loomline::edge
