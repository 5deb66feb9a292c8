#include "loomline/wire/enum_name.hpp"

#include <string_view>

namespace loomline::wire {

std::string short_name(const google::protobuf::EnumDescriptor& type, int number) {
  const auto* value = type.FindValueByNumber(number);
  if (value == nullptr) return std::to_string(number);
  constexpr std::string_view unspecified = "UNSPECIFIED";
  const auto* zero = type.FindValueByNumber(0);
  const bool prefixed = zero != nullptr && zero->name().ends_with(unspecified);
  const auto prefix = prefixed ? zero->name().substr(0, zero->name().size() - unspecified.size()) : std::string();
  return value->name().starts_with(prefix) ? value->name().substr(prefix.size()) : value->name();
}

}  // namespace loomline::wire
