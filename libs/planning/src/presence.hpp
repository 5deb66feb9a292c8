// How many operators of a class are present, whoever is busy.
#pragma once

#include <memory>
#include <vector>

#include "growing.hpp"
#include "loomline/planning/plant.hpp"

namespace loomline::planning {

using CalendarPtr = std::shared_ptr<const Calendar>;

// The shifts of all crews of a class, as steps. May be used from several threads.
class Presence {
 public:
  // `calendars`: of the crews, in their order.
  Presence(std::vector<Crew> crews, std::vector<CalendarPtr> calendars);

  const std::vector<Crew>& crews() const { return crews_; }
  const std::vector<CalendarPtr>& calendars() const { return calendars_; }
  int most() const;  // all crews at once

  // Visits (period, count) over [from, to), in order; false from `visit` ends it.
  template <class Visit>
  void each(Time from, Time to, const Visit& visit) const {
    if (from >= to) return;
    const auto& table = covering(from, to);
    for (auto i = table.at(from); from < to; ++i) {
      const auto end = i + 1 < table.steps.size() ? std::min(to, table.steps[i + 1].begin) : to;
      if (end > from && !visit(Interval{from, end}, table.steps[i].count)) return;
      from = std::max(from, end);
    }
  }

 private:
  struct Step {
    Time begin{};
    int count = 0;
  };
  struct Table {
    Time from{}, to{};
    std::vector<Step> steps;  // the first begins before everything
    std::size_t at(Time t) const;
  };
  const Table& covering(Time from, Time to) const;
  Table expand(Time from, Time to) const;

  std::vector<Crew> crews_;
  std::vector<CalendarPtr> calendars_;
  Growing<Table> table_;
};

}  // namespace loomline::planning
