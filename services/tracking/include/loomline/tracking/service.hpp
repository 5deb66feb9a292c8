// The tracking service: the journey of every order, folded from what all the others say.
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

namespace loomline::tracking {

// Everything that the service does, registered.
eventing::Service make_service();

// Its queries, and the watch. Takes the configuration because every replica tails `loomline.tracking.progress` itself.
void serve(eventing::Runtime& runtime, rpc::Server& server, rpc::Directory& peers, const host::Config& config);

}  // namespace loomline::tracking
