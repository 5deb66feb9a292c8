#include "ledger.hpp"

#include <algorithm>

namespace loomline::planning {

void Ledger::add(Time at, std::int64_t quantity) {
  if (quantity == 0) return;
  sum_ += quantity;
  const auto it = deltas_.try_emplace(at, 0).first;
  it->second += quantity;
  if (it->second == 0) deltas_.erase(it);
}

std::int64_t Ledger::available(Time at) const {
  auto balance = on_hand_ + sum_;
  auto least = balance;
  for (auto it = deltas_.rbegin(); it != deltas_.rend() && it->first > at; ++it) {
    balance -= it->second;
    least = std::min(least, balance);
  }
  return least;
}

Time Ledger::earliest(Time from, std::int64_t quantity) const {
  if (quantity <= 0) return from;
  auto balance = on_hand_ + sum_;
  if (balance < quantity) return kNever;
  // Backwards while the balance of the stretch before each change is enough.
  for (auto it = deltas_.rbegin(); it != deltas_.rend() && it->first > from; ++it) {
    balance -= it->second;
    if (balance < quantity) return it->first;
  }
  return from;
}

}  // namespace loomline::planning
