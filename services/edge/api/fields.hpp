// Single fields of a message from text, with errors that name the field, the problem and the remedy.
#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <string_view>

#include "loomline/base/status.hpp"

namespace loomline::edge {

// Sets the field that `path` names ("page.page_size") from the text of a query or path parameter: integers in decimal,
// booleans as true or false, enums by value name with or without their prefix, times in RFC 3339. A repeated field
// grows by one. Adds a violation to `status` where it cannot.
void set_field(google::protobuf::Message& message, std::string_view path, std::string_view text, Status& status);

// The enum value that `text` names, with or without the enum's prefix; null where there is none.
const google::protobuf::EnumValueDescriptor* enum_value(const google::protobuf::EnumDescriptor& type,
                                                        std::string_view text);
}  // namespace loomline::edge
