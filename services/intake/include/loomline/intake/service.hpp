// Intake: from a wish to an order, the vault of personal data, tokens and signed links. See README.md.
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

namespace loomline::intake {

// The order aggregate with all its handlers, and the migrations of the vault's and the tokens' tables. Pure: runs under
// eventing::testing::Harness as it runs under eventing::Runtime.
eventing::Service make_service();

// Registers queries, and the commands that need the vault or other services, of IntakeService and AccessService.
// `runtime` and `peers` must outlive `server`. Throws std::runtime_error where the vault cannot be opened (no database,
// a vault key that is not 64 hex digits, or not the one that the vault was made with).
void serve(eventing::Runtime& runtime, rpc::Server& server, rpc::Directory& peers, const host::Config& config);

}  // namespace loomline::intake
