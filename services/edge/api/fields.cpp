#include "api/fields.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/timestamp.pb.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "loomline/base/time.hpp"
#include "loomline/wire/convert.hpp"
#include "loomline/wire/violation.hpp"

namespace loomline::edge {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using wire::add_violation;
using wire::enum_names;
using wire::field_names;

template <class T>
std::optional<T> integer(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

// "ORDER_STATE_" of OrderState.
std::string prefix_of(const EnumDescriptor& type) {
  std::string out;
  for (const char c : type.name()) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper && !out.empty()) out += '_';
    out += upper ? c : static_cast<char>(c - 'a' + 'A');
  }
  return out + "_";
}

struct Setter {
  Message& message;
  const FieldDescriptor& field;
  std::string_view path;
  Status& status;

  void fail(std::string problem, std::string remedy) const {
    add_violation(status, std::string(path), std::move(problem), std::move(remedy));
  }
  template <class T, class Set, class Add>
  void number(std::string_view text, Set set, Add add) const {
    const auto value = integer<T>(text);
    if (!value) return fail("is not a whole number of its range", "write decimal digits, for example 10");
    const auto& r = *message.GetReflection();
    field.is_repeated() ? (r.*add)(&message, &field, *value) : (r.*set)(&message, &field, *value);
  }
  void boolean(std::string_view text) const {
    if (text != "true" && text != "false") return fail("is not a truth value", "write true or false");
    message.GetReflection()->SetBool(&message, &field, text == "true");
  }
  void enumeration(std::string_view text) const {
    const auto* value = enum_value(*field.enum_type(), text);
    if (value == nullptr) return fail("is not one of its values", "use one of " + enum_names(*field.enum_type()));
    const auto& r = *message.GetReflection();
    field.is_repeated() ? r.AddEnum(&message, &field, value) : r.SetEnum(&message, &field, value);
  }
  void text(std::string_view value) const {
    const auto& r = *message.GetReflection();
    field.is_repeated() ? r.AddString(&message, &field, std::string(value))
                        : r.SetString(&message, &field, std::string(value));
  }
  void time(std::string_view value) const {
    const auto parsed = parse_rfc3339(value);
    if (!parsed) return fail("is not a time", "write it as RFC 3339, for example 2026-11-22T08:00:00Z");
    message.GetReflection()->MutableMessage(&message, &field)->CopyFrom(wire::to_timestamp(*parsed));
  }
  void run(std::string_view value) const;
};

void Setter::run(std::string_view value) const {
  using R = google::protobuf::Reflection;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return number<std::int32_t>(value, &R::SetInt32, &R::AddInt32);
    case FieldDescriptor::CPPTYPE_INT64:
      return number<std::int64_t>(value, &R::SetInt64, &R::AddInt64);
    case FieldDescriptor::CPPTYPE_UINT32:
      return number<std::uint32_t>(value, &R::SetUInt32, &R::AddUInt32);
    case FieldDescriptor::CPPTYPE_UINT64:
      return number<std::uint64_t>(value, &R::SetUInt64, &R::AddUInt64);
    case FieldDescriptor::CPPTYPE_BOOL:
      return boolean(value);
    case FieldDescriptor::CPPTYPE_ENUM:
      return enumeration(value);
    case FieldDescriptor::CPPTYPE_STRING:
      return text(value);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (field.message_type()->full_name() == "google.protobuf.Timestamp") return time(value);
      return fail("is a group of fields", "name one of its fields: " + field_names(*field.message_type()));
    default:
      return fail("cannot stand in a query", "send it in a body");
  }
}

}  // namespace

void set_field(Message& message, std::string_view path, std::string_view text, Status& status) {
  Message* at = &message;
  std::string_view rest = path;
  for (;;) {
    const std::size_t dot = rest.find('.');
    const auto* field = at->GetDescriptor()->FindFieldByName(std::string(rest.substr(0, dot)));
    if (field == nullptr) field = at->GetDescriptor()->FindFieldByCamelcaseName(std::string(rest.substr(0, dot)));
    const bool steps_into =
        dot != rest.npos && field != nullptr && field->message_type() != nullptr && !field->is_repeated();
    if (field == nullptr || (dot != rest.npos && !steps_into))
      return add_violation(status, std::string(path), "is not a field of this request",
                           "use one of " + field_names(*at->GetDescriptor()));
    if (dot == rest.npos) return Setter{*at, *field, path, status}.run(text);
    at = at->GetReflection()->MutableMessage(at, field);
    rest.remove_prefix(dot + 1);
  }
}

const google::protobuf::EnumValueDescriptor* enum_value(const EnumDescriptor& type, std::string_view text) {
  if (const auto* value = type.FindValueByName(std::string(text))) return value;
  return type.FindValueByName(prefix_of(type) + std::string(text));
}

}  // namespace loomline::edge
