// Names of enum values as people write them.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/generated_enum_reflection.h>

#include <string>

namespace loomline::wire {

// "PLACED" for ORDER_STATE_PLACED: without the prefix that the enum's zero value has before UNSPECIFIED. A number that
// this version does not know gives its digits.
std::string short_name(const google::protobuf::EnumDescriptor& type, int number);

template <class Enum>
std::string short_name(Enum value) {
  return short_name(*google::protobuf::GetEnumDescriptor<Enum>(), static_cast<int>(value));
}

}  // namespace loomline::wire
