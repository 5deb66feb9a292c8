#include "context.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/json_util.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <thread>

#include "loomline/base/id.hpp"
#include "loomline/factory/edge_client.hpp"
#include "loomline/http/client.hpp"
#include "loomline/http/json.hpp"
#include "loomline/http/message.hpp"
#include "loomline/rpc/channel.hpp"
#include "table.hpp"

namespace loomline::cli {
namespace {

constexpr int tries = 4;

std::string hint(const Status& status, const Context& context) {
  switch (status.code()) {
    case Code::unauthenticated:
      return "set LOOMLINE_TOKEN, or make a token: loomline token create --role staff --peer HOST:PORT";
    case Code::permission_denied:
      return "use a token of another role: loomline token create --role staff";
    case Code::unavailable:
      return context.peer.empty()
                 ? "is Loomline running at " + context.url + "? See loomline serve --help, or give --url"
                 : "is a Loomline process listening at " + context.peer + "?";
    default:
      return {};
  }
}

Status parse_json(const std::string& text, const std::string& source, google::protobuf::Message& message) {
  http::JsonLimits limits;
  limits.max_bytes = std::size_t{64} << 20;
  limits.max_values = 5'000'000;
  if (auto status = http::check_json(text, limits); !status.ok()) {
    Status named(Code::invalid_argument, "JSON", source + " is not JSON.");
    for (const auto& violation : status.violations()) named.with(violation);
    return named;
  }
  const auto parsed = google::protobuf::util::JsonStringToMessage(text, &message);
  if (parsed.ok()) return {};
  return invalid(source, "does not fit " + std::string(message.GetDescriptor()->full_name()) + ": " + parsed.ToString(),
                 "see the contract under proto/");
}

}  // namespace

bool Context::colour() const { return !no_colour && std::getenv("NO_COLOR") == nullptr && isatty(STDOUT_FILENO) == 1; }
bool Context::progress_visible() const { return isatty(STDERR_FILENO) == 1; }

int Context::fail(const Status& status) const {
  if (json()) {
    err << http::problem(status, "").body << '\n';
    return exit_code(status);
  }
  err << "loomline: " << printable(status.message().empty() ? std::string(name(status.code())) : status.message());
  if (!status.reason().empty()) err << " [" << status.reason() << "]";
  err << '\n';
  for (const auto& violation : status.violations()) {
    err << "  " << printable(violation.field) << (violation.field.empty() ? "" : ": ") << printable(violation.problem)
        << "; " << printable(violation.remedy) << '\n';
  }
  if (const auto next = hint(status, *this); !next.empty()) err << "  next: " << next << '\n';
  return exit_code(status);
}

void Context::print(const google::protobuf::Message& message) const {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  options.add_whitespace = true;
  std::string text;
  if (google::protobuf::util::MessageToJsonString(message, &text, options).ok()) out << text;
}

Result<std::string> Context::credential() const {
  if (!token.empty() || token_file.empty()) return token;
  auto text = read_file(token_file);
  if (!text.ok()) return text.status();
  while (!(*text).empty() && ((*text).back() == '\n' || (*text).back() == '\r')) (*text).pop_back();
  return text;
}

Result<std::unique_ptr<http::Client>> Context::client() const {
  auto secret = credential();
  if (!secret.ok()) return secret.status();
  http::ClientOptions options;
  options.request_timeout = std::chrono::seconds(timeout_seconds);
  options.max_body_bytes = std::size_t{64} << 20;
  if (!(*secret).empty()) options.headers.add("Authorization", "Bearer " + *secret);
  return std::make_unique<http::Client>(url, std::move(options));
}

Status Context::call_untyped(std::string_view method, const google::protobuf::Message& request,
                             google::protobuf::Message& response) const {
  return peer.empty() ? over_http(method, request, response) : over_grpc(method, request, response);
}

Status Context::over_http(std::string_view method, const google::protobuf::Message& request,
                          google::protobuf::Message& response) const {
  auto travel = factory::travel_of(method, request);
  if (!travel.ok()) return travel.status();
  auto connection = client();
  if (!connection.ok()) return connection.status();
  http::Request sent;
  sent.method = travel->verb;
  sent.target = travel->target;
  sent.body = travel->body;
  if (!sent.body.empty()) sent.headers.add("Content-Type", "application/json");
  if (sent.method != "GET") {
    sent.headers.add("Idempotency-Key", idempotency_key.empty() ? random_hex128() : idempotency_key);
  }
  Status failed;
  for (int left = tries; left > 0; --left) {
    auto answer = (*connection)->request(sent);
    if (answer.ok() && answer->status < 300) return parse_json(answer->body, "the answer", response);
    failed = answer.ok() ? http::status_of(*answer) : answer.status();
    if (failed.code() != Code::unavailable) break;
    if (left > 1) std::this_thread::sleep_for(std::chrono::milliseconds(250));
  }
  return failed;
}

Status Context::over_grpc(std::string_view method, const google::protobuf::Message& request,
                          google::protobuf::Message& response) const {
  rpc::CallOptions options;
  options.timeout = std::chrono::seconds(timeout_seconds);
  options.caller.name = "cli";
  options.caller.role = "staff";
  options.idempotency_key = idempotency_key.empty() ? random_hex128() : idempotency_key;
  const auto channel = rpc::Channel::connect(peer);
  if (!channel->wait_connected(std::chrono::seconds(5))) {
    return unavailable("CONNECT_FAILED", "No connection to " + peer + ".");
  }
  return channel->call_untyped(method, request, response, options);
}

Result<std::string> read_file(const std::string& path) {
  std::string text;
  if (path == "-") {
    text.assign(std::istreambuf_iterator<char>(std::cin), {});
    return text;
  }
  std::error_code unknown;
  if (std::filesystem::is_directory(path, unknown)) return invalid(path, "is a folder", "give the path of a file");
  std::ifstream in(path, std::ios::binary);
  if (in) text.assign(std::istreambuf_iterator<char>(in), {});
  if (!in) return invalid(path, "cannot be read", "give the path of a file that exists and may be read");
  return text;
}

Status read_message(const std::string& path, google::protobuf::Message& message) {
  auto text = read_file(path);
  if (!text.ok()) return text.status();
  return parse_json(*text, path, message);
}

}  // namespace loomline::cli
