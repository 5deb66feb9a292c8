// Messages as JSON, in the words of the proto3 mapping: what google::protobuf::util::MessageToJsonString writes with the
// options preserve_proto_field_names and always_print_primitive_fields, with the fields in the order of the contract
// (edge's json_test holds it to that with random messages of every type of the API). That function goes over the wire format and a tree of objects, and
// took about half of what an answer cost the edge. Rare things (other scripts than Latin and Chinese, floating point,
// bytes, the well-known types but Timestamp and Duration) are still written by it.
#pragma once

#include <google/protobuf/message.h>

#include <string>

namespace loomline::wire {

// Appends; std::logic_error where a Timestamp or Duration is out of its range.
void write_json(const google::protobuf::Message& message, std::string& out);

}  // namespace loomline::wire
