#include "loomline/wire/write_json.hpp"

#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/time_util.h>
#include <google/protobuf/wrappers.pb.h>

#include <charconv>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <unordered_map>
#include <vector>

namespace loomline::wire {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::util::TimeUtil;

void by_library(const Message& message, std::string& out) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string text;
  const auto status = google::protobuf::util::MessageToJsonString(message, &text, options);
  if (!status.ok()) throw std::logic_error("a message cannot be written as JSON: " + std::string(status.message()));
  out += text;
}

// Latin letters, signs and the Chinese characters U+3000 to U+9FFF, which stand as they are.
bool plain(const std::string& text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0xE3 && byte <= 0xE9 && i + 2 < text.size()) {
      i += 2;
      continue;
    }
    if (byte < 0x20 || byte > 0x7E || byte == '"' || byte == '\\' || byte == '<' || byte == '>') return false;
  }
  return true;
}

void write_string(const std::string& text, std::string& out) {
  if (plain(text)) {
    out += '"';
    out += text;
    out += '"';
    return;
  }
  google::protobuf::StringValue value;
  value.set_value(text);
  by_library(value, out);
}

template <class Number>
void write_number(Number number, std::string& out) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}
template <class Number>
void write_quoted(Number number, std::string& out) {
  out += '"';
  write_number(number, out);
  out += '"';
}

void write_enum(const FieldDescriptor& field, int number, std::string& out) {
  const auto* value = field.enum_type()->FindValueByNumber(number);
  if (value == nullptr) return write_number(number, out);
  out += '"';
  out += value->name();
  out += '"';
}

template <class Wrapper, class Value>
void write_wrapped(Value value, std::string& out) {
  Wrapper wrapper;
  wrapper.set_value(value);
  by_library(wrapper, out);
}

// One value of a field: the only one, or that at `index`.
void write_value(const Message& message, const FieldDescriptor& field, int index, std::string& out) {
  const auto& reflection = *message.GetReflection();
  const bool many = index >= 0;
  std::string scratch;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return write_json(
          many ? reflection.GetRepeatedMessage(message, &field, index) : reflection.GetMessage(message, &field), out);
    case FieldDescriptor::CPPTYPE_STRING: {
      const auto& text = many ? reflection.GetRepeatedStringReference(message, &field, index, &scratch)
                              : reflection.GetStringReference(message, &field, &scratch);
      if (field.type() == FieldDescriptor::TYPE_BYTES) return write_wrapped<google::protobuf::BytesValue>(text, out);
      return write_string(text, out);
    }
    case FieldDescriptor::CPPTYPE_BOOL:
      out += (many ? reflection.GetRepeatedBool(message, &field, index) : reflection.GetBool(message, &field))
                 ? "true"
                 : "false";
      return;
    case FieldDescriptor::CPPTYPE_ENUM:
      return write_enum(
          field,
          many ? reflection.GetRepeatedEnumValue(message, &field, index) : reflection.GetEnumValue(message, &field),
          out);
    case FieldDescriptor::CPPTYPE_INT32:
      return write_number(
          many ? reflection.GetRepeatedInt32(message, &field, index) : reflection.GetInt32(message, &field), out);
    case FieldDescriptor::CPPTYPE_UINT32:
      return write_number(
          many ? reflection.GetRepeatedUInt32(message, &field, index) : reflection.GetUInt32(message, &field), out);
    case FieldDescriptor::CPPTYPE_INT64:
      return write_quoted(
          many ? reflection.GetRepeatedInt64(message, &field, index) : reflection.GetInt64(message, &field), out);
    case FieldDescriptor::CPPTYPE_UINT64:
      return write_quoted(
          many ? reflection.GetRepeatedUInt64(message, &field, index) : reflection.GetUInt64(message, &field), out);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return write_wrapped<google::protobuf::DoubleValue>(
          many ? reflection.GetRepeatedDouble(message, &field, index) : reflection.GetDouble(message, &field), out);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return write_wrapped<google::protobuf::FloatValue>(
          many ? reflection.GetRepeatedFloat(message, &field, index) : reflection.GetFloat(message, &field), out);
  }
}

template <class Value>
const Value& as(const Message& message) {
  return dynamic_cast<const Value&>(message);
}

// Well-known types have a form of their own; maps are in no order.
bool is_special(const google::protobuf::Descriptor& type) {
  if (type.file()->package() == "google.protobuf") return true;
  for (int i = 0; i < type.field_count(); ++i)
    if (type.field(i)->is_map()) return true;
  return false;
}

// What is the same of every message of a type.
struct Form {
  struct Member {
    const FieldDescriptor* field;
    std::string name;  // quoted, with the colon
    bool repeated, has_presence;
  };
  bool special = false;
  std::vector<Member> members;

  explicit Form(const google::protobuf::Descriptor& type) : special(is_special(type)) {
    for (int i = 0; i < type.field_count(); ++i) {
      const auto* field = type.field(i);
      members.push_back({field, '"' + field->name() + "\":", field->is_repeated(), field->has_presence()});
    }
  }
};

// Types are few and never go.
const Form& form_of(const google::protobuf::Descriptor& type) {
  thread_local std::unordered_map<const google::protobuf::Descriptor*, std::unique_ptr<const Form>> forms;
  auto& form = forms[&type];
  if (!form) form = std::make_unique<const Form>(type);
  return *form;
}

bool valid(const google::protobuf::Timestamp& time) {
  return time.seconds() >= TimeUtil::kTimestampMinSeconds && time.seconds() <= TimeUtil::kTimestampMaxSeconds &&
         time.nanos() >= 0 && time.nanos() < 1'000'000'000;
}

void write_digits(unsigned value, int digits, std::string& out) {
  out.resize(out.size() + static_cast<std::size_t>(digits));
  for (auto at = out.rbegin(); digits > 0; --digits, value /= 10) *at++ = static_cast<char>('0' + value % 10);
}

// RFC 3339 in UTC, with as many groups of three digits behind the point as it takes. The library asks strftime.
void write_time(const google::protobuf::Timestamp& time, std::string& out) {
  const std::chrono::sys_seconds second(std::chrono::seconds(time.seconds()));
  const auto day = std::chrono::floor<std::chrono::days>(second);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(second - day);
  out += '"';
  write_digits(static_cast<unsigned>(static_cast<int>(date.year())), 4, out);
  out += '-';
  write_digits(static_cast<unsigned>(date.month()), 2, out);
  out += '-';
  write_digits(static_cast<unsigned>(date.day()), 2, out);
  out += 'T';
  write_digits(static_cast<unsigned>(clock.hours().count()), 2, out);
  out += ':';
  write_digits(static_cast<unsigned>(clock.minutes().count()), 2, out);
  out += ':';
  write_digits(static_cast<unsigned>(clock.seconds().count()), 2, out);
  if (const auto nanos = static_cast<unsigned>(time.nanos()); nanos != 0) {
    out += '.';
    if (nanos % 1'000'000 == 0)
      write_digits(nanos / 1'000'000, 3, out);
    else if (nanos % 1'000 == 0)
      write_digits(nanos / 1'000, 6, out);
    else
      write_digits(nanos, 9, out);
  }
  out += "Z\"";
}

}  // namespace

void write_json(const Message& message, std::string& out) {
  const auto& type = *message.GetDescriptor();
  if (&type == google::protobuf::Timestamp::descriptor() && valid(as<google::protobuf::Timestamp>(message)))
    return write_time(as<google::protobuf::Timestamp>(message), out);
  const auto& form = form_of(type);
  // A time that is out of its range, too: the library says so.
  if (form.special) return by_library(message, out);
  const auto& reflection = *message.GetReflection();
  out += '{';
  bool first = true;
  for (const auto& member : form.members) {
    const auto& field = *member.field;
    // Absent: messages, and what says whether it is there. Everything else is written with its default.
    if (!member.repeated && member.has_presence && !reflection.HasField(message, &field)) continue;
    if (!first) out += ',';
    first = false;
    out += member.name;
    if (!member.repeated) {
      write_value(message, field, -1, out);
      continue;
    }
    out += '[';
    const int size = reflection.FieldSize(message, &field);
    for (int k = 0; k < size; ++k) {
      if (k > 0) out += ',';
      write_value(message, field, k, out);
    }
    out += ']';
  }
  out += '}';
}

}  // namespace loomline::wire
