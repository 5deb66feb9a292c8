#include "api/transcode.hpp"

#include <stdexcept>

#include "api/fields.hpp"
#include "loomline/http/json.hpp"
#include "loomline/wire/read_json.hpp"
#include "loomline/wire/violation.hpp"
#include "loomline/wire/write_json.hpp"

namespace loomline::edge {
namespace {

using google::protobuf::Message;

bool carries_json(const http::Request& request) {
  const std::string_view type = request.headers.get("Content-Type").value_or("application/json");
  return type.starts_with("application/json") && (type.size() == 16 || type[16] == ';' || type[16] == ' ');
}

bool is_encoded(const http::Request& request) {
  const std::string_view coding = request.headers.get("Content-Encoding").value_or("identity");
  return coding != "identity" && !coding.empty();
}

Status read_body(const http::Request& request, std::size_t max_bytes, Message& message) {
  if (request.body.empty()) return {};
  http::JsonLimits limits;
  limits.max_bytes = max_bytes;
  limits.max_values = std::max<std::size_t>(limits.max_values, max_bytes / 4);
  if (auto status = http::check_json(request.body, limits); !status.ok()) return status;
  return wire::read_json(request.body, message);
}

}  // namespace

std::unique_ptr<Message> make_message(const google::protobuf::Descriptor& type) {
  const auto* prototype = google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type);
  if (prototype == nullptr) throw std::logic_error("no generated code for " + type.full_name());
  return std::unique_ptr<Message>(prototype->New());
}

Status check_representation(const http::Request& request) {
  if (request.body.empty()) return {};
  const auto unsupported = [](std::string field, std::string problem, std::string remedy) {
    return Status(Code::invalid_argument, "UNSUPPORTED_MEDIA", "The body comes in a form that is not read here.")
        .with({std::move(field), std::move(problem), std::move(remedy)});
  };
  if (is_encoded(request))
    return unsupported("content-encoding", "is not identity", "send the body as it is, without compressing it");
  if (!carries_json(request)) return unsupported("content-type", "is not application/json", "send JSON and say so");
  return {};
}

Status read_request(const ApiRoute& route, const http::Request& request, Message& message) {
  static constexpr std::size_t kDefaultBytes = 1 << 20;
  const bool has_body = route.http.verb() == "POST" || route.http.verb() == "PUT";
  Status status;
  if (has_body) {
    const std::size_t limit = route.http.max_body_bytes() != 0 ? route.http.max_body_bytes() : kDefaultBytes;
    if (auto read = read_body(request, limit, message); !read.ok()) return read;
    for (const auto& [name, value] : request.query)
      wire::add_violation(status, name, "stands in the query", "send it in the JSON body");
  } else {
    if (!request.body.empty())
      return invalid("body", "is not read by " + route.http.verb(), "send the fields in the query");
    for (const auto& [name, value] : request.query) set_field(message, name, value, status);
  }
  const auto& reflection = *message.GetReflection();
  for (const auto& [name, value] : request.path_params) {
    const auto* field = message.GetDescriptor()->FindFieldByName(name);
    const std::string before = reflection.GetString(message, field);
    if (!before.empty() && before != value)
      wire::add_violation(status, name, "differs from the one in the path", "leave it out of the body, or make them equal");
    reflection.SetString(&message, field, value);
  }
  return status;
}

std::string to_json(const Message& message) {
  std::string out;
  out.reserve(2 * message.ByteSizeLong());
  wire::write_json(message, out);
  return out;
}

}  // namespace loomline::edge
