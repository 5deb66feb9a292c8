#include "api/openapi_schema.hpp"

namespace loomline::edge {
namespace {

namespace json = boost::json;
using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

constexpr std::string_view kPackage = "loomline.";

std::string short_name(const std::string& full_name) {
  return full_name.starts_with(kPackage) ? full_name.substr(kPackage.size()) : full_name;
}

json::object reference_to(const std::string& name) { return {{"$ref", "#/components/schemas/" + name}}; }

}  // namespace

template <class Thing>
std::string comment_of(const Thing& thing) {
  google::protobuf::SourceLocation location;
  if (!thing.GetSourceLocation(&location)) return {};
  std::string out;
  for (const char c : location.leading_comments) {
    const char plain = c == '\n' ? ' ' : c;
    if (plain == ' ' && (out.empty() || out.back() == ' ')) continue;
    out.push_back(plain);
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}
template std::string comment_of(const MethodDescriptor&);
template std::string comment_of(const ServiceDescriptor&);
template std::string comment_of(const FieldDescriptor&);
template std::string comment_of(const Descriptor&);

json::object Schemas::reference(const Descriptor& type) {
  if (type.full_name() == "google.protobuf.Timestamp") return {{"type", "string"}, {"format", "date-time"}};
  const std::string name = short_name(type.full_name());
  if (known_.contains(name)) return reference_to(name);
  known_[name] = {};  // a message may hold itself
  json::object properties;
  for (int i = 0; i < type.field_count(); ++i) {
    json::object value = field(*type.field(i));
    if (auto text = comment_of(*type.field(i)); !text.empty()) value["description"] = text;
    properties[type.field(i)->name()] = std::move(value);
  }
  json::object schema{{"type", "object"}};
  if (auto text = comment_of(type); !text.empty()) schema["description"] = text;
  if (!properties.empty()) schema["properties"] = std::move(properties);
  schema["additionalProperties"] = false;
  known_[name] = std::move(schema);
  return reference_to(name);
}

json::object Schemas::field(const FieldDescriptor& field) {
  if (field.is_map())
    return {{"type", "object"}, {"additionalProperties", single(*field.message_type()->FindFieldByName("value"))}};
  if (field.is_repeated()) return {{"type", "array"}, {"items", single(field)}};
  return single(field);
}

json::object Schemas::single(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return reference(*field.message_type());
    case FieldDescriptor::CPPTYPE_ENUM:
      return enumeration(*field.enum_type());
    case FieldDescriptor::CPPTYPE_BOOL:
      return {{"type", "boolean"}};
    case FieldDescriptor::CPPTYPE_INT32:
      return {{"type", "integer"}, {"format", "int32"}};
    case FieldDescriptor::CPPTYPE_UINT32:
      return {{"type", "integer"}, {"format", "int64"}, {"minimum", 0}};
    // ProtoJSON writes 64-bit integers as strings, because many readers know no whole number above 2^53; it reads both.
    case FieldDescriptor::CPPTYPE_INT64:
      return {{"type", {"string", "integer"}}, {"format", "int64"}};
    case FieldDescriptor::CPPTYPE_UINT64:
      return {{"type", {"string", "integer"}}, {"format", "uint64"}};
    default:
      return {{"type", "string"}};
  }
}

json::object Schemas::enumeration(const EnumDescriptor& type) {
  const std::string name = short_name(type.full_name());
  if (!known_.contains(name)) {
    json::array values;
    for (int i = 0; i < type.value_count(); ++i) values.emplace_back(type.value(i)->name());
    known_[name] = {{"type", "string"}, {"enum", std::move(values)}};
  }
  return reference_to(name);
}

json::object Schemas::all() const {
  json::object out;
  for (const auto& [name, schema] : known_) out[name] = schema;
  return out;
}

}  // namespace loomline::edge
