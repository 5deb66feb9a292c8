#include "api/field_check.hpp"

#include <boost/json.hpp>
#include <charconv>
#include <cmath>
#include <string>

#include "api/fields.hpp"
#include "loomline/base/time.hpp"

namespace loomline::edge {
namespace {

namespace json = boost::json;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

class Check {
 public:
  void message(const json::value& value, const Descriptor& type, const std::string& path) {
    if (type.full_name() == "google.protobuf.Timestamp") return time(value, path);
    const auto* object = value.if_object();
    if (object == nullptr) return fail(path, "is not an object", "send {...} with " + field_names(type));
    for (const auto& [key, member] : *object) {
      const std::string name(key.data(), key.size());
      const std::string at = path.empty() ? name : path + "." + name;
      const auto* field = type.FindFieldByName(name);
      if (field == nullptr) field = type.FindFieldByCamelcaseName(name);
      if (field == nullptr)
        fail(at, "is not a field of " + std::string(type.name()), "use one of " + field_names(type));
      else if (!member.is_null())
        repeated_or_single(member, *field, at);
    }
  }
  Status status;

 private:
  void fail(const std::string& path, std::string problem, std::string remedy) {
    add_violation(status, path.empty() ? "body" : path, std::move(problem), std::move(remedy));
  }

  void repeated_or_single(const json::value& value, const FieldDescriptor& field, const std::string& path) {
    if (field.is_map()) {
      if (!value.is_object()) fail(path, "is not an object", "send {\"key\": value, ...}");
      return;
    }
    if (!field.is_repeated()) return single(value, field, path);
    const auto* array = value.if_array();
    if (array == nullptr) return fail(path, "is not a list", "send [...]");
    for (std::size_t i = 0; i < array->size(); ++i) single((*array)[i], field, path + "[" + std::to_string(i) + "]");
  }

  void single(const json::value& value, const FieldDescriptor& field, const std::string& path) {
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return message(value, *field.message_type(), path);
      case FieldDescriptor::CPPTYPE_STRING:
        if (!value.is_string()) fail(path, "is not a text", "send a string in quotes");
        return;
      case FieldDescriptor::CPPTYPE_BOOL:
        if (!value.is_bool()) fail(path, "is not a truth value", "send true or false");
        return;
      case FieldDescriptor::CPPTYPE_ENUM:
        return enumeration(value, field, path);
      case FieldDescriptor::CPPTYPE_INT32:
        return whole<std::int32_t>(value, path);
      case FieldDescriptor::CPPTYPE_INT64:
        return whole<std::int64_t>(value, path);
      case FieldDescriptor::CPPTYPE_UINT32:
        return whole<std::uint32_t>(value, path);
      case FieldDescriptor::CPPTYPE_UINT64:
        return whole<std::uint64_t>(value, path);
      default:
        return;  // no contract has floating point
    }
  }

  void enumeration(const json::value& value, const FieldDescriptor& field, const std::string& path) {
    const auto& type = *field.enum_type();
    const bool known = (value.is_string() && type.FindValueByName(std::string(view(value.get_string()))) != nullptr) ||
                       (value.is_int64() && type.FindValueByNumber(static_cast<int>(value.get_int64())) != nullptr);
    if (!known) fail(path, "is not one of its values", "use one of " + enum_names(type));
  }

  template <class T>
  void whole(const json::value& value, const std::string& path) {
    bool fits = false;
    if (const auto* text = value.if_string()) {
      T parsed{};
      const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), parsed);
      fits = error == std::errc() && end == text->data() + text->size() && !text->empty();
    } else if (const auto* integer = value.if_int64()) {
      fits = std::in_range<T>(*integer);
    } else if (const auto* natural = value.if_uint64()) {
      fits = std::in_range<T>(*natural);
    }
    if (!fits) fail(path, "is not a whole number of its range", "send a number without fraction or exponent");
  }

  void time(const json::value& value, const std::string& path) {
    if (!value.is_string() || !parse_rfc3339(view(value.get_string())).ok())
      fail(path, "is not a time", "write it as RFC 3339, for example \"2026-11-22T08:00:00Z\"");
  }
};

}  // namespace

Status check_fields(std::string_view text, const Descriptor& type) {
  boost::system::error_code error;
  json::monotonic_resource memory;
  const auto value = json::parse(text, error, &memory);
  Check check;
  if (error)
    add_violation(check.status, "body", "is not JSON that can be read (" + error.message() + ")",
                  "send one JSON object");
  else
    check.message(value, type, "");
  return check.status;
}

}  // namespace loomline::edge
