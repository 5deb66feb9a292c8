#include "api/credentials.hpp"

#include <algorithm>
#include <cmath>

namespace loomline::edge {

std::optional<Seconds> Guesses::wait(const std::string& address, Moment now) {
  const std::lock_guard lock(mutex_);
  const auto* record = addresses_.find(address);
  if (record == nullptr || record->blocked_until <= now) return std::nullopt;
  return record->blocked_until - now;
}

void Guesses::wrong(const std::string& address, Moment now) {
  static constexpr double kForgiveSeconds = 30;
  static constexpr double kMostSeconds = 30;
  const std::lock_guard lock(mutex_);
  auto& record = addresses_.at(address);
  const double passed = std::max(0.0, Seconds(now - record.at).count());
  record.count = std::max(0.0, record.count - passed / kForgiveSeconds) + 1;
  record.at = std::max(record.at, now);
  const double over = record.count - free_;
  if (over <= 0) return;
  const Seconds delay(std::min(kMostSeconds, std::exp2(std::ceil(over) - 1)));
  record.blocked_until = std::max(record.blocked_until, now + std::chrono::duration_cast<Moment::duration>(delay));
}

}  // namespace loomline::edge
