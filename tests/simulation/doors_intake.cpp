#include "api/intake_api.hpp"
#include "doors.hpp"
#include "loomline/rpc/query.hpp"
#include "loomline/rpc/server.hpp"

namespace loomline::simulation {
namespace {

// Calls within a process are served on the caller's thread: one server for all simulated worlds, in which the peers
// are those of the call that is under way.
class PeerServer {
 public:
  PeerServer() : server_({.address = ""}) {
    using namespace configuration::v1;
    using namespace scheduling::v1;
    server_.unary<ValidateRequest, ValidateResponse>(
        rpc::method_of<ValidateRequest>(), [this](const rpc::CallContext&, const ValidateRequest& request) {
          return validate(*peers_.configuration, *executor_, request);
        });
    server_.unary<QuotePromiseRequest, QuotePromiseResponse>(
        rpc::method_of<QuotePromiseRequest>(), [this](const rpc::CallContext&, const QuotePromiseRequest& request) {
          return quote_promise(*peers_.scheduling, *executor_, request);
        });
    if (auto started = server_.start(); !started.ok()) throw std::runtime_error(started.to_string());
    for (const char* name : {"configuration", "scheduling"}) directory_.add(name, server_.in_process_channel());
  }
  rpc::Directory& serve(Peers peers, Executor& executor) {
    peers_ = peers;
    executor_ = &executor;
    return directory_;
  }

 private:
  rpc::Server server_;
  rpc::Directory directory_;
  Peers peers_{};
  Executor* executor_ = nullptr;
};

}  // namespace

Result<intake::v1::QuoteResponse> quote(Reader& orders, Executor& intake, Peers peers, const std::string& key,
                                        const intake::v1::QuoteRequest& request) {
  static PeerServer server;
  static postgres::Pool nowhere({.conninfo = "host=/nonexistent"}, 1);  // a quote opens no vault
  intake::api::IntakeApi api(intake, orders, intake::store::Vault(nowhere, std::string(32, 'k')),
                             server.serve(peers, intake));
  rpc::CallContext call;
  call.method = rpc::method_of<intake::v1::QuoteRequest>();
  call.caller.name = "client";
  call.idempotency_key = key;
  return api.quote(call, request);
}

}  // namespace loomline::simulation
