// JSON into a message: by itself and not by protobuf's parser, whose errors do not name fields well enough to act on, and
// which takes several times as long (tests/bench/json_bench).
#pragma once

#include <google/protobuf/message.h>

#include <string_view>

#include "loomline/base/status.hpp"

namespace loomline::wire {

// What to do with a member that is no field of the message, and with an enum's value that is not known.
enum class Unknown {
  refuse,  // a request: it may be misspelt
  ignore,  // an answer: it may come from a newer server
};

// Fills an empty `message` by the rules of proto3's JSON mapping. Not ok where a member of `json` is no field of it (by
// either of its names) and that is to be refused, stands there twice, or is not of the right shape: then `message` is of
// no use. Public messages have no bytes, maps, floating point numbers or well-known types but Timestamp.
Status read_json(std::string_view json, google::protobuf::Message& message, Unknown unknown = Unknown::refuse);

}  // namespace loomline::wire
