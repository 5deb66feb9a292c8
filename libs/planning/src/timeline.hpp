// Who occupies a resource when: a machine's bookings, or the operations that a class of operators attends.
#pragma once

#include <optional>

#include "loomline/base/persistent_map.hpp"
#include "references.hpp"

namespace loomline::planning {

struct Booking {
  Interval period;
  OpRef op;
  bool running = false;  // it stays, whatever is planned
  When when() const { return {period.begin, op}; }
};

class Timeline {
 public:
  void add(const Booking& booking) { bookings_.set(booking.when(), {booking.period.end, booking.running}); }
  void remove(const When& when) { bookings_.erase(when); }
  std::size_t size() const { return bookings_.size(); }

  // The first booking at or after `when`.
  std::optional<Booking> first_from(const When& when) const {
    const auto it = bookings_.lower_bound(when);
    if (it == bookings_.end()) return std::nullopt;
    return booking(it.key(), it.value());
  }
  // Visits those that end after `from` and stand before `before`, in order: O(log n) each.
  template <class Visit>
  void each_reaching(Time from, const When& before, const Visit& visit) const {
    each(
        before, [&](const Most& most) { return most.end > from; }, visit);
  }
  // Those that overlap `period`.
  template <class Visit>
  void each_within(const Interval& period, const Visit& visit) const {
    each_reaching(period.begin, {period.end, {}}, visit);
  }
  // As each_within; false from `visit` ends it.
  template <class Visit>
  void each_while(const Interval& period, const Visit& visit) const {
    bool more = true;
    each(
        {period.end, {}}, [&](const Most& most) { return more && most.end > period.begin; },
        [&](const Booking& b) { more = visit(b); });
  }
  template <class Visit>
  void each_running(const Visit& visit) const {
    each(
        {kNever, {}}, [](const Most& most) { return most.running; }, visit);
  }
  template <class Visit>
  void each_booking(const Visit& visit) const {
    for (const auto [when, value] : bookings_) visit(booking(when, value));
  }

 private:
  struct Value {
    Time end{};
    bool running = false;
  };
  struct Most {
    Time end = Time::min();
    bool running = false;
    static Most of(const When&, const Value& v) { return {v.end, v.running}; }
    static Most join(const Most& a, const Most& b) { return {a.end > b.end ? a.end : b.end, a.running || b.running}; }
  };
  static Booking booking(const When& when, const Value& value) {
    return {{when.at, value.end}, when.op, value.running};
  }
  template <class May, class Visit>
  void each(const When& before, const May& may, const Visit& visit) const {
    When at{Time::min(), {}};
    for (auto found = bookings_.find_from(at, may); found.first != nullptr; found = bookings_.find_from(at, may)) {
      if (!WhenLess{}(*found.first, before)) return;
      visit(booking(*found.first, *found.second));
      at = *found.first;
      ++at.op.index;
    }
  }
  PersistentMap<When, Value, Most, WhenLess> bookings_;
};

}  // namespace loomline::planning
