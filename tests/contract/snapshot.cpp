#include "snapshot.hpp"

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "loomline/common/v1/http.pb.h"

namespace loomline::contract {
namespace {

using namespace google::protobuf;  // NOLINT: descriptors, by name

std::string type_name(const FieldDescriptorProto& field) {
  if (!field.type_name().empty()) return field.type_name().substr(1);
  auto name = FieldDescriptorProto::Type_Name(field.type()).substr(5);  // TYPE_INT64
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  return name;
}

std::string label(const FieldDescriptorProto& field) {
  if (field.label() == FieldDescriptorProto::LABEL_REPEATED) return "repeated";
  return field.proto3_optional() ? "optional" : "single";
}

void add_enum(const std::string& scope, const EnumDescriptorProto& type, Snapshot& out) {
  const auto name = scope + "." + type.name();
  out["enum " + name];
  for (const auto& value : type.value())
    out["value " + name + " " + std::to_string(value.number())] = {{"name", value.name()}};
  for (const auto& range : type.reserved_range())
    for (int number = range.start(); number <= range.end(); ++number)
      out["reserved-value " + name + " " + std::to_string(number)];
}

void add_message(const std::string& scope, const DescriptorProto& type, Snapshot& out) {
  const auto name = scope + "." + type.name();
  out["message " + name];
  for (const auto& field : type.field()) {
    Attributes attributes{
        {"name", field.name()}, {"type", type_name(field)}, {"label", label(field)}, {"json", field.json_name()}};
    if (field.has_oneof_index() && !field.proto3_optional())
      attributes["oneof"] = type.oneof_decl(field.oneof_index()).name();
    out["field " + name + " " + std::to_string(field.number())] = attributes;
  }
  for (const auto& range : type.reserved_range())
    for (int number = range.start(); number < range.end(); ++number)
      out["reserved " + name + " " + std::to_string(number)];
  for (const auto& nested : type.nested_type()) add_message(name, nested, out);
  for (const auto& nested : type.enum_type()) add_enum(name, nested, out);
}

void add_method(const std::string& service, const MethodDescriptorProto& method, Snapshot& out) {
  const auto name = service + "." + method.name();
  out["method " + name] = {{"request", method.input_type().substr(1)},
                           {"response", method.output_type().substr(1)},
                           {"streaming", std::string(method.client_streaming() ? "client" : "") +
                                             (method.server_streaming() ? "server" : "")}};
  for (int i = 0; i < method.options().ExtensionSize(common::v1::http); ++i) {
    const auto& route = method.options().GetExtension(common::v1::http, i);
    for (const int role : route.roles())
      out["route " + route.verb() + " " + route.path() + " " +
          common::v1::Role_Name(static_cast<common::v1::Role>(role))] = {{"method", name}};
  }
}

void add_topic(const common::v1::Topic& topic, Snapshot& out) {
  out["topic " + topic.name()] = {{"owner", topic.owner()},
                                  {"key_type", topic.key_type()},
                                  {"key_field", topic.key_field()},
                                  {"retention_hours", std::to_string(topic.retention_hours())}};
  for (const auto& event : topic.event()) out["event " + event] = {{"topic", topic.name()}};
}

// "field loomline.x.Y 3" as a person would say it.
std::string say(const std::string& key, const Attributes& attributes) {
  const auto name = attributes.find("name");
  return key + (name == attributes.end() ? "" : " (" + name->second + ")");
}

// What is kept for longer breaks nobody; 0 keeps everything.
bool kept_longer(const std::string& name, const std::string& before, const std::string& now) {
  return name == "retention_hours" && before != "0" && (now == "0" || std::stoll(now) > std::stoll(before));
}

void compare(const std::string& key, const Attributes& before, const Attributes& after, std::vector<std::string>& out) {
  std::map<std::string, std::pair<std::string, std::string>> changed;
  for (const auto& [name, value] : before) changed[name].first = value;
  for (const auto& [name, value] : after) changed[name].second = value;
  for (const auto& [name, values] : changed)
    if (values.first != values.second && !kept_longer(name, values.first, values.second))
      out.push_back(say(key, before) + ": its " + name + " was '" + values.first + "', is '" + values.second + "'");
}

}  // namespace

void add_types(const FileDescriptorProto& file, Snapshot& out) {
  for (const auto& type : file.message_type()) add_message(file.package(), type, out);
  for (const auto& type : file.enum_type()) add_enum(file.package(), type, out);
}

Snapshot snapshot(const Contracts& contracts) {
  Snapshot out;
  for (const auto& file : contracts.files.file()) {
    if (!is_public(file)) continue;
    add_types(file, out);
    for (const auto& service : file.service()) {
      out["service " + file.package() + "." + service.name()];
      for (const auto& method : service.method()) add_method(file.package() + "." + service.name(), method, out);
    }
  }
  for (const auto& topic : contracts.topics.topic()) add_topic(topic, out);
  return out;
}

std::string to_text(const Snapshot& snapshot) {
  std::string out = "# The contracts that others rely on. Generated: see tests/contract/README.md. Do not edit.\n";
  for (const auto& [key, attributes] : snapshot) {
    out += key;
    for (const auto& [name, value] : attributes) out += " " + name + "=" + value;
    out += '\n';
  }
  return out;
}

Snapshot parse_snapshot(std::string_view text) {
  Snapshot out;
  std::istringstream lines{std::string(text)};
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    if (line.empty() || line.front() == '#') continue;
    std::istringstream words(line);
    std::string word, key;
    Attributes attributes;
    while (words >> word) {
      const auto equals = word.find('=');
      if (equals != std::string::npos)
        attributes[word.substr(0, equals)] = word.substr(equals + 1);
      else
        key += (key.empty() ? "" : " ") + word;
    }
    if (key.find(' ') == std::string::npos || !out.emplace(key, attributes).second)
      throw std::runtime_error("line " + std::to_string(number) + " of the snapshot cannot be read: " + line);
  }
  return out;
}

std::vector<std::string> breaking_changes(const Snapshot& before, const Snapshot& after) {
  std::vector<std::string> out;
  for (const auto& [key, attributes] : before) {
    const auto now = after.find(key);
    if (now == after.end())
      out.push_back(say(key, attributes) + (key.rfind("reserved", 0) == 0 ? ": is reserved no more" : ": was removed"));
    else
      compare(key, attributes, now->second, out);
    // "reserved loomline.x.Y 3" against "field loomline.x.Y 3".
    for (const auto& [mark, used] : {std::pair("reserved ", "field "), std::pair("reserved-value ", "value ")})
      if (key.rfind(mark, 0) == 0 && after.count(used + key.substr(std::string_view(mark).size())))
        out.push_back(key + ": a reserved number is used again");
  }
  return out;
}

}  // namespace loomline::contract
