// What of a plant holds still while jobs come and go: calendars, classes, crews. Shared by all copies of a plan.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include "loomline/planning/job.hpp"
#include "work_times.hpp"

namespace loomline::planning {

template <class T>
using ById = std::map<std::string, T, std::less<>>;
using TimesPtr = std::shared_ptr<const WorkTimes>;

class Frame {
 public:
  // Of a valid plant. Calendars and crews that are as they were in `before` are kept with all that they know.
  Frame(const Plant& plant, const Frame* before);

  const std::string& plant_id() const { return plant_id_; }
  const std::string& calendar_id() const { return calendar_id_; }
  int allowance_permille() const { return allowance_permille_; }
  const ById<CalendarPtr>& calendars() const { return calendars_; }
  const ById<std::shared_ptr<const Presence>>& crews() const { return crews_; }
  // The ids of the machines of a class, sorted; nullptr where there is no such class.
  const std::vector<std::string>* machines(std::string_view equipment_class) const;

  // When `op` can be worked on, on a machine of this calendar (nullptr: on none).
  TimesPtr times(const CalendarPtr& calendar, const Operation& op) const;

 private:
  void keep_times(const Frame& before);

  std::string plant_id_, calendar_id_;
  int allowance_permille_ = 0;
  ById<CalendarPtr> calendars_;
  ById<std::vector<std::string>> classes_;
  ById<std::shared_ptr<const Presence>> crews_;
  mutable std::mutex mutex_;
  mutable std::map<std::tuple<const Calendar*, const Presence*, int>, TimesPtr> times_;
};

}  // namespace loomline::planning
