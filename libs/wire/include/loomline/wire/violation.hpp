// What an error about a request says of a field, and what a remedy can offer instead.
#pragma once

#include <google/protobuf/descriptor.h>

#include <string>

#include "loomline/base/status.hpp"

namespace loomline::wire {

// Collects violations under one code and reason, twenty at most.
void add_violation(Status& status, std::string field, std::string problem, std::string remedy);

// "A, B, C" without the unspecified value.
std::string enum_names(const google::protobuf::EnumDescriptor& type);
// "a, b, c": what the message has.
std::string field_names(const google::protobuf::Descriptor& type);

}  // namespace loomline::wire
