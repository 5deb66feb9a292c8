// Points in time as microseconds since the Unix epoch in UTC, and their RFC 3339 text.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "loomline/base/status.hpp"

namespace loomline {

using Duration = std::chrono::microseconds;
using Time = std::chrono::sys_time<Duration>;

// The wall clock, for infrastructure only: domain code takes the business time as an argument.
Time wall_now();

// "2026-11-22T03:04:05Z"; with a fraction ("05.250Z", "05.250001Z") only where there is one.
std::string format_rfc3339(Time time);

// Accepts RFC 3339 of the years 0001 to 9999 (UTC); drops what is below a microsecond. invalid_argument otherwise.
Result<Time> parse_rfc3339(std::string_view text);

}  // namespace loomline
