// Attribute values of features: exact decimals (never floating point), text, flags, lists and nested attributes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace loomline::variability {

// mantissa / 10^scale: "841.90" is {84190, 2}. At most 18 significant digits, scale 0 to 18.
struct Decimal {
  std::int64_t mantissa = 0;
  int scale = 0;
  bool operator==(const Decimal&) const = default;

  // "-12.50"; nothing else is accepted (no exponent, no spaces). Empty where the text is not such a number or too long.
  static std::optional<Decimal> parse(std::string_view text);
  std::string to_string() const;
  // The value times 10^target exactly; empty where digits would be lost or the result does not fit ("1.005" at 2).
  std::optional<std::int64_t> at_scale(int target) const;
};

// One attribute value. Exactly one of the members is meant, as `kind` says.
struct AttributeValue {
  enum class Kind { flag, number, text, list, nested };
  Kind kind = Kind::flag;
  bool flag = true;
  Decimal number;
  std::string text;
  std::vector<AttributeValue> items;                           // list
  std::vector<std::pair<std::string, AttributeValue>> fields;  // nested, sorted by name
  bool operator==(const AttributeValue&) const = default;
};

using Attributes = std::vector<std::pair<std::string, AttributeValue>>;  // sorted by name, names unique

// The value under `name`, or nullptr.
const AttributeValue* find_attribute(const Attributes& attributes, std::string_view name);

}  // namespace loomline::variability
