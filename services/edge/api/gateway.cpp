#include "api/gateway.hpp"

#include "api/call.hpp"
#include "api/quiet.hpp"
#include "api/system.hpp"
#include "api/transcode.hpp"
#include "api/wait_quiet.hpp"
#include "api/watch.hpp"

namespace loomline::edge {
namespace {

using google::protobuf::Message;

constexpr const char* kIdempotencyKey = "Idempotency-Key";
constexpr const char* kPositions = "Loomline-Positions";

Status check_headers(const ApiRoute& route, const http::Request& request) {
  static constexpr std::size_t kLongest = 200;
  const auto key = request.headers.get(kIdempotencyKey);
  if (!key && route.http.idempotency_key_required())
    return invalid("Idempotency-Key", "is missing",
                   "send a header with a fresh random key, and the same one when you try again");
  if (key && (key->empty() || key->size() > kLongest))
    return invalid("Idempotency-Key", "is empty or longer than 200 characters", "send 1 to 200 printable characters");
  return {};
}

// The methods that the edge answers itself, or gathers from every service.
Status answer_here(rpc::Directory& peers, const ApiRoute& route, const Message& message, Message& response,
                   const rpc::CallOptions& options, bool& handled) {
  handled = true;
  const std::string& service = route.method->service()->full_name();
  if (service == "loomline.common.v1.SystemService")
    return call_system(peers, *route.method, message, response, options);
  if (service == "loomline.common.v1.EdgeService") return answer_quiet(peers, message, response, options);
  handled = false;
  return {};
}

http::Response answer(rpc::Directory& peers, const ApiRoute& route, const Principal& principal,
                      const http::Request& request) {
  if (auto status = check_headers(route, request); !status.ok()) return http::problem(status, request.trace_id);
  const auto wait = wanted_quiet(route, principal, request);
  if (!wait.ok()) return http::problem(wait.status(), request.trace_id);
  if (auto status = check_representation(request); !status.ok()) return http::problem(status, request.trace_id, 415);
  const auto message = make_message(*route.method->input_type());
  if (auto status = read_request(route, request, *message); !status.ok())
    return http::problem(status, request.trace_id);
  const auto response = make_message(*route.method->output_type());
  const auto options = call_options(principal, request);
  rpc::Reply reply;
  bool handled = false;
  Status status = answer_here(peers, route, *message, *response, options, handled);
  if (!handled) {
    const auto channel = peers.for_method(route.method->full_name());
    status = channel.ok() ? (*channel)->call_untyped(route.method->full_name(), *message, *response, options, &reply)
                          : channel.status();
  }
  if (!status.ok()) return http::problem(status, request.trace_id);
  http::Response out = http::json_response(to_json(*response));
  if (!reply.positions.empty()) out.headers.set(kPositions, reply.positions);
  if (*wait) out.headers.set(kQuiet, quiet_after(peers, *message, **wait, options));
  return out;
}

}  // namespace

rpc::CallOptions call_options(const Principal& principal, const http::Request& request) {
  rpc::CallOptions options;
  options.caller.name = "edge";
  options.caller.role = std::string(role_name(principal.role));
  options.caller.subject = principal.subject;
  options.idempotency_key = std::string(request.headers.get(kIdempotencyKey).value_or(""));
  options.positions = std::string(request.headers.get(kPositions).value_or(""));
  options.idempotent = request.method == "GET" || request.method == "HEAD";
  const auto given = telemetry::TraceContext::parse(request.headers.get("traceparent").value_or(""));
  const auto trace =
      given ? given : telemetry::TraceContext::parse("00-" + request.trace_id + "-" + std::string(15, '0') + "1-01");
  if (trace) options.trace = trace->child();
  return options;
}

std::vector<Door> api_doors(rpc::Directory& peers) {
  std::vector<Door> doors;
  for (const auto& route : api_routes()) {
    Door door;
    door.verb = route.http.verb();
    door.path = route.http.path();
    for (const int role : route.http.roles()) door.roles.insert(static_cast<Role>(role));
    door.api = &route;
    door.max_body_bytes = route.http.max_body_bytes();
    door.stream = route.method->server_streaming();
    if (door.stream) {
      door.open = [&peers, &route](const Principal& principal, const http::Request& request, http::EventStream stream) {
        return watch(peers, route, principal, request, std::move(stream));
      };
    } else {
      door.answer = [&peers, &route](const Principal& principal, const http::Request& request) {
        return answer(peers, route, principal, request);
      };
    }
    doors.push_back(std::move(door));
  }
  return doors;
}

}  // namespace loomline::edge
