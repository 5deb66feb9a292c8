// The quality service: inspections against the control plan, gates that hold, dispositions, certificates.
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

namespace loomline::quality {

// Everything that the service does, registered.
eventing::Service make_service();

// Its queries. The commands are registered by the host from the Service.
void serve(eventing::Runtime& runtime, rpc::Server& server, rpc::Directory& peers, const host::Config& config);

}  // namespace loomline::quality
