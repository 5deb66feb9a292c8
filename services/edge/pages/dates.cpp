#include "pages/dates.hpp"

#include <date/tz.h>

#include <array>

#include "loomline/base/time.hpp"
#include "loomline/wire/convert.hpp"

namespace loomline::edge {
namespace {

using google::protobuf::Timestamp;

const date::time_zone* zone_of(std::string_view name) {
  try {
    return date::locate_zone(std::string(name));
  } catch (const std::runtime_error&) {  // what the library throws for a name it does not know
    return nullptr;
  }
}

struct Local {
  date::year_month_day date;
  int hour = 0;
  int minute = 0;
  int year() const { return static_cast<int>(date.year()); }
  unsigned month() const { return static_cast<unsigned>(date.month()); }
  unsigned day() const { return static_cast<unsigned>(date.day()); }
};

Local local(Time time, std::string_view zone) {
  const auto* where = zone_of(zone);
  const auto shifted = where != nullptr ? where->to_local(time).time_since_epoch() : time.time_since_epoch();
  const date::local_time<Duration> at{shifted};
  const auto midnight = date::floor<date::days>(at);
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(at - midnight).count();
  return {date::year_month_day{midnight}, static_cast<int>(minutes / 60), static_cast<int>(minutes % 60)};
}

std::string month_name(unsigned month) {
  static constexpr std::array<std::string_view, 12> names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  return std::string(names.at(month - 1));
}

std::string two(int number) { return (number < 10 ? "0" : "") + std::to_string(number); }

std::string date_text(const Local& at, Language language) {
  if (language == Language::zh)
    return std::to_string(at.year()) + "年" + std::to_string(at.month()) + "月" + std::to_string(at.day()) + "日";
  return std::to_string(at.day()) + " " + month_name(at.month()) + " " + std::to_string(at.year());
}

// The first day as far as the last does not say it already.
std::string shortened(const Local& first, const Local& last, Language language) {
  const bool same_year = first.year() == last.year();
  const bool same_month = same_year && first.month() == last.month();
  if (language == Language::zh) return date_text(first, language);
  if (!same_year) return date_text(first, language);
  return std::to_string(first.day()) + (same_month ? "" : " " + month_name(first.month()));
}

std::string last_shortened(const Local& first, const Local& last, Language language) {
  if (language != Language::zh) return date_text(last, language);
  if (first.year() != last.year()) return date_text(last, language);
  const std::string in_month = std::to_string(last.day()) + "日";
  return first.month() == last.month() ? in_month : std::to_string(last.month()) + "月" + in_month;
}

}  // namespace

std::string moment(const Timestamp& at, std::string_view zone, Language language) {
  const Local when = local(wire::to_time(at), zone);
  return date_text(when, language) + (language == Language::zh ? " " : ", ") + two(when.hour) + ":" + two(when.minute);
}

std::string day(const Timestamp& at, std::string_view zone, Language language) {
  return date_text(local(wire::to_time(at), zone), language);
}

std::string days(const Timestamp& earliest, const Timestamp& latest, std::string_view zone, Language language) {
  const Local first = local(wire::to_time(earliest), zone);
  // Half open: a window that ends at midnight ends with the day before.
  const Local last = local(std::max(wire::to_time(latest) - Duration(1), wire::to_time(earliest)), zone);
  if (first.date == last.date) return date_text(first, language);
  return shortened(first, last, language) + (language == Language::zh ? "至" : " – ") +
         last_shortened(first, last, language);
}

std::string machine_time(const Timestamp& at) { return format_rfc3339(wire::to_time(at)); }

std::string zone_name(std::string_view zone) { return zone_of(zone) != nullptr ? std::string(zone) : "UTC"; }

}  // namespace loomline::edge
