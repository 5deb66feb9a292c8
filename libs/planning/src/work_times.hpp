// When an operation can be worked on, whoever else is there: while its machine's (or the plant's) calendar works and
// enough operators of its class are present. What must not run on while somebody is away rests: no search needs to know
// about nights, lunch breaks and holidays beyond this table.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "presence.hpp"

namespace loomline::planning {

// May be used from several threads. Every answer is O(log n) in the stretches expanded unless it says otherwise; an
// instant more than about three years away from the one asked about is none.
class WorkTimes {
 public:
  // `presence` nullptr: the calendar alone counts.
  WorkTimes(CalendarPtr calendar, std::shared_ptr<const Presence> presence, int count);

  int count() const { return count_; }  // operators needed

  // The first stretch that ends after `at`, cut to begin no earlier. It is whole, or at least `need` long.
  std::optional<Interval> window(Time at, Duration need) const;
  // The earliest begin >= at, and before `limit`, of `need` without a rest. Linear in the stretches passed.
  std::optional<Time> unbroken(Time at, Duration need, Time limit) const;
  // Working time in [from, to).
  Duration between(Time from, Time to) const;
  // The longest stretch within [from, to). Linear in the stretches there.
  Duration longest(Time from, Time to) const;

 private:
  struct Table {
    Time from{}, to{};
    std::vector<Interval> stretches;  // in order, disjoint, not touching
    std::vector<Duration> before;     // work before each
    std::size_t at(Time t) const;     // the first that ends after t
    Duration until(Time t) const;
  };
  const Table& covering(Time from, Time to) const;
  Table expand(Time from, Time to) const;

  CalendarPtr calendar_;
  std::shared_ptr<const Presence> presence_;
  int count_;
  Growing<Table> table_;
};

}  // namespace loomline::planning
