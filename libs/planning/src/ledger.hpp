// Time-phased netting of one item (APICS: available to promise, cumulative with look-ahead): on hand and inbound less
// reservations, at every instant; what is free at t is the least of that from t on for ever.
#pragma once

#include <cstdint>
#include <map>

#include "loomline/planning/calendar.hpp"

namespace loomline::planning {

class Ledger {
 public:
  void set_on_hand(std::int64_t quantity) { on_hand_ = quantity; }
  std::int64_t on_hand() const { return on_hand_; }
  // Supply (positive) or a reservation (negative) from `at` on; add the opposite to take it back.
  void add(Time at, std::int64_t quantity);

  // Free from `at` on, for ever after. May be negative when a receipt came late.
  std::int64_t available(Time at) const;
  // The earliest t >= from with `quantity` free; kNever where it never is.
  Time earliest(Time from, std::int64_t quantity) const;

 private:
  std::int64_t on_hand_ = 0;
  std::int64_t sum_ = 0;  // of all deltas
  std::map<Time, std::int64_t> deltas_;
};

}  // namespace loomline::planning
