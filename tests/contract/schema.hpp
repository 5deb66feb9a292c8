// A message as JSON Schema, in protobuf's JSON mapping. Not for others.
#pragma once

#include <google/protobuf/descriptor.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>

namespace loomline::contract {

using Json = nlohmann::ordered_json;

// The schema of a message or an enum; what it refers to stands under "#/components/schemas/<full name>".
Json schema_of(const google::protobuf::Descriptor& message);
Json schema_of(const google::protobuf::EnumDescriptor& type);
// Adds the message and everything that it refers to.
void add_schemas(const google::protobuf::Descriptor& message, Json& schemas);

}  // namespace loomline::contract
