// JSON against a message type, before protobuf's own parser, whose errors do not name fields well enough to act on.
#pragma once

#include <google/protobuf/descriptor.h>

#include <string_view>

#include "loomline/base/status.hpp"

namespace loomline::edge {

// ok where every member of `json` is a field of `type` (by either of its names) and of the right shape. `json` has
// passed http::check_json.
Status check_fields(std::string_view json, const google::protobuf::Descriptor& type);

}  // namespace loomline::edge
