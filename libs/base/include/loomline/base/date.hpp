// Days of the calendar as text.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace loomline {

// "2026-10-01"; none where it is no day of the calendar or written otherwise.
std::optional<std::chrono::year_month_day> parse_date(std::string_view text);

}  // namespace loomline
