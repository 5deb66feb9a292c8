// Server streams of gRPC as server-sent events.
#pragma once

#include <optional>

#include "api/access.hpp"
#include "api/contracts.hpp"
#include "loomline/http/event_stream.hpp"
#include "loomline/http/message.hpp"
#include "loomline/rpc/directory.hpp"

namespace loomline::edge {

// Opens the stream of a method whose answers hold one message with a `revision`: that message is the event's data, its
// field name the event's name, its revision the event's id. A reader that comes back with Last-Event-ID goes on after
// that revision (the request's field `after_revision`). Returns an answer instead where the request is wrong, or where
// the service refuses at once.
std::optional<http::Response> watch(rpc::Directory& peers, const ApiRoute& route, const Principal& principal,
                                    const http::Request& request, http::EventStream stream);

}  // namespace loomline::edge
