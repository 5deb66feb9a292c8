#include "calendars.hpp"

#include <cstdlib>
#include <utility>

namespace loomline::factory {

namespace {

planning::Hours hours_of(const scheduling::Shift& shift) {
  return {std::chrono::minutes(shift.start_minute()), std::chrono::minutes(shift.end_minute() % 1440)};
}

// "2026-10-01"; a date that cannot be read is a calendar day that does not exist, which Calendar::make refuses.
std::chrono::year_month_day date_of(const std::string& text) {
  if (text.size() != 10) return {};
  return {std::chrono::year(std::atoi(text.c_str())),
          std::chrono::month(static_cast<unsigned>(std::atoi(text.c_str() + 5))),
          std::chrono::day(static_cast<unsigned>(std::atoi(text.c_str() + 8)))};
}

Result<std::shared_ptr<const planning::Calendar>> make_calendar(const scheduling::Plant& plant,
                                                                const scheduling::Calendar& calendar) {
  planning::CalendarSpec spec{calendar.calendar_id(), plant.zone(), {}, {}};
  for (const auto& shift : calendar.shifts())
    for (const auto weekday : shift.weekdays()) spec.shifts.push_back({static_cast<int>(weekday), hours_of(shift)});
  for (const auto& exception : calendar.exceptions()) {
    planning::CalendarException day{date_of(exception.date()), {}, {}};
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
