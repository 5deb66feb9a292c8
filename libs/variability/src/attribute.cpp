#include "loomline/variability/attribute.hpp"

#include <algorithm>

namespace loomline::variability {

namespace {
constexpr int kMaxDigits = 18;
}

std::optional<Decimal> Decimal::parse(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  if (negative) text.remove_prefix(1);
  Decimal result;
  int digits = 0;
  bool point = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '.' && !point && i > 0 && i + 1 < text.size()) {
      point = true;
      continue;
    }
    if (c < '0' || c > '9') return std::nullopt;
    if (result.mantissa != 0 || c != '0' || point) ++digits;
    if (digits > kMaxDigits) return std::nullopt;
    result.mantissa = result.mantissa * 10 + (c - '0');
    if (point) ++result.scale;
  }
  if (text.empty()) return std::nullopt;
  if (negative) result.mantissa = -result.mantissa;
  return result;
}

std::string Decimal::to_string() const {
  std::string digits = std::to_string(mantissa < 0 ? -mantissa : mantissa);
  const auto places = static_cast<std::size_t>(scale);
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  if (places > 0) digits.insert(digits.size() - places, ".");
  return (mantissa < 0 ? "-" : "") + digits;
}

std::optional<std::int64_t> Decimal::at_scale(int target) const {
  std::int64_t value = mantissa;
  for (int i = target; i < scale; ++i) {
    if (value % 10 != 0) return std::nullopt;
    value /= 10;
  }
  for (int i = scale; i < target; ++i)
    if (__builtin_mul_overflow(value, std::int64_t{10}, &value)) return std::nullopt;
  return value;
}

const AttributeValue* find_attribute(const Attributes& attributes, std::string_view name) {
  const auto at = std::lower_bound(attributes.begin(), attributes.end(), name,
                                   [](const auto& entry, std::string_view key) { return entry.first < key; });
  return at != attributes.end() && at->first == name ? &at->second : nullptr;
}

}  // namespace loomline::variability
