// How the edge calls a service on behalf of a request.
#pragma once

#include <string>

#include "api/access.hpp"
#include "loomline/http/message.hpp"
#include "loomline/rpc/channel.hpp"

namespace loomline::edge {

// Caller, trace, positions and idempotency key of the request.
rpc::CallOptions call_options(const Principal& principal, const http::Request& request);

}  // namespace loomline::edge
