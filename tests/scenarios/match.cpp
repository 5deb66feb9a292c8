#include "match.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/text_format.h>

#include <cctype>
#include <vector>

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

std::string Bindings::match_field(const Message& expected, const Message& actual, const FieldDescriptor& field,
                                  int index) {
  const auto& from = *expected.GetReflection();
  const auto& to = *actual.GetReflection();
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE)
    return index < 0
               ? match(from.GetMessage(expected, &field), to.GetMessage(actual, &field))
               : match(from.GetRepeatedMessage(expected, &field, index), to.GetRepeatedMessage(actual, &field, index));
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    const auto text = index < 0 ? from.GetString(expected, &field) : from.GetRepeatedString(expected, &field, index);
    if (!text.empty() && text.front() == '$') {
      const auto seen = index < 0 ? to.GetString(actual, &field) : to.GetRepeatedString(actual, &field, index);
      if (seen.empty()) return "is empty, and should name " + text;
      bind(text.substr(1), seen);
      return {};
    }
  }
  std::string wanted, seen;
  google::protobuf::TextFormat::PrintFieldValueToString(expected, &field, index, &wanted);
  google::protobuf::TextFormat::PrintFieldValueToString(actual, &field, index, &seen);
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
        return field->name() + (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE ? "." : " ") + difference;
  }
  return {};
}

}  // namespace loomline::scenarios
