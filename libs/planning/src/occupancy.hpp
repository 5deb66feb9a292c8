// Who occupies a machine, and how many operators of a class are busy.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "loomline/planning/calendar.hpp"

namespace loomline::planning {

struct Booking {
  Interval period;
  std::string job_id;
  std::string op_id;
  auto operator<=>(const Booking&) const = default;
};

// The bookings of one machine. Planned ones never exceed its capacity; what reality reports may.
class Timeline {
 public:
  void add(Booking booking);
  void remove(const Booking& booking);
  const std::vector<Booking>& bookings() const { return bookings_; }

  // Where [period) would exceed `capacity`: the earliest later begin that could be free of that conflict.
  std::optional<Time> conflict(const Interval& period, int capacity) const;
  // The booking that stands in the way of `period` (the one that ends last); nullptr where capacity is free.
  const Booking* blocker(const Interval& period, int capacity) const;
  // The earliest t >= at with `length` elapsed time free after it, for a machine of capacity 1.
  Time next_gap(Time at, Duration length) const;

 private:
  std::size_t first_reaching(Time at) const;
  std::vector<Booking> bookings_;  // sorted
  Duration longest_{};             // of any booking ever added: how far before `at` one may begin that reaches it
};

// How many operators are busy, as steps.
class Usage {
 public:
  void add(const Interval& period, int count);
  int level(Time at) const;
  // The first instant after `at` at which the level changes; kNever where it stays.
  Time next_change(Time at) const;

 private:
  void split(Time at);
  void join(Time at);
  std::map<Time, int> steps_;  // level from the key on; before the first key 0
};

}  // namespace loomline::planning
