#include "loomline/wire/check.hpp"

#include <date/tz.h>

#include <algorithm>

#include "loomline/base/id.hpp"

namespace loomline::wire {
namespace {

bool is_upper(std::string_view value, std::size_t size) {
  return value.size() == size && std::all_of(value.begin(), value.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

// The length of the UTF-8 sequence that starts here, 0 where it is not one (RFC 3629: no overlong form, no surrogate).
std::size_t utf8_length(std::string_view s) {
  const auto byte = [&](std::size_t i) { return i < s.size() ? static_cast<unsigned char>(s[i]) : 0U; };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return tail(1) ? 2 : 0;
  if ((first & 0xF0U) == 0xE0U) {
    if (!tail(1) || !tail(2)) return 0;
    if (first == 0xE0 && byte(1) < 0xA0) return 0;
    if (first == 0xED && byte(1) > 0x9F) return 0;
    return 3;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if (!tail(1) || !tail(2) || !tail(3)) return 0;
    if (first == 0xF0 && byte(1) < 0x90) return 0;
    if (first == 0xF4 && byte(1) > 0x8F) return 0;
    return 4;
  }
  return 0;
}

bool is_clean_text(std::string_view value) {
  while (!value.empty()) {
    const auto size = utf8_length(value);
    const auto first = static_cast<unsigned char>(value[0]);
    if (size == 0 || first == 0x7F || (first < 0x20 && first != '\t' && first != '\n' && first != '\r')) return false;
    value.remove_prefix(size);
  }
  return true;
}

}  // namespace

std::string path(std::string_view list, int index, std::string_view field) {
  std::string out{list};
  out += "[" + std::to_string(index) + "]";
  if (!field.empty()) out.append(".").append(field);
  return out;
}

void Checker::fail(std::string field, std::string problem, std::string remedy) {
  if (status_.ok()) {
    status_ = invalid(std::move(field), std::move(problem), std::move(remedy));
  } else {
    status_.with({std::move(field), std::move(problem), std::move(remedy)});
  }
}

void Checker::require(bool holds, std::string field, std::string problem, std::string remedy) {
  if (!holds) fail(std::move(field), std::move(problem), std::move(remedy));
}

void Checker::id(std::string field, std::string_view value, std::string_view id_prefix, bool required) {
  if (value.empty() && !required) return;
  const std::string wanted = "give an id that starts with " + std::string(id_prefix) + "_";
  if (value.empty())
    fail(std::move(field), "is missing", wanted);
  else if (!is_id(id_prefix, value))
    fail(std::move(field), "is not such an id", wanted);
}

void Checker::range(std::string field, std::int64_t value, std::int64_t lowest, std::int64_t highest) {
  if (value >= lowest && value <= highest) return;
  fail(std::move(field), "is " + std::to_string(value),
       "give a whole number from " + std::to_string(lowest) + " to " + std::to_string(highest));
}

void Checker::text(std::string field, std::string_view value, std::size_t most, bool required) {
  if (value.empty()) {
    if (required) fail(std::move(field), "is missing", "give a text");
  } else if (value.size() > most) {
    fail(std::move(field), "has " + std::to_string(value.size()) + " bytes",
         "shorten it to at most " + std::to_string(most));
  } else if (!is_clean_text(value)) {
    fail(std::move(field), "is not clean UTF-8 text", "send UTF-8 without control characters");
  }
}

void Checker::country(std::string field, std::string_view value, bool required) {
  if ((value.empty() && !required) || is_upper(value, 2)) return;
  fail(std::move(field), value.empty() ? "is missing" : "is no country code",
       "give ISO 3166-1 alpha-2, such as DE or CN");
}

void Checker::currency(std::string field, std::string_view value, bool required) {
  if ((value.empty() && !required) || is_upper(value, 3)) return;
  fail(std::move(field), value.empty() ? "is missing" : "is no currency code", "give ISO 4217, such as EUR or CNY");
}

void Checker::zone(std::string field, std::string_view value, bool required) {
  if (value.empty() && !required) return;
  if (!value.empty() && value.size() <= 64) {
    try {
      date::locate_zone(std::string(value));
      return;
    } catch (const std::exception&) {  // the library has no other way to say "unknown"
    }
  }
  fail(std::move(field), value.empty() ? "is missing" : "is no time zone", "give an IANA zone, such as Europe/Berlin");
}

void Checker::code(std::string field, std::string_view value, bool required) {
  if (value.empty() && !required) return;
  const bool fits = !value.empty() && value.size() <= 64 && std::all_of(value.begin(), value.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
  if (!fits)
    fail(std::move(field), value.empty() ? "is missing" : "is no code", "give upper-case letters, digits and _");
}

}  // namespace loomline::wire
