// The scheduling service: plants, their plans, promises, the shop floor's contract, shipments, and the demo's clock.
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

namespace loomline::scheduling {

// Everything that the service does, registered: the aggregates "order", "plant" and "clock".
eventing::Service make_service();

// Its queries. The commands are registered by the host from the Service; on the wall clock AdvanceClock is refused.
void serve(eventing::Runtime& runtime, rpc::Server& server, rpc::Directory& peers, const host::Config& config);

}  // namespace loomline::scheduling
