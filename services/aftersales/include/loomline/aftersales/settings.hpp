// What an installation decides about after-sales service.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "loomline/base/status.hpp"
#include "loomline/planning/calendar.hpp"

namespace loomline::aftersales {

struct Settings {
  // Service hours: the clocks of tickets run in them only.
  planning::CalendarSpec hours;
  // From the last delivery to the survey, and from there until it is given up.
  std::chrono::days survey_after{30};
  std::chrono::days survey_open{30};
};

// Reads, by `variable` (as std::getenv does; nothing: not set):
//   LOOMLINE_SERVICE_ZONE      IANA zone of the service hours; UTC
//   LOOMLINE_SERVICE_HOURS     hours of a working day; 09:00-17:00. Several: "09:00-12:00,13:00-18:00"
//   LOOMLINE_SERVICE_CALENDAR  a CSV file of exceptions, `date,kind` with kind off or work; none: Monday to Friday
//   LOOMLINE_SURVEY_DAYS       1 to 365; 30
// invalid_argument names the variable, or the file's line.
Result<Settings> read_settings(const std::function<std::optional<std::string>(const std::string&)>& variable);
Result<Settings> settings_from_environment();

// Monday to Friday with those hours, other days by the CSV text.
Result<planning::CalendarSpec> service_hours(const std::string& zone, const std::string& hours,
                                             const std::string& exceptions_csv);

}  // namespace loomline::aftersales
