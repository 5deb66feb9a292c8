#include "api/aftersales_api.hpp"

#include "domain/check.hpp"
#include "domain/survey.hpp"
#include "domain/ticket.hpp"
#include "loomline/base/hash.hpp"
#include "loomline/base/id.hpp"
#include "loomline/host/execute.hpp"
#include "loomline/intake/v1/intake.pb.h"
#include "loomline/rpc/query.hpp"
#include "loomline/wire/check.hpp"

namespace loomline::aftersales::api {
namespace {

Status checked_id(const std::string& field, const std::string& value, std::string_view id_prefix) {
  wire::Checker check;
  check.id(field, value, id_prefix);
  return check.status();
}

}  // namespace

Result<std::string> AftersalesApi::store_text(const rpc::CallContext& call, const std::string& text,
                                              const std::string& order_id) {
  if (text.empty()) return std::string();
  intake::v1::StoreTextRequest request;
  request.set_text(text);
  request.set_order_id(order_id);
  auto options = rpc::CallOptions::from(call);
  // Derived, so that a retry of ours finds the text that the first try stored.
  options.idempotency_key =
      sha256_hex(call.method + "/" + (call.idempotency_key.empty() ? random_hex128() : call.idempotency_key));
  auto stored = peers_.call<intake::v1::StoreTextRequest, intake::v1::StoreTextResponse>(
      rpc::method_of<intake::v1::StoreTextRequest>(), request, options);
  if (stored.ok()) return stored->subject_id();
  const bool ours =
      stored.status().code() == Code::invalid_argument || stored.status().code() == Code::failed_precondition;
  if (ours) return stored.status();
  return unavailable("VAULT_UNAVAILABLE", "The text cannot be kept now. Try again in a moment; nothing was changed.");
}

Result<state::v1::TicketRecord> AftersalesApi::ticket(const std::string& tenant, const std::string& ticket_id) {
  if (auto status = checked_id("ticket_id", ticket_id, prefix::ticket); !status.ok()) return status;
  state::v1::TicketRecord record;
  auto found = reader_.get(tenant, "ticket", ticket_id, record);
  if (!found.ok()) return found.status();
  if (!*found) return domain::ticket_unknown();
  return record;
}

Result<state::v1::OrderRecord> AftersalesApi::order(const std::string& tenant, const std::string& order_id) {
  if (auto status = checked_id("order_id", order_id, prefix::order); !status.ok()) return status;
  state::v1::OrderRecord record;
  auto found = reader_.get(tenant, "order", order_id, record);
  if (!found.ok()) return found.status();
  return record;  // empty where nothing was delivered: no survey either
}

Result<v1::OpenTicketResponse> AftersalesApi::open_ticket(const rpc::CallContext& call,
                                                          const v1::OpenTicketRequest& request) {
  if (auto status = domain::check(request); !status.ok()) return status;
  auto text = store_text(call, request.text(), request.order_id());
  if (!text.ok()) return text.status();
  state::v1::OpenTicketCommand command;
  command.set_order_id(request.order_id());
  command.set_line_id(request.line_id());
  command.set_unit_id(request.unit_id());
  command.set_category(request.category());
  // Who says neither is one customer who would like an answer.
  command.set_impact(request.impact() == v1::IMPACT_UNSPECIFIED ? v1::IMPACT_LOW : request.impact());
  command.set_urgency(request.urgency() == v1::URGENCY_UNSPECIFIED ? v1::URGENCY_MEDIUM : request.urgency());
  command.set_text_subject_id(*text);
  *command.mutable_external_refs() = request.external_refs();
  return host::execute<v1::OpenTicketResponse>(executor_, call, domain::open_ticket_command, command);
}

Result<v1::UpdateTicketResponse> AftersalesApi::update_ticket(const rpc::CallContext& call,
                                                              const v1::UpdateTicketRequest& request) {
  if (auto status = domain::check(request); !status.ok()) return status;
  auto known = ticket(call.caller.tenant, request.ticket_id());
  if (!known.ok()) return known.status();
  // Before anything personal is kept. A retry finds the ticket moved on; the kernel then gives the first answer.
  if (call.idempotency_key.empty())
    if (auto may = domain::may_become(*known, request.state()); !may.ok()) return may;
  auto note = store_text(call, request.note(), known->ticket().order_id());
  if (!note.ok()) return note.status();
  state::v1::UpdateTicketCommand command;
  command.set_ticket_id(request.ticket_id());
  command.set_state(request.state());
  command.set_note_subject_id(*note);
  *command.mutable_external_refs() = request.external_refs();
  return host::execute<v1::UpdateTicketResponse>(executor_, call, domain::update_ticket_command, command);
}

Result<v1::GetTicketResponse> AftersalesApi::get_ticket(const rpc::CallContext& call,
                                                        const v1::GetTicketRequest& request) {
  auto record = ticket(call.caller.tenant, request.ticket_id());
  if (!record.ok()) return record.status();
  v1::GetTicketResponse response;
  *response.mutable_ticket() = record->ticket();
  return response;
}

Result<v1::ListTicketsResponse> AftersalesApi::list_tickets(const rpc::CallContext& call,
                                                            const v1::ListTicketsRequest& request) {
  if (auto status = domain::check(request); !status.ok()) return status;
  const int size = request.page().page_size() == 0 ? 50 : static_cast<int>(request.page().page_size());
  auto found =
      reader_.find(call.caller.tenant, "ticket", "list", domain::list_value(request.order_id(), request.state()),
                   request.page().page_token(), size + 1, true);
  if (!found.ok()) return found.status();
  v1::ListTicketsResponse response;
  for (const auto& entry : *found) {
    if (response.tickets_size() == size) {
      response.set_next_page_token(response.tickets(size - 1).ticket_id());
      break;
    }
    state::v1::TicketRecord record;
    if (!record.ParseFromString(entry.state)) return internal("A ticket's state cannot be read.");
    *response.add_tickets() = record.ticket();
  }
  return response;
}

Result<v1::GetSurveyResponse> AftersalesApi::get_survey(const rpc::CallContext& call,
                                                        const v1::GetSurveyRequest& request) {
  auto record = order(call.caller.tenant, request.order_id());
  if (!record.ok()) return record.status();
  if (!record->has_survey()) return domain::survey_not_asked();
  v1::GetSurveyResponse response;
  *response.mutable_survey() = record->survey();
  return response;
}

Result<v1::AnswerSurveyResponse> AftersalesApi::answer_survey(const rpc::CallContext& call,
                                                              const v1::AnswerSurveyRequest& request) {
  if (auto status = domain::check(request); !status.ok()) return status;
  auto known = order(call.caller.tenant, request.order_id());
  if (!known.ok()) return known.status();
  if (!known->has_survey()) return domain::survey_not_asked();
  if (call.idempotency_key.empty())
    if (auto may = domain::may_be_answered(*known); !may.ok()) return may;
  auto remark = store_text(call, request.remark(), request.order_id());
  if (!remark.ok()) return remark.status();
  state::v1::AnswerSurveyCommand command;
  command.set_order_id(request.order_id());
  if (request.has_recommend()) command.set_recommend(request.recommend());
  if (request.has_product()) command.set_product(request.product());
  if (request.has_delivery()) command.set_delivery(request.delivery());
  if (request.has_information()) command.set_information(request.information());
  command.set_remark_subject_id(*remark);
  return host::execute<v1::AnswerSurveyResponse>(executor_, call, domain::answer_survey_command, command);
}

}  // namespace loomline::aftersales::api
