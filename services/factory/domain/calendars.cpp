#include "calendars.hpp"

#include <utility>

#include "loomline/base/date.hpp"

namespace loomline::factory {

namespace {

planning::Hours hours_of(const scheduling::Shift& shift) {
  return {std::chrono::minutes(shift.start_minute()), std::chrono::minutes(shift.end_minute() % 1440)};
}

Result<std::shared_ptr<const planning::Calendar>> make_calendar(const scheduling::Plant& plant,
                                                                const scheduling::Calendar& calendar) {
  planning::CalendarSpec spec{calendar.calendar_id(), plant.zone(), {}, {}};
  for (const auto& shift : calendar.shifts())
    for (const auto weekday : shift.weekdays()) spec.shifts.push_back({static_cast<int>(weekday), hours_of(shift)});
  for (const auto& exception : calendar.exceptions()) {
    // A date that cannot be read is a day that does not exist, which Calendar::make refuses.
    planning::CalendarException day{parse_date(exception.date()).value_or(std::chrono::year_month_day()), {}, {}};
    for (const auto& shift : exception.shifts()) day.hours.push_back(hours_of(shift));
    spec.exceptions.push_back(std::move(day));
  }
  return planning::Calendar::make(std::move(spec));
}

}  // namespace

Result<CalendarsByEquipment> equipment_calendars(const scheduling::Plant& plant) {
  CalendarsByEquipment by_id, out;
  for (const auto& calendar : plant.calendars()) {
    auto made = make_calendar(plant, calendar);
    if (!made.ok()) return made.status();
    by_id.emplace(calendar.calendar_id(), std::move(made).value());
  }
  for (const auto& equipment : plant.equipment()) {
    const auto found = by_id.find(equipment.calendar_id());
    if (found == by_id.end())
      return invalid("equipment." + equipment.equipment_id(), "has the unknown calendar " + equipment.calendar_id(),
                     "name one of the plant's calendars");
    out.emplace(equipment.equipment_id(), found->second);
  }
  return out;
}

}  // namespace loomline::factory
