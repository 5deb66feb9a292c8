// Aftersales: tickets with clocks, and the survey after delivery. See README.md.
#pragma once

#include "loomline/aftersales/settings.hpp"
#include "loomline/eventing/runtime.hpp"
#include "loomline/eventing/service.hpp"

namespace loomline::rpc {
class Server;
class Directory;
}  // namespace loomline::rpc
namespace loomline::host {
struct Config;
}

namespace loomline::aftersales {

// The aggregates "ticket" and "order" with all their handlers. The settings come from the
// environment; throws std::runtime_error, with the remedy, where they are wrong.
eventing::Service make_service();
// With settings of one's own.
eventing::Service make_service_with(const Settings& settings);

// Registers the methods of AftersalesService. `runtime` and `peers` (intake keeps the texts) must outlive `server`.
void serve(eventing::Runtime& runtime, rpc::Server& server, rpc::Directory& peers, const host::Config& config);

}  // namespace loomline::aftersales
