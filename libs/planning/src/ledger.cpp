#include "ledger.hpp"

namespace loomline::planning {

void Ledger::add(const When& when, std::int64_t quantity) {
  const auto* known = entries_.find(when);
  const auto sum = quantity + (known == nullptr ? 0 : *known);
  if (sum != 0)
    entries_.set(when, sum);
  else if (known != nullptr)
    entries_.erase(when);
}

std::int64_t Ledger::available(Time at) const {
  if (at == kNever) return on_hand_ + entries_.summary().sum;
  const When after{at + Duration{1}, {}};
  const auto balance = on_hand_ + entries_.summary_before(after).sum;
  return balance + std::min<std::int64_t>(0, entries_.summary_from(after).least_after);
}

Time Ledger::earliest(Time from, std::int64_t quantity) const {
  if (quantity <= 0) return from;
  if (from == kNever || on_hand_ + entries_.summary().sum < quantity) return kNever;
  // The last change before which there was too little. Among the entries of one instant the sums rise with the supplies
  // and fall with the reservations, so that none of them is below both ends.
  const auto total = on_hand_ + entries_.summary().sum;
  const auto found = entries_.last_where(When{from + Duration{1}, {}}, [&](const Sums& part, const Sums& after) {
    return total - after.sum - part.sum + part.least_before < quantity;
  });
  return found.first == nullptr ? from : found.first->at;
}

std::optional<When> Ledger::first_short() const {
  if (on_hand_ + entries_.summary().least_reserved >= 0) return std::nullopt;
  const auto found = entries_.first_where(When{Time::min(), {}}, [&](const Sums& before, const Sums& part) {
    return on_hand_ + before.sum + part.least_reserved < 0;
  });
  return found.first == nullptr ? std::nullopt : std::optional(*found.first);
}

std::optional<When> Ledger::reservation_from(const When& when) const {
  const auto found = entries_.find_from(when, [](const Sums& part) { return part.reserves; });
  return found.first == nullptr ? std::nullopt : std::optional(*found.first);
}

}  // namespace loomline::planning
