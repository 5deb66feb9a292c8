#include "match.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/timestamp.pb.h>

#include <cctype>
#include <vector>

#include "loomline/wire/convert.hpp"
#include "loomline/wire/enum_name.hpp"
#include "readable.hpp"

namespace loomline::scenarios {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string Bindings::substitute(std::string text) const {
  for (std::size_t at = text.find('$'); at != std::string::npos; at = text.find('$', at)) {
    auto end = at + 1;
    while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) || text[end] == '_')) ++end;
    const auto bound = values_.find(text.substr(at + 1, end - at - 1));
    if (bound == values_.end()) {
      at = end;
      continue;
    }
    text.replace(at, end - at, bound->second);
    at += bound->second.size();
  }
  return text;
}

namespace {

// "ENDED" for a number that holds an enum, "2026-03-02T08:00:00Z" for a time, protobuf's own text for anything else.
std::string print(const Message& message, const FieldDescriptor& field, int index) {
  std::string text;
  google::protobuf::TextFormat::PrintFieldValueToString(message, &field, index, &text);
  const auto* type = enum_of(field);
  return type && !field.enum_type() ? wire::short_name(*type, std::stoi(text)) : text;
}

bool is_time(const FieldDescriptor& field) {
  return field.message_type() && field.message_type()->full_name() == "google.protobuf.Timestamp";
}
std::string print_time(const Message& timestamp) {
  google::protobuf::Timestamp value;
  value.CopyFrom(timestamp);
  return format_rfc3339(wire::to_time(value));
}

}  // namespace

std::string Bindings::match_field(const Message& expected, const Message& actual, const FieldDescriptor& field,
                                  int index) {
  const auto& from = *expected.GetReflection();
  const auto& to = *actual.GetReflection();
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    const auto& wanted =
        index < 0 ? from.GetMessage(expected, &field) : from.GetRepeatedMessage(expected, &field, index);
    const auto& seen = index < 0 ? to.GetMessage(actual, &field) : to.GetRepeatedMessage(actual, &field, index);
    if (!is_time(field)) return match(wanted, seen);
    if (print_time(wanted) == print_time(seen)) return {};
    return "is " + print_time(seen) + ", expected " + print_time(wanted);
  }
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    const auto text = index < 0 ? from.GetString(expected, &field) : from.GetRepeatedString(expected, &field, index);
    if (!text.empty() && text.front() == '$') {
      const auto seen = index < 0 ? to.GetString(actual, &field) : to.GetRepeatedString(actual, &field, index);
      if (seen.empty()) return "is empty, and should name " + text;
      bind(text.substr(1), seen);
      return {};
    }
  }
  const auto wanted = print(expected, field, index), seen = print(actual, field, index);
  return wanted == seen ? std::string{} : "is " + seen + ", expected " + wanted;
}

std::string Bindings::match(const Message& expected, const Message& actual) {
  std::vector<const FieldDescriptor*> fields;
  expected.GetReflection()->ListFields(expected, &fields);
  for (const auto* field : fields) {
    const int size = field->is_repeated() ? expected.GetReflection()->FieldSize(expected, field) : 1;
    const int actual_size = field->is_repeated() ? actual.GetReflection()->FieldSize(actual, field) : 1;
    if (size != actual_size)
      return field->name() + " has " + std::to_string(actual_size) + " entries, expected " + std::to_string(size);
    for (int i = 0; i < size; ++i)
      if (auto difference = match_field(expected, actual, *field, field->is_repeated() ? i : -1); !difference.empty())
        return field->name() + (field->message_type() && !is_time(*field) ? "." : " ") + difference;
  }
  return {};
}

}  // namespace loomline::scenarios
