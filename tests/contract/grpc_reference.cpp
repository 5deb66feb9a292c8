// The gRPC reference, as Markdown.
#include <algorithm>
#include <map>

#include "documents.hpp"
#include "loomline/common/v1/http.pb.h"

namespace loomline::contract {
namespace {

using namespace google::protobuf;  // NOLINT: descriptors, by name

// "loomline.common.v1.Money" -> "#loomlinecommonv1money", as Markdown renderers make it from the heading.
std::string anchor(std::string_view full_name) {
  std::string out = "#";
  for (const char c : full_name)
    if (std::isalnum(static_cast<unsigned char>(c)) || c == '_')
      out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::string link(const std::string& full_name) {
  const auto name = full_name.substr(full_name.rfind('.') + 1);
  if (full_name.rfind("loomline.", 0) != 0) return "`" + name + "`";
  return "[" + name + "](" + anchor(full_name) + ")";
}

std::string type(const FieldDescriptor& field) {
  if (field.message_type()) return link(field.message_type()->full_name());
  if (field.enum_type()) return link(field.enum_type()->full_name());
  return "`" + std::string(field.type_name()) + "`";
}

std::string label(const FieldDescriptor& field) {
  if (field.is_repeated()) return "repeated ";
  return field.has_optional_keyword() ? "optional " : "";
}

std::string cell(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) text.replace(at, 1, "\\|");
  return text;
}

std::string routes(const MethodDescriptor& method) {
  std::string out;
  for (int i = 0; i < method.options().ExtensionSize(common::v1::http); ++i) {
    const auto& route = method.options().GetExtension(common::v1::http, i);
    out += "\n- `" + route.verb() + " " + route.path() + "` for";
    for (int r = 0; r < route.roles_size(); ++r) {
      auto role = common::v1::Role_Name(route.roles(r)).substr(5);
      std::transform(role.begin(), role.end(), role.begin(), [](unsigned char c) { return std::tolower(c); });
      out += (r ? ", " : " ") + role;
    }
    if (route.idempotency_key_required()) out += "; needs an `Idempotency-Key`";
  }
  return out.empty() ? "\n- No HTTP route: inside only." : out;
}

std::string service_text(const ServiceDescriptor& service) {
  std::string out = "## " + service.full_name() + "\n\n" + comment(service) + "\n";
  for (int i = 0; i < service.method_count(); ++i) {
    const auto& method = *service.method(i);
    out += "\n### " + service.name() + "." + method.name() + "\n\n";
    if (const auto text = comment(method); !text.empty()) out += text + "\n\n";
    out += "- Takes " + link(method.input_type()->full_name()) + ", gives " +
           (method.server_streaming() ? "a stream of " : "") + link(method.output_type()->full_name()) + ".";
    out += routes(method) + "\n";
  }
  return out;
}

std::string message_text(const Descriptor& message) {
  std::string out = "### " + message.full_name() + "\n\n";
  if (const auto text = comment(message); !text.empty()) out += text + "\n\n";
  if (message.field_count() == 0) return out + "No fields.\n";
  out += "| field | no. | type | what it is |\n|---|---|---|---|\n";
  for (int i = 0; i < message.field_count(); ++i) {
    const auto& field = *message.field(i);
    out += "| `" + field.name() + "` | " + std::to_string(field.number()) + " | " + label(field) + type(field) + " | " +
           cell(comment(field)) + " |\n";
  }
  return out;
}

std::string enum_text(const EnumDescriptor& type) {
  std::string out =
      "### " + type.full_name() + "\n\n" + comment(type) + "\n\n| value | no. | what it is |\n|---|---|---|\n";
  for (int i = 0; i < type.value_count(); ++i)
    out += "| `" + type.value(i)->name() + "` | " + std::to_string(type.value(i)->number()) + " | " +
           cell(comment(*type.value(i))) + " |\n";
  return out;
}

}  // namespace

std::string grpc_reference(const Contracts& contracts) {
  const Linked linked(contracts);
  std::string out =
      "# gRPC reference\n\nEvery service, message and enum of the contracts in [`proto/`](../../proto/loomline). "
      "Generated; do "
      "not edit.\n\n";
  for (const auto* service : linked.services()) out += "- " + link(service->full_name()) + "\n";
  for (const auto* service : linked.services()) out += "\n" + service_text(*service);
  std::map<std::string, std::string> types;  // by name
  for (const auto* message : linked.messages()) types[message->full_name()] = message_text(*message);
  for (const auto* type : linked.enums()) types[type->full_name()] = enum_text(*type);
  std::string package;
  for (const auto& [name, text] : types) {
    if (package_of(name) != package) {
      package = package_of(name);
      out += "\n## Messages of " + package + "\n";
    }
    out += "\n" + text;
  }
  return out;
}

}  // namespace loomline::contract
