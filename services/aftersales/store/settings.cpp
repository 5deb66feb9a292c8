#include "loomline/aftersales/settings.hpp"

#include <charconv>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "loomline/base/date.hpp"

namespace loomline::aftersales {
namespace {

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

// "HH:MM", up to 24:00.
std::optional<std::chrono::minutes> minute_of_day(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const auto hour = number(text.substr(0, 2)), minute = number(text.substr(3));
  if (!hour || !minute || *hour < 0 || *minute < 0 || *minute > 59 || *hour * 60 + *minute > 24 * 60)
    return std::nullopt;
  return std::chrono::minutes(*hour * 60 + *minute);
}

Result<std::vector<planning::Hours>> parse_hours(const std::string& text) {
  const auto wrong =
      invalid("LOOMLINE_SERVICE_HOURS", "is no list of hours", "give hours such as 09:00-12:00,13:00-18:00");
  std::vector<planning::Hours> hours;
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ',');) {
    if (part.size() != 11 || part[5] != '-') return wrong;
    const auto from = minute_of_day(std::string_view(part).substr(0, 5));
    const auto to = minute_of_day(std::string_view(part).substr(6));
    if (!from || !to || *from >= *to || (!hours.empty() && *from < hours.back().to)) return wrong;
    hours.push_back({*from, *to});
  }
  if (hours.empty()) return wrong;
  return hours;
}

}  // namespace

Result<planning::CalendarSpec> service_hours(const std::string& zone, const std::string& hours,
                                             const std::string& exceptions_csv) {
  if (!planning::zone_known(zone))
    return invalid("LOOMLINE_SERVICE_ZONE", "is no time zone", "give an IANA zone, such as Europe/Berlin");
  auto working = parse_hours(hours);
  if (!working.ok()) return working.status();
  auto spec = planning::weekly("service-hours", zone, 1, 5, *working);
  std::istringstream lines(exceptions_csv);
  int line_number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++line_number;
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty() || (line_number == 1 && line == "date,kind")) continue;
    const auto comma = line.find(',');
    const auto date = parse_date(std::string_view(line).substr(0, comma));
    const auto kind = comma == line.npos ? std::string() : line.substr(comma + 1);
    if (!date || (kind != "off" && kind != "work"))
      return invalid("LOOMLINE_SERVICE_CALENDAR", "line " + std::to_string(line_number) + " is no date and kind",
                     "write lines such as 2026-10-01,off or 2026-10-10,work");
    planning::CalendarException exception{*date, {}, kind};
    if (kind == "work") exception.hours = *working;
    spec.exceptions.push_back(exception);
  }
  return spec;
}

Result<Settings> read_settings(const std::function<std::optional<std::string>(const std::string&)>& variable) {
  Settings settings;
  std::string exceptions;
  if (const auto path = variable("LOOMLINE_SERVICE_CALENDAR")) {
    std::ifstream file(*path);
    if (!file)
      return invalid("LOOMLINE_SERVICE_CALENDAR", "cannot be read", "give the path of a CSV file with date,kind lines");
    std::ostringstream text;
    text << file.rdbuf();
    exceptions = text.str();
  }
  auto hours = service_hours(variable("LOOMLINE_SERVICE_ZONE").value_or("UTC"),
                             variable("LOOMLINE_SERVICE_HOURS").value_or("09:00-17:00"), exceptions);
  if (!hours.ok()) return hours.status();
  settings.hours = *hours;
  if (const auto text = variable("LOOMLINE_SURVEY_DAYS")) {
    const auto days = number(*text);
    if (!days || *days < 1 || *days > 365)
      return invalid("LOOMLINE_SURVEY_DAYS", "is no number of days", "give a whole number from 1 to 365");
    settings.survey_after = std::chrono::days(*days);
  }
  return settings;
}

Result<Settings> settings_from_environment() {
  return read_settings([](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr || *value == '\0') return std::nullopt;
    return value;
  });
}

}  // namespace loomline::aftersales
