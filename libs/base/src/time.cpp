#include "loomline/base/time.hpp"

#include <date/date.h>

#include <charconv>
#include <cstdio>

namespace loomline {
namespace {

// Reads exactly `digits` decimal digits at `at`; -1 where they are not there.
int digits_at(std::string_view text, std::size_t at, std::size_t digits) {
  if (at + digits > text.size()) return -1;
  int value = 0;
  for (std::size_t i = at; i < at + digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

Status malformed(std::string_view text) {
  return invalid("time", "'" + std::string(text.substr(0, 40)) + "' is not an RFC 3339 time in the years 0001 to 9999",
                 "write it as 2026-11-22T08:30:00Z or 2026-11-22T16:30:00+08:00");
}

}  // namespace

Time wall_now() { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }

std::string format_rfc3339(Time time) {
  const auto day = date::floor<date::days>(time);
  const date::year_month_day ymd{day};
  const auto of_day = time - day;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(of_day).count();
  const auto micros = static_cast<long>((of_day - std::chrono::seconds(seconds)).count());
  char text[48];
  int size = std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02ld:%02ld:%02ld", static_cast<int>(ymd.year()),
                           static_cast<unsigned>(ymd.month()), static_cast<unsigned>(ymd.day()), seconds / 3600,
                           seconds / 60 % 60, seconds % 60);
  std::string out(text, static_cast<std::size_t>(size));
  if (micros % 1000 != 0) {
    size = std::snprintf(text, sizeof text, ".%06ld", micros);
    out.append(text, static_cast<std::size_t>(size));
  } else if (micros != 0) {
    size = std::snprintf(text, sizeof text, ".%03ld", micros / 1000);
    out.append(text, static_cast<std::size_t>(size));
  }
  return out + "Z";
}

Result<Time> parse_rfc3339(std::string_view text) {
  const int year = digits_at(text, 0, 4), month = digits_at(text, 5, 2), day = digits_at(text, 8, 2);
  const int hour = digits_at(text, 11, 2), minute = digits_at(text, 14, 2), second = digits_at(text, 17, 2);
  if (year < 0 || month < 0 || day < 0 || hour < 0 || minute < 0 || second < 0) return malformed(text);
  if (text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != 't' && text[10] != ' ') || text[13] != ':' ||
      text[16] != ':')
    return malformed(text);
  const auto ymd = date::year{year} / month / day;
  if (!ymd.ok() || hour > 23 || minute > 59 || second > 60) return malformed(text);
  std::size_t at = 19;
  long micros = 0;
  if (at < text.size() && text[at] == '.') {
    long scale = 100000;
    const std::size_t first = ++at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, scale /= 10)
      micros += (text[at] - '0') * scale;
    if (at == first) return malformed(text);
  }
  std::chrono::minutes offset{0};
  if (at >= text.size()) return malformed(text);
  if (text[at] == 'Z' || text[at] == 'z') {
    ++at;
  } else {
    const int sign = text[at] == '+' ? 1 : text[at] == '-' ? -1 : 0;
    const int oh = digits_at(text, at + 1, 2), om = digits_at(text, at + 4, 2);
    if (sign == 0 || oh < 0 || oh > 23 || om < 0 || om > 59 || text[at + 3] != ':') return malformed(text);
    offset = std::chrono::minutes(sign * (oh * 60 + om));
    at += 6;
  }
  if (at != text.size()) return malformed(text);
  const Time time{date::sys_days{ymd} + std::chrono::hours(hour) + std::chrono::minutes(minute) +
                  std::chrono::seconds(second) + Duration(micros) - offset};
  // What a Timestamp of the contracts can hold, in UTC: with its offset or as a leap second a time may leave its year.
  static constexpr Time kFirst{date::sys_days{date::year{1} / 1 / 1}};
  static constexpr Time kBehindLast{date::sys_days{date::year{10000} / 1 / 1}};
  if (time < kFirst || time >= kBehindLast) return malformed(text);
  return time;
}

}  // namespace loomline
