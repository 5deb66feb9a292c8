// What intake is made of: its aggregate, commands, timers and queries. What it hears stands in domain/order.cpp.
#include "loomline/intake/service.hpp"

#include <cstdlib>
#include <memory>

#include "api/access_api.hpp"
#include "api/intake_api.hpp"
#include "domain/check.hpp"
#include "domain/order.hpp"
#include "domain/quote.hpp"
#include "domain/requirement.hpp"
#include "loomline/base/id.hpp"
#include "loomline/postgres/pool.hpp"
#include "loomline/rpc/query.hpp"
#include "migrations.hpp"
#include "store/secrets.hpp"

namespace loomline::intake {
namespace {

using eventing::Cause;

// The key of a command that comes from outside: its order, once the request is checked.
template <class Request>
Result<std::string> checked_order(const Request& request, const Cause&) {
  if (auto status = domain::check(request); !status.ok()) return status;
  return request.order_id();
}
// The key of an internal command: checked before it was made.
template <class Request>
Result<std::string> known_order(const Request& request, const Cause&) {
  return request.order_id();
}
Result<std::string> new_order(const state::v1::CaptureCommand&, const Cause& cause) {
  return mint_id(prefix::order, cause.now, cause.id);
}

std::optional<std::string> configured_vault_key() {
  const char* value = std::getenv("LOOMLINE_VAULT_KEY");
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

// What the handlers share; lives as long as they do.
struct Shared {
  explicit Shared(eventing::Runtime& runtime, rpc::Directory& peers)
      : pool({.conninfo = runtime.database(), .application_name = "loomline-intake-vault"}, 4),
        orders(std::make_shared<api::IntakeApi>(
            runtime, runtime.reader(), store::Vault(pool, store::vault_key(pool, configured_vault_key())), peers)),
        access(orders, store::Tokens(pool, store::installation_secret(pool, "token")),
               store::installation_secret(pool, "link"), wall_now) {}
  postgres::Pool pool;
  std::shared_ptr<api::IntakeApi> orders;
  api::AccessApi access;
};

}  // namespace

eventing::Service make_service() {
  using namespace domain;  // NOLINT: its handlers
  using namespace v1;      // NOLINT: their requests
  eventing::Service service("intake");
  for (auto& migration : migrations()) service.migration(std::move(migration));

  auto orders = service.aggregate<OrderRecord>("order", prefix::order);
  orders.command<state::v1::CaptureCommand, CaptureRequirementResponse>(std::string(capture_command), new_order,
                                                                        capture);
  orders.command<AskConfirmationRequest, AskConfirmationResponse>(rpc::method_of<AskConfirmationRequest>(),
                                                                  checked_order<AskConfirmationRequest>, ask);
  orders.command<state::v1::AnswerCommand, AnswerConfirmationResponse>(std::string(answer_command),
                                                                       known_order<state::v1::AnswerCommand>, answer);
  orders.command<state::v1::RecordQuoteCommand, QuoteResponse>(
      std::string(record_quote_command), known_order<state::v1::RecordQuoteCommand>, record_quote);
  orders.command<PlaceOrderRequest, PlaceOrderResponse>(rpc::method_of<PlaceOrderRequest>(),
                                                        checked_order<PlaceOrderRequest>, place);
  orders.command<CancelOrderRequest, CancelOrderResponse>(rpc::method_of<CancelOrderRequest>(),
                                                          checked_order<CancelOrderRequest>, cancel);
  orders.timer<state::v1::QuoteDue>(std::string(quote_expiry_timer), on_quote_due);
  hear(orders);
  return service;
}

void serve(eventing::Runtime& runtime, rpc::Server& server, rpc::Directory& peers, const host::Config&) {
  using api::AccessApi;
  using api::IntakeApi;
  const auto shared = std::make_shared<Shared>(runtime, peers);
  rpc::query(server, shared->orders, &IntakeApi::capture);
  rpc::query(server, shared->orders, &IntakeApi::answer);
  rpc::query(server, shared->orders, &IntakeApi::quote);
  rpc::query(server, shared->orders, &IntakeApi::get_order);
  rpc::query(server, shared->orders, &IntakeApi::list_orders);
  rpc::query(server, shared->orders, &IntakeApi::get_subject);
  rpc::query(server, shared->orders, &IntakeApi::erase_subject);
  rpc::query(server, shared->orders, &IntakeApi::store_text);
  const std::shared_ptr<AccessApi> access(shared, &shared->access);
  rpc::query(server, access, &AccessApi::create_token);
  rpc::query(server, access, &AccessApi::list_tokens);
  rpc::query(server, access, &AccessApi::revoke_token);
  rpc::query(server, access, &AccessApi::verify_token);
  rpc::query(server, access, &AccessApi::create_link);
  rpc::query(server, access, &AccessApi::resolve_link);
}

}  // namespace loomline::intake
