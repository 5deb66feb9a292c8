#include "src/text.hpp"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <stdexcept>

namespace loomline::postgres {
namespace {

[[noreturn]] void unreadable(std::string_view text, const char* wanted) {
  throw std::logic_error("'" + std::string(text.substr(0, 60)) + "' does not read as " + wanted);
}

template <class Number>
Number read_number(std::string_view text, const char* wanted) {
  Number value{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size()) unreadable(text, wanted);
  return value;
}

// std::chrono's years end at 32767 and PostgreSQL's at 294276: the calendar repeats every 400 years.
constexpr std::int64_t kCycleYears = 400;
constexpr std::int64_t kCycleDays = 146097;
constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;

struct Division {
  std::int64_t quotient;
  std::int64_t rest;  // never negative
};

Division floored(std::int64_t value, std::int64_t by) {
  std::int64_t quotient = value / by, rest = value % by;
  if (rest < 0) --quotient, rest += by;
  return {quotient, rest};
}

std::int64_t days_of(std::int64_t year, unsigned month, unsigned day, std::string_view text) {
  const auto cycle = floored(year - 1970, kCycleYears);
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(1970 + cycle.rest)),
                                         std::chrono::month(month), std::chrono::day(day));
  if (!date.ok()) unreadable(text, "a time");
  return cycle.quotient * kCycleDays + std::chrono::sys_days(date).time_since_epoch().count();
}

// Takes digits and what must stand before them from the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text), rest_(text) {}

  bool take(std::string_view expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }
  void need(std::string_view expected) {
    if (!take(expected)) fail();
  }
  std::int64_t digits() {
    std::int64_t value = 0;
    const auto [end, problem] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (problem != std::errc() || value < 0 || rest_.front() == '-') fail();
    length_ = static_cast<std::size_t>(end - rest_.data());
    rest_.remove_prefix(length_);
    return value;
  }
  std::size_t digits_read() const { return length_; }
  bool done() const { return rest_.empty(); }
  [[noreturn]] void fail() const { unreadable(text_, "a time"); }

 private:
  std::string_view text_;
  std::string_view rest_;
  std::size_t length_ = 0;
};

std::int64_t read_fraction(Scanner& scan) {
  std::int64_t micros = scan.digits();
  if (scan.digits_read() > 6) scan.fail();
  for (auto i = scan.digits_read(); i < 6; ++i) micros *= 10;
  return micros;
}

std::int64_t read_offset(Scanner& scan) {
  const bool west = scan.take("-");
  if (!west) scan.need("+");
  std::int64_t seconds = scan.digits() * 3600;
  if (scan.take(":")) seconds += scan.digits() * 60;
  if (scan.take(":")) seconds += scan.digits();
  return west ? -seconds : seconds;
}

void append_padded(std::string& out, std::int64_t value, std::size_t width) {
  const auto digits = std::to_string(value);
  if (digits.size() < width) out.append(width - digits.size(), '0');
  out += digits;
}

}  // namespace

std::int64_t read_int64(std::string_view text) { return read_number<std::int64_t>(text, "an integer"); }
double read_double(std::string_view text) { return read_number<double>(text, "a real number"); }
double read_float(std::string_view text) { return static_cast<double>(read_number<float>(text, "a real number")); }

std::string write_double(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  std::array<char, 32> buffer{};
  const auto [end, problem] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return {buffer.data(), end};
}

Time read_time(std::string_view text) {
  if (text == "infinity") return Time::max();
  if (text == "-infinity") return Time::min();
  Scanner scan(text);
  std::int64_t year = scan.digits();
  scan.need("-");
  const auto month = static_cast<unsigned>(scan.digits());
  scan.need("-");
  const auto day = static_cast<unsigned>(scan.digits());
  scan.need(" ");
  std::int64_t seconds = scan.digits() * 3600;
  scan.need(":");
  seconds += scan.digits() * 60;
  scan.need(":");
  seconds += scan.digits();
  const std::int64_t micros = scan.take(".") ? read_fraction(scan) : 0;
  seconds -= read_offset(scan);
  if (scan.take(" BC")) year = 1 - year;
  if (!scan.done()) scan.fail();
  return Time(Duration(days_of(year, month, day, text) * kMicrosPerDay + seconds * kMicrosPerSecond + micros));
}

std::string write_time(Time time) {
  if (time == Time::max()) return "infinity";
  if (time == Time::min()) return "-infinity";
  const auto day = floored(time.time_since_epoch().count(), kMicrosPerDay);
  const auto cycle = floored(day.quotient, kCycleDays);
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(cycle.rest))};
  const std::int64_t year = static_cast<int>(date.year()) + cycle.quotient * kCycleYears;
  const auto second = floored(day.rest, kMicrosPerSecond);
  std::string out;
  append_padded(out, year > 0 ? year : 1 - year, 4);
  out += '-';
  append_padded(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  append_padded(out, static_cast<unsigned>(date.day()), 2);
  out += ' ';
  append_padded(out, second.quotient / 3600, 2);
  out += ':';
  append_padded(out, second.quotient / 60 % 60, 2);
  out += ':';
  append_padded(out, second.quotient % 60, 2);
  out += '.';
  append_padded(out, second.rest, 6);
  return out + (year > 0 ? "+00" : "+00 BC");
}

std::vector<std::string> read_array(std::string_view text) {
  auto rest = text;
  // "[2:3]={...}" where the first index is not 1.
  if (rest.starts_with("[")) rest.remove_prefix(std::min(rest.find('=') + 1, rest.size()));
  if (!rest.starts_with("{") || !rest.ends_with("}")) unreadable(text, "an array");
  rest = rest.substr(1, rest.size() - 2);
  std::vector<std::string> out;
  while (!rest.empty()) {
    auto& item = out.emplace_back();
    std::size_t at = 0;
    if (rest.front() == '{') throw std::logic_error("the array has more than one dimension");
    if (rest.front() == '"') {
      for (at = 1; at < rest.size() && rest[at] != '"'; ++at) {
        if (rest[at] == '\\') ++at;
        if (at < rest.size()) item.push_back(rest[at]);
      }
      if (at++ >= rest.size()) unreadable(text, "an array");
    } else {
      at = std::min(rest.find(','), rest.size());
      item = rest.substr(0, at);
      if (item == "NULL") throw std::logic_error("the array holds a NULL");
    }
    rest.remove_prefix(at);
    if (rest.empty()) break;
    if (rest.front() != ',' || rest.size() == 1) unreadable(text, "an array");
    rest.remove_prefix(1);
  }
  return out;
}

std::size_t hex_bytes(std::string_view text) {
  if (!text.starts_with("\\x") || text.size() % 2 != 0) unreadable(text, "bytes");
  return (text.size() - 2) / 2;
}

void read_hex(std::string_view text, char* out) {
  const char* in = text.data() + 2;
  const char* const end = text.data() + text.size();
  // The value of a digit is its low half, and 9 more for a letter (bit 6). Eight digits at a time: bytea is what states
  // and events travel as, and this loop is the whole cost of reading it as text.
  if constexpr (std::endian::native == std::endian::little) {
    for (; end - in >= 8; in += 8, out += 4) {
      std::uint64_t digits = 0;
      std::memcpy(&digits, in, 8);
      digits = (digits & 0x0f0f0f0f0f0f0f0f) + 9 * ((digits >> 6) & 0x0101010101010101);
      std::uint64_t pairs = ((digits << 4) | (digits >> 8)) & 0x00ff00ff00ff00ff;
      pairs = (pairs | (pairs >> 8)) & 0x0000ffff0000ffff;
      const auto four = static_cast<std::uint32_t>(pairs | (pairs >> 16));
      std::memcpy(out, &four, 4);
    }
  }
  const auto digit = [](char c) { return (c & 0x0f) + 9 * ((c >> 6) & 1); };
  for (; in != end; in += 2) *out++ = static_cast<char>(digit(in[0]) << 4 | digit(in[1]));
}

}  // namespace loomline::postgres
