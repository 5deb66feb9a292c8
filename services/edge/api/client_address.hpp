// Where a call comes from, as far as it can be believed.
#pragma once

#include <string>

#include "loomline/http/message.hpp"

namespace loomline::edge {

// The connection's other end; or, behind `proxies` proxies, what the outermost of those saw (X-Forwarded-For, counted
// from its end: what stands before was written by the caller himself). IPv6 as its /64: one subscriber has all of it.
std::string client_address(const http::Request& request, int proxies);

}  // namespace loomline::edge
