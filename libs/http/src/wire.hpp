// Between Beast's messages and ours, and the answers that the protocol itself needs. Free of sockets.
#pragma once

#include <boost/beast/core/error.hpp>
#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>
#include <string>

#include "router.hpp"

namespace loomline::http {

using WireRequest = boost::beast::http::request<boost::beast::http::string_body>;
using WireResponse = boost::beast::http::response<boost::beast::http::string_body>;

// Fills everything but route, path parameters, body and peer.
Status read_request(const WireRequest& message, bool chunked, Request& request);

// Adds the default fields where the handler has not set them. `http11`: the version of the status line.
WireResponse to_wire(Response response, const ServerOptions& options, const Request& request, bool http11, bool keep);

// The status line and the fields, up to the body.
std::string head_of(const WireResponse& message);

// What to tell the other end about a message that could not be read, and the status; nothing where it is not there to
// be told.
std::optional<Status> header_error(const boost::beast::error_code& error, const ServerOptions& options,
                                   std::size_t largest_body, int& http_status);
// 408. `part`: "header" or "body".
std::optional<Status> request_timeout(std::string_view part, int& http_status);

Status body_too_large(std::size_t limit);
// 400, 404 or 405 for a request that has no route.
Response refusal(const Result<RouteMatch>& match, std::string_view trace_id);

// A field name is an RFC 9110 token, a value is free of control characters but the tab.
bool is_field(std::string_view name, std::string_view value);

// One chunk of the chunked coding, or the bytes themselves.
std::string chunk(std::string bytes, bool chunked);

}  // namespace loomline::http
