#include "readable.hpp"

#include <algorithm>
#include <cctype>
#include <stdexcept>

#include "loomline/base/time.hpp"
#include "loomline/common/v1/fields.pb.h"
#include "loomline/wire/convert.hpp"
#include "loomline/wire/enum_name.hpp"

namespace loomline::scenarios {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

struct Wrong : std::runtime_error {
  Wrong(const std::string& where, const std::string& what) : std::runtime_error(where + " " + what), field(where) {}
  std::string field;
};

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '+' || c == '.';
}

std::string timestamp(const FieldDescriptor& field, const std::string& text) {
  const auto time = parse_rfc3339(text);
  if (!time.ok()) throw Wrong(field.full_name(), "is \"" + text + "\"; write a time such as \"2026-03-02T08:00:00Z\"");
  const auto value = wire::to_timestamp(*time);
  return "{seconds: " + std::to_string(value.seconds()) + " nanos: " + std::to_string(value.nanos()) + "}";
}

std::string window(const FieldDescriptor& field, const std::string& text) {
  const auto slash = text.find('/');
  if (slash == text.npos) throw Wrong(field.full_name(), "is \"" + text + "\"; write two times with / between them");
  return "{earliest " + timestamp(field, text.substr(0, slash)) + " latest " +
         timestamp(field, text.substr(slash + 1)) + "}";
}

struct Amount {
  std::string digits;  // without the point
  std::size_t decimals = 0;
  std::string unit;
};
Amount amount(const FieldDescriptor& field, const std::string& text, const char* example) {
  const auto space = text.find(' ');
  const auto number = text.substr(0, space);
  const auto point = number.find('.');
  Amount out{number, point == number.npos ? 0 : number.size() - point - 1,
             space == text.npos ? "" : text.substr(space + 1)};
  if (point != number.npos) out.digits.erase(point, 1);
  const std::size_t first = out.digits.starts_with('-') ? 1 : 0;
  out.digits.erase(first, std::min(out.digits.find_first_not_of('0', first), out.digits.size() - 1) - first);
  if (out.unit.empty() || number.find_first_not_of("-0123456789.") != number.npos)
    throw Wrong(field.full_name(), "is \"" + text + "\"; write \"" + example + "\"");
  return out;
}

std::string quantity(const FieldDescriptor& field, const std::string& text) {
  const auto read = amount(field, text, "12.5 KGM");
  return "{value: " + read.digits + " scale: " + std::to_string(read.decimals) + " unit: \"" + read.unit + "\"}";
}
std::string money(const FieldDescriptor& field, const std::string& text) {
  const auto read = amount(field, text, "841.90 EUR");
  if (read.decimals != 2) throw Wrong(field.full_name(), "is \"" + text + "\"; write two decimal places");
  return "{minor_units: " + read.digits + " currency: \"" + read.unit + "\"}";
}
std::string localized(const std::string& text) {
  const auto bar = text.find(" | ");
  const auto zh = bar == text.npos ? std::string() : " zh: \"" + text.substr(bar + 3) + "\"";
  return "{en: \"" + text.substr(0, bar) + "\"" + zh + "}";
}

std::string message_of_text(const FieldDescriptor& field, const std::string& text) {
  const auto& type = field.message_type()->full_name();
  if (type == "google.protobuf.Timestamp") return timestamp(field, text);
  if (type == "loomline.common.v1.TimeWindow") return window(field, text);
  if (type == "loomline.common.v1.Quantity") return quantity(field, text);
  if (type == "loomline.common.v1.Money") return money(field, text);
  if (type == "loomline.common.v1.LocalizedText") return localized(text);
  throw Wrong(field.full_name(), "is a " + field.message_type()->name() + "; write its fields in braces");
}

std::string value_of_enum(const FieldDescriptor& field, const EnumDescriptor& type, const std::string& word) {
  std::string legal;
  for (int i = 0; i < type.value_count(); ++i) {
    const auto& value = *type.value(i);
    const auto name = wire::short_name(type, value.number());
    if (word == value.name() || word == name) return field.enum_type() ? value.name() : std::to_string(value.number());
    legal += (i ? ", " : "") + name;
  }
  throw Wrong(field.full_name(), "is " + word + "; write one of " + legal);
}

// Copies the text and puts in what is written in a readable form.
class Reading {
 public:
  explicit Reading(const std::string& text) : in_(text) {}

  std::string all(const Descriptor& type) {
    fields(type, '\0');
    return std::move(out_);
  }

 private:
  char peek() {
    while (at_ < in_.size() &&
           (std::isspace(static_cast<unsigned char>(in_[at_])) || in_[at_] == ',' || in_[at_] == ';'))
      out_ += in_[at_++];
    return at_ < in_.size() ? in_[at_] : '\0';
  }
  void copy() { out_ += in_[at_++]; }
  std::string word() {
    const auto from = at_;
    while (at_ < in_.size() && is_word(in_[at_])) ++at_;
    if (at_ == from) throw Wrong("\"" + in_.substr(from, 20) + "\"", "is no field and no value");
    return in_.substr(from, at_ - from);
  }

  // Up to `close`.
  void fields(const Descriptor& type, char close) {
    for (;;) {
      const char next = peek();
      if (next == close) {
        if (close) copy();
        return;
      }
      if (!next) throw Wrong(type.full_name(), "is not closed");
      const auto name = word();
      const auto* field = type.FindFieldByName(name);
      if (!field) throw Wrong(type.full_name(), "has no field " + name);
      out_ += name;
      if (peek() == ':') copy();
      values(*field);
    }
  }
  void values(const FieldDescriptor& field) {
    if (peek() != '[') return value(field);
    copy();
    while (peek() != ']') value(field);
    copy();
  }
  void value(const FieldDescriptor& field) {
    const char next = peek();
    if (next == '{') {
      if (!field.message_type()) throw Wrong(field.full_name(), "has no fields");
      copy();
      return fields(*field.message_type(), '}');
    }
    if (next == '"') {
      auto text = quoted();
      while (another_quoted()) text += quoted();  // one after the other are one
      out_ += field.message_type() ? message_of_text(field, text) : "\"" + text + "\"";
      return;
    }
    const auto written = word();
    const auto* type = enum_of(field);
    out_ += type ? value_of_enum(field, *type, written) : written;
  }
  bool another_quoted() {
    const auto next = in_.find_first_not_of(" \t\r\n", at_);
    if (next == in_.npos || in_[next] != '"') return false;
    at_ = next;
    return true;
  }
  // What stands between the quotes, escapes and all.
  std::string quoted() {
    const auto from = ++at_;
    while (at_ < in_.size() && in_[at_] != '"') at_ += in_[at_] == '\\' ? 2 : 1;
    if (at_ >= in_.size()) throw Wrong("\"" + in_.substr(from, 20), "is not closed");
    return in_.substr(from, at_++ - from);
  }

  const std::string& in_;
  std::size_t at_ = 0;
  std::string out_;
};

}  // namespace

const EnumDescriptor* enum_of(const FieldDescriptor& field) {
  if (field.enum_type()) return field.enum_type();
  if (!field.options().HasExtension(common::v1::enum_type)) return nullptr;
  return google::protobuf::DescriptorPool::generated_pool()->FindEnumTypeByName(
      field.options().GetExtension(common::v1::enum_type));
}

Result<std::string> to_text_form(const Descriptor& type, const std::string& text) {
  try {
    return Reading(text).all(type);
  } catch (const Wrong& wrong) {
    return Status(Code::invalid_argument, "SCENARIO_TEXT", wrong.what());
  }
}

}  // namespace loomline::scenarios
