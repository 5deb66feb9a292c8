// Time-phased netting of one item (APICS: available to promise, cumulative with look-ahead): on hand and inbound less
// reservations, at every instant; what is free at t is the least of that from t on for ever. Every question and change
// is O(log n) in what is inbound and reserved.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>

#include "loomline/base/persistent_map.hpp"
#include "loomline/planning/calendar.hpp"
#include "references.hpp"

namespace loomline::planning {

class Ledger {
 public:
  void set_on_hand(std::int64_t quantity) { on_hand_ = quantity; }
  std::int64_t on_hand() const { return on_hand_; }
  // Supply from `at` on; add the opposite to take it back.
  void supply(Time at, std::int64_t quantity) { add({at, {}}, quantity); }
  // A reservation of `op` from `at` on (a negative quantity takes it back).
  void reserve(Time at, const OpRef& op, std::int64_t quantity) { add({at, op}, -quantity); }

  // Free from `at` on, for ever after. May be negative when a receipt came late.
  std::int64_t available(Time at) const;
  // The earliest t >= from with `quantity` free; kNever where it never is.
  Time earliest(Time from, std::int64_t quantity) const;
  // The first reservation, in order of time, that finds too little: everything before it is covered.
  std::optional<When> first_short() const;
  // The first reservation at or after `when`.
  std::optional<When> reservation_from(const When& when) const;

 private:
  void add(const When& when, std::int64_t quantity);

  struct Sums {
    static constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::max() / 4;
    std::int64_t sum = 0;
    std::int64_t least_after = kNone;     // the least sum up to and with an entry
    std::int64_t least_before = kNone;    // the least sum before an entry
    std::int64_t least_reserved = kNone;  // as least_after, of reservations only
    bool reserves = false;
    static Sums of(const When& when, std::int64_t q) {
      const bool reserved = when.op.job != nullptr;
      return {q, q, 0, reserved ? q : kNone, reserved};
    }
    static Sums join(const Sums& a, const Sums& b) {
      return {a.sum + b.sum, std::min(a.least_after, a.sum + b.least_after),
              std::min(a.least_before, a.sum + b.least_before), std::min(a.least_reserved, a.sum + b.least_reserved),
              a.reserves || b.reserves};
    }
  };
  std::int64_t on_hand_ = 0;
  // Supplies stand before the reservations of the same instant.
  PersistentMap<When, std::int64_t, Sums, WhenLess> entries_;
};

}  // namespace loomline::planning
