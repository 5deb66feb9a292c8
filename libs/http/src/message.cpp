#include "loomline/http/message.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "loomline/http/json.hpp"

namespace loomline::http {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

Response answer(std::string body, int status, std::string type) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  response.content_type = std::move(type);
  return response;
}

std::string text_member(const boost::json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

Code code_named(std::string_view text, int http_status) {
  for (int i = 1; i <= 16; ++i)
    if (name(static_cast<Code>(i)) == text) return static_cast<Code>(i);
  return code_of_status(http_status);
}

}  // namespace

std::optional<std::string_view> find(const Params& params, std::string_view name) {
  for (const auto& [key, value] : params)
    if (key == name) return value;
  return std::nullopt;
}

std::optional<std::string_view> Headers::get(std::string_view name) const {
  for (const auto& [key, value] : fields_)
    if (same_name(key, name)) return value;
  return std::nullopt;
}

void Headers::add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }

void Headers::set(std::string_view name, std::string value) {
  std::erase_if(fields_, [&](const auto& field) { return same_name(field.first, name); });
  fields_.emplace_back(std::string(name), std::move(value));
}

std::optional<std::string> Request::cookie(std::string_view name) const {
  for (const auto& [field, value] : headers.all()) {
    if (!same_name(field, "cookie")) continue;
    for (std::string_view rest = value; !rest.empty();) {
      const std::size_t end = std::min(rest.find(';'), rest.size());
      const std::string_view pair = trim(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      const std::size_t equals = pair.find('=');
      if (equals != pair.npos && pair.substr(0, equals) == name) return std::string(pair.substr(equals + 1));
    }
  }
  return std::nullopt;
}

Response json_response(std::string body, int status) { return answer(std::move(body), status, "application/json"); }
Response html_response(std::string body, int status) {
  return answer(std::move(body), status, "text/html; charset=utf-8");
}
Response text_response(std::string body, int status) {
  return answer(std::move(body), status, "text/plain; charset=utf-8");
}
Response see_other(std::string location) {
  Response response = text_response("", 303);
  response.headers.set("Location", std::move(location));
  return response;
}

int http_status(Code code) {
  switch (code) {
    case Code::ok:
      return 200;
    case Code::cancelled:
      return 499;
    case Code::invalid_argument:
    case Code::out_of_range:
      return 400;
    case Code::unauthenticated:
      return 401;
    case Code::permission_denied:
      return 403;
    case Code::not_found:
      return 404;
    case Code::already_exists:
    case Code::failed_precondition:
    case Code::aborted:
      return 409;
    case Code::resource_exhausted:
      return 429;
    case Code::unimplemented:
      return 501;
    case Code::unavailable:
      return 503;
    case Code::deadline_exceeded:
      return 504;
    case Code::unknown:
    case Code::internal:
    case Code::data_loss:
      return 500;
  }
  return 500;
}

Code code_of_status(int status) {
  switch (status) {
    case 400:
    case 405:
    case 413:
    case 415:
    case 431:
      return Code::invalid_argument;
    case 401:
      return Code::unauthenticated;
    case 403:
      return Code::permission_denied;
    case 404:
      return Code::not_found;
    case 408:
    case 504:
      return Code::deadline_exceeded;
    case 409:
      return Code::failed_precondition;
    case 429:
      return Code::resource_exhausted;
    case 499:
      return Code::cancelled;
    case 501:
      return Code::unimplemented;
    case 502:
    case 503:
      return Code::unavailable;
    default:
      return status >= 200 && status < 300 ? Code::ok : Code::unknown;
  }
}

Response problem(const Status& status, std::string_view trace_id, int http_status_override) {
  std::string body = "{\"code\":" + json_quote(name(status.code())) + ",\"reason\":" + json_quote(status.reason()) +
                     ",\"message\":" + json_quote(status.message()) + ",\"violations\":[";
  bool first = true;
  for (const auto& violation : status.violations()) {
    if (!first) body += ",";
    first = false;
    body += "{\"field\":" + json_quote(violation.field) + ",\"problem\":" + json_quote(violation.problem) +
            ",\"remedy\":" + json_quote(violation.remedy) + "}";
  }
  body += "],\"trace_id\":" + json_quote(trace_id) + "}";
  auto response =
      json_response(std::move(body), http_status_override != 0 ? http_status_override : http_status(status.code()));
  if (status.code() == Code::unavailable || status.code() == Code::resource_exhausted)
    if (response.status == 503 || response.status == 429) response.headers.set("Retry-After", "1");
  if (response.status == 401) response.headers.set("WWW-Authenticate", "Bearer realm=\"loomline\"");
  return response;
}

Status status_of(const Response& response) {
  if (response.status >= 200 && response.status < 400) return {};
  boost::system::error_code error;
  const auto parsed = boost::json::parse(response.body, error);
  const auto* object = error ? nullptr : parsed.if_object();
  if (object == nullptr || text_member(*object, "message").empty()) {
    const Code code = code_of_status(response.status);
    return {code == Code::ok ? Code::unknown : code, "HTTP_" + std::to_string(response.status),
            "The server answered with HTTP status " + std::to_string(response.status) + "."};
  }
  Status status(code_named(text_member(*object, "code"), response.status), text_member(*object, "reason"),
                text_member(*object, "message"));
  const auto* violations = object->if_contains("violations");
  if (violations == nullptr || !violations->is_array()) return status;
  for (const auto& item : violations->get_array())
    if (const auto* v = item.if_object())
      status.with({text_member(*v, "field"), text_member(*v, "problem"), text_member(*v, "remedy")});
  return status;
}

std::string set_cookie(std::string_view name, std::string_view value, const CookieOptions& options) {
  std::string text = std::string(name) + "=" + std::string(value) + "; Path=" + options.path;
  if (options.max_age_seconds >= 0) text += "; Max-Age=" + std::to_string(options.max_age_seconds);
  text += "; HttpOnly; SameSite=Strict";
  if (options.secure) text += "; Secure";
  return text;
}

}  // namespace loomline::http
