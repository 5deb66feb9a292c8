// What the host registers on the gRPC server by itself.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "loomline/eventing/runtime.hpp"
#include "loomline/rpc/server.hpp"

namespace loomline::host {

// Methods of loomline.production are answered by scheduling, which owns the plan that they report on.
inline constexpr std::pair<const char*, const char*> package_owner{"production", "scheduling"};

using Runtimes = std::vector<std::unique_ptr<eventing::Runtime>>;

// Every command that the service declares and that is a method of the contracts, where serve() did not register it.
void register_commands(eventing::Runtime& runtime, rpc::Server& server);

// Reading one's own writes: a call that brings chain positions waits, for at most two seconds, until the service that
// it is for has applied them. After that it reads what there is.
void await_positions(const Runtimes& runtimes, rpc::Server& server);

// loomline.common.v1.SystemService over all runtimes of the process, which must outlive the server.
void register_system(const Runtimes& runtimes, rpc::Server& server);

}  // namespace loomline::host
