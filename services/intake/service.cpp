// The list of what intake does: every command, event, timer and method, one line each.
#include "loomline/intake/service.hpp"

#include <cstdlib>
#include <memory>

#include "api/access_api.hpp"
#include "api/intake_api.hpp"
#include "domain/check.hpp"
#include "domain/order.hpp"
#include "intake_migrations.hpp"
#include "loomline/base/id.hpp"
#include "loomline/telemetry/log.hpp"
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
struct Parts {
  explicit Parts(eventing::Runtime& runtime, rpc::Directory& peers)
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
  using namespace domain;
  eventing::Service service("intake");
  for (const auto& [version, name, sql] : migrations()) service.migration({version, name, sql});

  auto orders = service.aggregate<OrderRecord>("order", prefix::order);
  orders.command<state::v1::CaptureCommand, v1::CaptureRequirementResponse>(std::string(domain::capture_command),
                                                                            new_order, capture);
  orders.command<v1::AskConfirmationRequest, v1::AskConfirmationResponse>(
      "loomline.intake.v1.IntakeService.AskConfirmation", checked_order<v1::AskConfirmationRequest>, ask);
  orders.command<state::v1::AnswerCommand, v1::AnswerConfirmationResponse>(
      std::string(domain::answer_command), known_order<state::v1::AnswerCommand>, answer);
  orders.command<state::v1::RecordQuoteCommand, v1::QuoteResponse>(
      std::string(domain::record_quote_command), known_order<state::v1::RecordQuoteCommand>, record_quote);
  orders.command<v1::PlaceOrderRequest, v1::PlaceOrderResponse>("loomline.intake.v1.IntakeService.PlaceOrder",
                                                                checked_order<v1::PlaceOrderRequest>, place);
  orders.command<v1::CancelOrderRequest, v1::CancelOrderResponse>("loomline.intake.v1.IntakeService.CancelOrder",
                                                                  checked_order<v1::CancelOrderRequest>, cancel);
  orders.timer<state::v1::QuoteDue>("quote-expiry", on_quote_due);
  orders.on<scheduling::v1::CancellationGranted>(on_cancellation_granted);
  orders.on<scheduling::v1::CancellationRefused>(on_cancellation_refused);
  orders.on<scheduling::v1::ShipmentDelivered>(on_delivered);
  return service;
}

void serve(eventing::Runtime& runtime, rpc::Server& server, rpc::Directory& peers) {
  const auto parts = std::make_shared<Parts>(runtime, peers);
  // The handlers own the parts together.
  const auto orders = [&]<class Req, class Res>(std::string_view method, Result<Res> (api::IntakeApi::*handler)(
                                                                             const rpc::CallContext&, const Req&)) {
    server.unary<Req, Res>("loomline.intake.v1.IntakeService." + std::string(method),
                           [parts, handler](const rpc::CallContext& call, const Req& request) {
                             return (*parts->orders.*handler)(call, request);
                           });
  };
  const auto access = [&]<class Req, class Res>(std::string_view method, Result<Res> (api::AccessApi::*handler)(
                                                                             const rpc::CallContext&, const Req&)) {
    server.unary<Req, Res>("loomline.intake.v1.AccessService." + std::string(method),
                           [parts, handler](const rpc::CallContext& call, const Req& request) {
                             return (parts->access.*handler)(call, request);
                           });
  };
  orders("CaptureRequirement", &api::IntakeApi::capture);
  orders("AnswerConfirmation", &api::IntakeApi::answer);
  orders("Quote", &api::IntakeApi::quote);
  orders("GetOrder", &api::IntakeApi::get_order);
  orders("ListOrders", &api::IntakeApi::list_orders);
  orders("GetSubject", &api::IntakeApi::get_subject);
  orders("EraseSubject", &api::IntakeApi::erase_subject);
  orders("StoreText", &api::IntakeApi::store_text);
  access("CreateToken", &api::AccessApi::create_token);
  access("ListTokens", &api::AccessApi::list_tokens);
  access("RevokeToken", &api::AccessApi::revoke_token);
  access("VerifyToken", &api::AccessApi::verify_token);
  access("CreateLink", &api::AccessApi::create_link);
  access("ResolveLink", &api::AccessApi::resolve_link);
}

}  // namespace loomline::intake
