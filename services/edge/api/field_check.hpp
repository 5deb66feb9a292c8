// JSON into a message: by itself and not by protobuf's parser, whose errors do not name fields well enough to act on.
#pragma once

#include <google/protobuf/message.h>

#include <string_view>

#include "loomline/base/status.hpp"

namespace loomline::edge {

// Fills an empty `message` by the rules of proto3's JSON mapping. Not ok where a member of `json` is no field of it (by
// either of its names), stands there twice, or is not of the right shape: then `message` is of no use. `json` has
// passed http::check_json. Public requests have no bytes, maps, floating point numbers or well-known types but Timestamp.
Status read_fields(std::string_view json, google::protobuf::Message& message);

}  // namespace loomline::edge
