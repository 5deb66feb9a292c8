#include "loomline/wire/read_json.hpp"

#include <google/protobuf/timestamp.pb.h>

#include <boost/json.hpp>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "loomline/base/time.hpp"
#include "loomline/wire/convert.hpp"
#include "loomline/wire/violation.hpp"

namespace loomline::wire {
namespace {

namespace json = boost::json;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

// Where a value stands: made on the way down, written out where something is wrong.
struct Place {
  const Place* parent = nullptr;
  std::string_view name;             // of a member
  std::optional<std::size_t> index;  // of an element

  std::string text() const {
    if (parent == nullptr) return {};
    const auto before = parent->text();
    if (index) return before + "[" + std::to_string(*index) + "]";
    const std::string own = name.empty() ? "\"\"" : std::string(name);
    return before.empty() ? own : before + "." + own;
  }
};

class Read {
 public:
  explicit Read(Unknown unknown) : unknown_(unknown) {}

  void message(const json::value& value, Message& out, const Place& path) {
    if (auto* at = time_of(out)) return time(value, *at, path);
    const auto& type = *out.GetDescriptor();
    const auto* object = value.if_object();
    if (object == nullptr) return fail(path, "is not an object", "send {...} with " + field_names(type));
    std::string name;
    for (const auto& [key, member] : *object) {
      name.assign(key.data(), key.size());
      const Place at{&path, name, {}};
      const auto* field = type.FindFieldByName(name);
      if (field == nullptr) field = type.FindFieldByCamelcaseName(name);
      if (field != nullptr) {
        if (!member.is_null()) member_of(member, *field, out, at);
      } else if (unknown_ == Unknown::refuse) {
        fail(at, "is not a field of " + std::string(type.name()), "use one of " + field_names(type));
      }
    }
  }
  Status status;

 private:
  static google::protobuf::Timestamp* time_of(Message& message) {
    return message.GetDescriptor() == google::protobuf::Timestamp::descriptor()
               ? dynamic_cast<google::protobuf::Timestamp*>(&message)
               : nullptr;
  }

  void fail(const Place& place, std::string problem, std::string remedy) {
    auto path = place.text();
    add_violation(status, path.empty() ? "body" : std::move(path), std::move(problem), std::move(remedy));
  }

  void member_of(const json::value& value, const FieldDescriptor& field, Message& out, const Place& path) {
    if (!field.is_repeated()) {
      const auto* choice = field.real_containing_oneof();
      if (choice != nullptr && out.GetReflection()->HasOneof(out, choice))
        return fail(path, "stands beside another of which only one may be there", "leave one of them out");
      if (out.GetReflection()->HasField(out, &field))
        return fail(path, "stands there twice", "leave one of them out");
      return single(value, field, out, path);
    }
    const auto* array = value.if_array();
    if (array == nullptr) return fail(path, "is not a list", "send [...]");
    if (out.GetReflection()->FieldSize(out, &field) > 0)
      return fail(path, "stands there twice", "leave one of them out");
    for (std::size_t i = 0; i < array->size(); ++i)
      single((*array)[i], field, out, {&path, {}, i});
  }

  void single(const json::value& value, const FieldDescriptor& field, Message& out, const Place& path) {
    const auto& reflection = *out.GetReflection();
    const bool many = field.is_repeated();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return message(
            value, many ? *reflection.AddMessage(&out, &field) : *reflection.MutableMessage(&out, &field), path);
      case FieldDescriptor::CPPTYPE_STRING: {
        const auto* text = value.if_string();
        if (text == nullptr) return fail(path, "is not a text", "send a string in quotes");
        std::string copy(text->data(), text->size());
        return many ? reflection.AddString(&out, &field, std::move(copy))
                    : reflection.SetString(&out, &field, std::move(copy));
      }
      case FieldDescriptor::CPPTYPE_BOOL:
        if (!value.is_bool()) return fail(path, "is not a truth value", "send true or false");
        return many ? reflection.AddBool(&out, &field, value.get_bool())
                    : reflection.SetBool(&out, &field, value.get_bool());
      case FieldDescriptor::CPPTYPE_ENUM:
        return enumeration(value, field, out, path);
      case FieldDescriptor::CPPTYPE_INT32:
        return whole<std::int32_t>(value, path, [&](auto number) {
          many ? reflection.AddInt32(&out, &field, number) : reflection.SetInt32(&out, &field, number);
        });
      case FieldDescriptor::CPPTYPE_INT64:
        return whole<std::int64_t>(value, path, [&](auto number) {
          many ? reflection.AddInt64(&out, &field, number) : reflection.SetInt64(&out, &field, number);
        });
      case FieldDescriptor::CPPTYPE_UINT32:
        return whole<std::uint32_t>(value, path, [&](auto number) {
          many ? reflection.AddUInt32(&out, &field, number) : reflection.SetUInt32(&out, &field, number);
        });
      case FieldDescriptor::CPPTYPE_UINT64:
        return whole<std::uint64_t>(value, path, [&](auto number) {
          many ? reflection.AddUInt64(&out, &field, number) : reflection.SetUInt64(&out, &field, number);
        });
      default:
        return fail(path, "cannot be given in JSON", "leave it out");  // no public request has such a field
    }
  }

  void enumeration(const json::value& value, const FieldDescriptor& field, Message& out, const Place& path) {
    const auto& type = *field.enum_type();
    const google::protobuf::EnumValueDescriptor* known = nullptr;
    if (const auto* name = value.if_string())
      known = type.FindValueByName(std::string(view(*name)));
    else if (const auto* number = value.if_int64(); number != nullptr && std::in_range<int>(*number))
      known = type.FindValueByNumber(static_cast<int>(*number));
    if (known == nullptr && unknown_ == Unknown::ignore && (value.is_string() || value.is_int64())) return;
    if (known == nullptr) return fail(path, "is not one of its values", "use one of " + enum_names(type));
    const auto& reflection = *out.GetReflection();
    field.is_repeated() ? reflection.AddEnum(&out, &field, known) : reflection.SetEnum(&out, &field, known);
  }

  template <class T, class Use>
  void whole(const json::value& value, const Place& path, Use&& use) {
    if (const auto* text = value.if_string()) {
      T parsed{};
      const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), parsed);
      if (error == std::errc() && end == text->data() + text->size() && !text->empty()) return use(parsed);
    } else if (const auto* integer = value.if_int64()) {
      if (std::in_range<T>(*integer)) return use(static_cast<T>(*integer));
    } else if (const auto* natural = value.if_uint64()) {
      if (std::in_range<T>(*natural)) return use(static_cast<T>(*natural));
    }
    fail(path, "is not a whole number of its range", "send a number without fraction or exponent");
  }

  void time(const json::value& value, google::protobuf::Timestamp& out, const Place& path) {
    static constexpr const char* kRemedy = "write it as RFC 3339, for example \"2026-11-22T08:00:00Z\"";
    const auto* text = value.if_string();
    if (text == nullptr) return fail(path, "is not a time", kRemedy);
    const auto parsed = parse_rfc3339(view(*text));
    if (!parsed.ok()) return fail(path, "is not a time", kRemedy);
    out = to_timestamp(*parsed);
  }

  Unknown unknown_;
};

}  // namespace

Status read_json(std::string_view text, Message& message, Unknown unknown) {
  boost::system::error_code error;
  json::monotonic_resource memory;
  const auto value = json::parse(text, error, &memory);
  Read read(unknown);
  if (error)
    add_violation(read.status, "body", "is not JSON that can be read (" + error.message() + ")",
                  "send one JSON object");
  else
    read.message(value, message, {});
  return read.status;
}

}  // namespace loomline::wire
