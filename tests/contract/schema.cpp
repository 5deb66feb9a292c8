#include "schema.hpp"

#include "contracts.hpp"

namespace loomline::contract {
namespace {

using namespace google::protobuf;  // NOLINT: descriptors, by name

constexpr std::string_view timestamp = "google.protobuf.Timestamp";

Json reference(const std::string& full_name) { return {{"$ref", "#/components/schemas/" + full_name}}; }

// 64-bit integers are strings in protobuf's JSON mapping: a browser's numbers are too small for them.
Json scalar(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return {{"type", "boolean"}};
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_UINT32:
      return {{"type", "integer"}, {"format", field.cpp_type_name()}};
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT64:
      return {{"type", "string"}, {"format", field.cpp_type_name()}};
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      return {{"type", "number"}, {"format", field.cpp_type_name()}};
    default:
      return {{"type", "string"}};
  }
}

Json one(const FieldDescriptor& field) {
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) return reference(field.enum_type()->full_name());
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return scalar(field);
  if (field.message_type()->full_name() == timestamp) return {{"type", "string"}, {"format", "date-time"}};
  return reference(field.message_type()->full_name());
}

Json property(const FieldDescriptor& field) {
  Json out;
  if (field.is_map())
    out = {{"type", "object"}, {"additionalProperties", one(*field.message_type()->field(1))}};
  else if (field.is_repeated())
    out = {{"type", "array"}, {"items", one(field)}};
  else
    out = one(field);
  if (const auto text = comment(field); !text.empty()) out["description"] = text;
  out["x-protobuf-number"] = field.number();
  return out;
}

}  // namespace

Json schema_of(const Descriptor& message) {
  Json out{{"type", "object"}};
  if (const auto text = comment(message); !text.empty()) out["description"] = text;
  auto& properties = out["properties"] = Json::object();
  for (int i = 0; i < message.field_count(); ++i)
    properties[message.field(i)->json_name()] = property(*message.field(i));
  return out;
}

Json schema_of(const EnumDescriptor& type) {
  Json out{{"type", "string"}};
  if (const auto text = comment(type); !text.empty()) out["description"] = text;
  for (int i = 0; i < type.value_count(); ++i) out["enum"].push_back(type.value(i)->name());
  return out;
}

void add_schemas(const Descriptor& message, Json& schemas) {
  if (message.full_name() == timestamp || schemas.contains(message.full_name())) return;
  schemas[message.full_name()] = schema_of(message);
  for (int i = 0; i < message.field_count(); ++i) {
    const auto& field = *message.field(i);
    if (field.enum_type() && !schemas.contains(field.enum_type()->full_name()))
      schemas[field.enum_type()->full_name()] = schema_of(*field.enum_type());
    if (!field.message_type()) continue;
    const auto* value = field.is_map() ? field.message_type()->field(1)->message_type() : field.message_type();
    if (value) add_schemas(*value, schemas);
  }
}

}  // namespace loomline::contract
