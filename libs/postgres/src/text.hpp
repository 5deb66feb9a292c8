// PostgreSQL's text forms under the settings of our sessions (DateStyle ISO, TimeZone UTC, bytea_output hex). Text that
// is not in the expected form is a mistake in the program: std::logic_error.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "loomline/base/time.hpp"

namespace loomline::postgres {

std::int64_t read_int64(std::string_view text);
double read_double(std::string_view text);
// real: read as the float that it is, then widened.
double read_float(std::string_view text);
// The shortest text that reads back as the same double.
std::string write_double(double value);

// "2026-03-01 12:00:00.000001+00", years before 1 as "0044-03-15 ... BC"; Time::max() is infinity, Time::min()
// -infinity.
Time read_time(std::string_view text);
std::string write_time(Time time);

// Elements of a one-dimensional array. NULL elements are refused: no getter has a place for them.
std::vector<std::string> read_array(std::string_view text);

// Bytes that a bytea of this text holds, and the bytes themselves ("\x00ff").
std::size_t hex_bytes(std::string_view text);
void read_hex(std::string_view text, char* out);

}  // namespace loomline::postgres
