// What handlers see of HTTP: requests, responses, header fields, cookies and errors as JSON. Plain values; not thread
// safe, freely copied and moved.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loomline/base/status.hpp"

namespace loomline::http {

// Names and values in the order of arrival; a name may repeat.
using Params = std::vector<std::pair<std::string, std::string>>;

// The first value of `name`, compared byte for byte.
std::optional<std::string_view> find(const Params& params, std::string_view name);

// Header fields; names compare without case.
class Headers {
 public:
  std::optional<std::string_view> get(std::string_view name) const;
  void add(std::string name, std::string value);
  // Replaces every field of that name.
  void set(std::string_view name, std::string value);
  const Params& all() const { return fields_; }

 private:
  Params fields_;
};

struct Request {
  std::string method = "GET";
  std::string target = "/";  // as sent, path and query: never log it, a path may hold a signed link
  std::string path;          // the part before '?', still percent-encoded
  std::string route;         // the template that matched, "/v1/orders/{order_id}"
  Params path_params;        // decoded
  Params query;              // decoded, '+' read as a space
  Headers headers;
  std::string body;
  std::string peer;      // the address of the other end, without its port
  std::string trace_id;  // 32 hex digits: from `traceparent` where the caller sent one, else fresh

  std::optional<std::string_view> path_param(std::string_view name) const { return find(path_params, name); }
  std::optional<std::string_view> query_param(std::string_view name) const { return find(query, name); }
  // The value of a cookie, as sent.
  std::optional<std::string> cookie(std::string_view name) const;
};

struct Response {
  int status = 200;
  Headers headers;
  std::string body;
  std::string content_type = "application/json";
};

Response json_response(std::string body, int status = 200);
Response html_response(std::string body, int status = 200);
Response text_response(std::string body, int status = 200);
// 303: the browser follows with GET, so that reloading does not post a form twice.
Response see_other(std::string location);

// The one mapping from a code to an HTTP status, and its inverse as far as there is one (for clients).
int http_status(Code code);
Code code_of_status(int status);

// {"code","reason","message","violations":[{"field","problem","remedy"}],"trace_id"} with the status of the code, or
// `status` where the protocol wants another (405, 413, 431).
Response problem(const Status& status, std::string_view trace_id, int http_status_override = 0);

// The Status that a peer's problem() body says; where the body is something else, one made from the HTTP status.
Status status_of(const Response& response);

struct CookieOptions {
  std::string path = "/";
  int max_age_seconds = -1;  // -1: until the browser closes; 0: delete it now
  bool secure = false;       // set where the public side speaks TLS
};
// A Set-Cookie value, always HttpOnly and SameSite=Strict.
std::string set_cookie(std::string_view name, std::string_view value, const CookieOptions& options = {});

}  // namespace loomline::http
