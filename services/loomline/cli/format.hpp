// How values of the contracts read in a terminal.
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include <cstdint>
#include <string>

#include "loomline/base/status.hpp"
#include "loomline/common/v1/types.pb.h"
#include "loomline/scheduling/v1/scheduling.pb.h"

namespace loomline::cli {

// "841.90 EUR"; currencies without minor units ("JPY") as whole numbers. "" where absent.
std::string money(const common::v1::Money& value);
// "1200.50EUR" or "1200.50 EUR" -> {120050, "EUR"}; invalid_argument otherwise.
Result<common::v1::Money> parse_money(const std::string& text);

// "2026-11-22 03:04Z"; "" where absent.
std::string moment(const google::protobuf::Timestamp& time);
// "2026-12-01 .. 2026-12-03 UTC, 90 %"
std::string window(const scheduling::v1::Promise& promise);

// A value's name without the enum's prefix, lower case: MILESTONE_IN_PRODUCTION -> "in production".
std::string enum_text(const google::protobuf::EnumDescriptor* type, int number);
template <class Enum>
std::string enum_text(Enum value) {
  return enum_text(google::protobuf::GetEnumDescriptor<Enum>(), static_cast<int>(value));
}

// The value whose text is `text` ("in production", "in-production", "IN_PRODUCTION"); invalid_argument names the legal
// ones, with `field` the flag that it came from.
Result<int> parse_enum(const google::protobuf::EnumDescriptor* type, const std::string& field, const std::string& text);
template <class Enum>
Result<Enum> parse_enum(const std::string& field, const std::string& text) {
  auto number = parse_enum(google::protobuf::GetEnumDescriptor<Enum>(), field, text);
  if (!number.ok()) return number.status();
  return static_cast<Enum>(*number);
}

}  // namespace loomline::cli
