// What the host registers on the gRPC server by itself.
#pragma once

#include <memory>
#include <vector>

#include "loomline/eventing/runtime.hpp"
#include "loomline/rpc/server.hpp"

namespace loomline::host {

using Runtimes = std::vector<std::unique_ptr<eventing::Runtime>>;

// Every command that the service declares and that is a method of the contracts, where serve() did not register it.
void register_commands(eventing::Runtime& runtime, rpc::Server& server);

// loomline.common.v1.SystemService over all runtimes of the process, which must outlive the server.
void register_system(const Runtimes& runtimes, rpc::Server& server);

}  // namespace loomline::host
