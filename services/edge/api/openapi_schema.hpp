// JSON Schemas (2020-12, as OpenAPI 3.1 uses them) of contract messages, with their comments.
#pragma once

#include <google/protobuf/descriptor.h>

#include <boost/json.hpp>
#include <map>
#include <string>

namespace loomline::edge {

// The comment that stands before a thing, on one line a paragraph.
template <class Descriptor>
std::string comment_of(const Descriptor& thing);

// Collects the schemas of all messages and enums that are asked for, and of what they hold.
class Schemas {
 public:
  // {"$ref": "#/components/schemas/intake.v1.Order"}
  boost::json::object reference(const google::protobuf::Descriptor& type);
  // The schema of one field's value.
  boost::json::object field(const google::protobuf::FieldDescriptor& field);
  // Everything collected, by name.
  boost::json::object all() const;

 private:
  boost::json::object single(const google::protobuf::FieldDescriptor& field);
  boost::json::object enumeration(const google::protobuf::EnumDescriptor& type);
  std::map<std::string, boost::json::object> known_;
};

}  // namespace loomline::edge
