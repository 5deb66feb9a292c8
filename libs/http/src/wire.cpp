#include "wire.hpp"

#include <algorithm>
#include <array>
#include <boost/beast/http/error.hpp>
#include <cctype>
#include <cstdio>
#include <ctime>

#include "loomline/base/id.hpp"
#include "loomline/http/url.hpp"

namespace loomline::http {
namespace {

namespace beast = boost::beast;
using beast::http::field;

bool is_lower_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// The trace id of a W3C traceparent ("00-<32 hex>-<16 hex>-<2 hex>"), or a fresh one.
std::string trace_of(std::string_view traceparent) {
  if (traceparent.size() == 55 && traceparent.starts_with("00-") && traceparent[35] == '-' && traceparent[52] == '-') {
    const auto id = traceparent.substr(3, 32);
    if (is_lower_hex(id) && id != std::string(32, '0')) return std::string(id);
  }
  return random_hex128();
}

Status bad_request(std::string problem, std::string remedy) {
  return Status(Code::invalid_argument, "HTTP_REQUEST", "The request is not one that this server can read.")
      .with({"request", std::move(problem), std::move(remedy)});
}

// "http://host/path?query" is as good as "/path?query" (RFC 9112, 3.2.2).
std::string_view origin_form(std::string_view target) {
  const std::size_t scheme = target.find("://");
  if (target.empty() || target[0] == '/' || scheme == target.npos) return target;
  const std::size_t path = target.find('/', scheme + 3);
  return path == target.npos ? "/" : target.substr(path);
}

std::string http_date() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::array<char, 64> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return {text.data(), size};
}

}  // namespace

Status read_request(const WireRequest& message, bool chunked, Request& request) {
  request.method = std::string(message.method_string());
  for (const auto& f : message) request.headers.add(std::string(f.name_string()), std::string(f.value()));
  request.trace_id = trace_of(message["traceparent"]);
  request.target = std::string(origin_form(message.target()));
  if (message.version() != 10 && message.version() != 11) return bad_request("is not HTTP/1.1", "send HTTP/1.1");
  if (message.version() == 11 && message.count(field::host) != 1)
    return bad_request("does not have exactly one Host field", "send one");
  // An unknown coding would leave the body in the buffer, to be read as the next request.
  if (message.count(field::transfer_encoding) != 0 && !chunked)
    return bad_request("has a transfer coding other than chunked", "send it chunked or with a Content-Length");
  if (request.target.empty() || request.target[0] != '/')
    return bad_request("has a target that is not a path", "send a target that starts with a slash");
  const std::size_t question = request.target.find('?');
  request.path = request.target.substr(0, question);
  if (question == std::string::npos) return {};
  auto query = parse_query(std::string_view(request.target).substr(question + 1));
  if (!query) return query.status();
  request.query = std::move(*query);
  return {};
}

WireResponse to_wire(Response response, const ServerOptions& options, const Request& request, bool http11, bool keep) {
  WireResponse message;
  message.version(http11 ? 11 : 10);
  message.result(static_cast<unsigned>(response.status));
  const bool bodiless = response.status == 204 || response.status == 304;
  if (!bodiless) message.set(field::content_type, response.content_type);
  message.set(field::date, http_date());
  message.set("X-Trace-Id", request.trace_id);
  message.set(field::cache_control, "no-store");
  message.set("Content-Security-Policy", options.content_security_policy);
  message.set("X-Content-Type-Options", "nosniff");
  message.set("X-Frame-Options", "DENY");
  message.set("Referrer-Policy", "no-referrer");
  message.set("Cross-Origin-Opener-Policy", "same-origin");
  message.set("Cross-Origin-Resource-Policy", "same-origin");
  message.set("Permissions-Policy", "camera=(), geolocation=(), microphone=()");
  for (const auto& [name, value] : response.headers.all()) {
    if (beast::iequals(name, "set-cookie"))
      message.insert(name, value);
    else
      message.set(name, value);
  }
  message.keep_alive(keep);
  message.body() = std::move(response.body);
  if (!bodiless) message.content_length(message.body().size());
  return message;
}

std::string head_of(const WireResponse& message) {
  std::string head = message.version() == 10 ? "HTTP/1.0 " : "HTTP/1.1 ";
  head.reserve(1024);
  head += std::to_string(message.result_int());
  head += ' ';
  head += std::string_view(message.reason());
  head += "\r\n";
  for (const auto& f : message) {
    head += std::string_view(f.name_string());
    head += ": ";
    head += std::string_view(f.value());
    head += "\r\n";
  }
  return head += "\r\n";
}

std::optional<Status> header_error(const beast::error_code& error, const ServerOptions& options,
                                   std::size_t largest_body, int& http_status) {
  if (error == beast::http::error::end_of_stream || error == beast::http::error::partial_message) return std::nullopt;
  if (error == beast::http::error::header_limit || error == beast::http::error::buffer_overflow) {
    http_status = 431;
    return Status(Code::invalid_argument, "HEADER_TOO_LARGE", "The request's header is too large.")
        .with({"header", "is longer than " + std::to_string(options.max_header_bytes) + " bytes",
               "send fewer or shorter fields"});
  }
  if (error == beast::http::error::body_limit) {
    http_status = 413;
    return body_too_large(largest_body);
  }
  if (error.category() != beast::http::make_error_code(beast::http::error::end_of_stream).category())
    return std::nullopt;
  http_status = 400;
  return bad_request("is malformed (" + error.message() + ")", "send HTTP/1.1 as RFC 9112 has it");
}

std::optional<Status> request_timeout(std::string_view part, int& http_status) {
  http_status = 408;
  return Status(Code::deadline_exceeded, "REQUEST_TIMEOUT", "The request did not come in time.")
      .with({std::string(part), "was not there when its time was over", "send the whole request at once"});
}

Status body_too_large(std::size_t limit) {
  return Status(Code::invalid_argument, "BODY_TOO_LARGE", "The request's body is too large.")
      .with({"body", "is longer than " + std::to_string(limit) + " bytes", "send less at once"});
}

Response refusal(const Result<RouteMatch>& match, std::string_view trace_id) {
  if (!match.ok()) return problem(match.status(), trace_id);
  if (match->allow.empty())
    return problem(not_found("ROUTE_UNKNOWN", "There is nothing at this address. See /openapi.json for what there is."),
                   trace_id);
  Response response =
      problem(Status(Code::unimplemented, "METHOD_NOT_ALLOWED", "This address does not take that method.")
                  .with({"method", "is not allowed here", "use " + match->allow}),
              trace_id, 405);
  response.headers.set("Allow", match->allow);
  return response;
}

bool is_field(std::string_view name, std::string_view value) {
  const auto token = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  };
  const auto text = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
  };
  return !name.empty() && std::all_of(name.begin(), name.end(), token) && std::all_of(value.begin(), value.end(), text);
}

std::string chunk(std::string bytes, bool chunked) {
  if (!chunked) return bytes;
  std::array<char, 32> size{};
  const int length = std::snprintf(size.data(), size.size(), "%zx\r\n", bytes.size());
  return std::string(size.data(), static_cast<std::size_t>(length)) + bytes + "\r\n";
}

}  // namespace loomline::http
