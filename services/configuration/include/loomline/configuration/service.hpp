// The configuration service: product models, versioned and immutable once published, and what they say about a wish.
#pragma once

#include "loomline/eventing/runtime.hpp"
#include "loomline/eventing/service.hpp"

namespace loomline::rpc {
class Server;
class Directory;
}  // namespace loomline::rpc
namespace loomline::host {
struct Config;
}

namespace loomline::configuration {

// Everything that the service does, registered.
eventing::Service make_service();

// Its queries, and PublishModel (which checks the package before it takes a transaction).
void serve(eventing::Runtime& runtime, rpc::Server& server, rpc::Directory& peers, const host::Config& config);

}  // namespace loomline::configuration
