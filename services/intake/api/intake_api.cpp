#include "api/intake_api.hpp"

#include <algorithm>

#include "api/calls.hpp"
#include "domain/check.hpp"
#include "domain/order.hpp"
#include "domain/requirement.hpp"
#include "loomline/base/id.hpp"
#include "loomline/host/execute.hpp"
#include "loomline/wire/check.hpp"

namespace loomline::intake::api {
namespace {

// The person whose erasure takes a text along: the buyer, else whoever is there.
std::string writer_of(const google::protobuf::RepeatedPtrField<common::v1::Party>& parties) {
  for (const auto& party : parties)
    if (party.role() == common::v1::PARTY_ROLE_BUYER) return party.subject_id();
  return parties.empty() ? std::string() : parties[0].subject_id();
}

Status at(std::string field, const Status& status) {
  Status out = status;
  out.with({std::move(field), status.message(), "give a subject that is known, or its details"});
  return out;
}

int page_size(std::uint32_t wanted) { return wanted == 0 ? 50 : static_cast<int>(wanted); }

}  // namespace

Result<state::v1::OrderRecord> IntakeApi::order(const std::string& tenant, const std::string& order_id) {
  wire::Checker check;
  check.id("order_id", order_id, prefix::order);
  if (!check.ok()) return check.status();
  state::v1::OrderRecord record;
  auto found = reader_.get(tenant, "order", order_id, record);
  if (!found.ok()) return found.status();
  if (!*found) return domain::order_unknown();
  return record;
}

Result<common::v1::Party> IntakeApi::resolve_party(const rpc::CallContext& call, const v1::PartyInput& input,
                                                   int index) {
  const auto& tenant = call.caller.tenant;
  const auto request = request_of(call, "party/" + std::to_string(index));
  const auto field = wire::path("parties", index, "subject_id");
  store::SubjectVersion subject;
  v1::PersonalDetails details = input.details();
  if (input.subject_id().empty() || input.has_details()) {
    auto stored = input.subject_id().empty() ? vault_.add_person(tenant, request, details)
                                             : vault_.add_version(tenant, input.subject_id(), request, details);
    if (!stored.ok()) return input.subject_id().empty() ? stored.status() : at(field, stored.status());
    subject = *stored;
  } else {
    auto known = vault_.read(tenant, input.subject_id(), 0);
    if (!known.ok()) return at(field, known.status());
    if (!known->has_details()) return invalid(field, "is a text, not a person", "give the id of a person");
    subject = {known->subject_id(), known->version()};
    details = known->details();
  }
  common::v1::Party party;
  party.set_role(input.role());
  party.set_subject_id(subject.subject_id);
  party.set_subject_version(subject.version);
  party.set_country(details.country());
  party.set_zone(details.zone().empty() ? "UTC" : details.zone());
  return party;
}

Result<IntakeApi::Parties> IntakeApi::resolve_parties(const rpc::CallContext& call, const PartyInputs& inputs) {
  Parties parties;
  for (int i = 0; i < inputs.size(); ++i) {
    auto party = resolve_party(call, inputs[i], i);
    if (!party.ok()) return party.status();
    *parties.Add() = *party;
  }
  return parties;
}

Result<v1::CaptureRequirementResponse> IntakeApi::capture(const rpc::CallContext& call,
                                                          const v1::CaptureRequirementRequest& request) {
  if (auto status = domain::check(request, executor_.now()); !status.ok()) return status;
  auto parties = resolve_parties(call, request.parties());
  if (!parties.ok()) return parties.status();
  state::v1::CaptureCommand command;
  if (!request.text().empty()) {
    auto text = vault_.add_text(call.caller.tenant, request_of(call, "text"), request.text(), writer_of(*parties));
    if (!text.ok()) return text.status();
    command.set_text_subject_id(*text);
  }
  command.set_channel(request.channel());
  *command.mutable_parties() = *parties;
  *command.mutable_wishes() = request.wishes();
  if (request.has_budget()) *command.mutable_budget() = request.budget();
  if (request.has_wanted_at()) *command.mutable_wanted_at() = request.wanted_at();
  *command.mutable_external_refs() = request.external_refs();
  return host::execute<v1::CaptureRequirementResponse>(executor_, call, domain::capture_command, command,
                                                       options_of(call, "capture"));
}

Result<v1::AnswerConfirmationResponse> IntakeApi::answer(const rpc::CallContext& call,
                                                         const v1::AnswerConfirmationRequest& request) {
  if (auto status = domain::check(request); !status.ok()) return status;
  auto known = order(call.caller.tenant, request.order_id());
  if (!known.ok()) return known.status();
  state::v1::AnswerCommand command;
  command.set_order_id(request.order_id());
  for (const auto& given : request.answers()) command.add_answers()->set_question_id(given.question_id());
  // Before anything personal is kept. A retry finds its questions answered; the kernel then gives the first answer.
  if (call.idempotency_key.empty())
    if (auto may = domain::may_be_answered(*known, command); !may.ok()) return may;

  auto parties = resolve_parties(call, request.parties());
  if (!parties.ok()) return parties.status();
  const auto writer = writer_of(known->parties().empty() ? *parties : known->parties());
  for (int i = 0; i < request.answers_size(); ++i) {
    if (request.answers(i).text().empty()) continue;
    auto text = vault_.add_text(call.caller.tenant, request_of(call, "answer/" + std::to_string(i)),
                                request.answers(i).text(), writer);
    if (!text.ok()) return text.status();
    command.mutable_answers(i)->set_text_subject_id(*text);
  }
  *command.mutable_wishes() = request.wishes();
  *command.mutable_parties() = *parties;
  return host::execute<v1::AnswerConfirmationResponse>(executor_, call, domain::answer_command, command,
                                                       options_of(call, "answer"));
}

Result<v1::GetOrderResponse> IntakeApi::get_order(const rpc::CallContext& call, const v1::GetOrderRequest& request) {
  auto record = order(call.caller.tenant, request.order_id());
  if (!record.ok()) return record.status();
  v1::GetOrderResponse response;
  *response.mutable_order() = domain::view(*record);
  return response;
}

Result<v1::ListOrdersResponse> IntakeApi::list_orders(const rpc::CallContext& call,
                                                      const v1::ListOrdersRequest& request) {
  wire::Checker check;
  check.range("page.page_size", request.page().page_size(), 0, 500);
  check.id("page.page_token", request.page().page_token(), prefix::order, false);
  check.require(v1::OrderState_IsValid(request.state()), "state", "is unknown", "give a state of the contract");
  if (!check.ok()) return check.status();
  const int size = page_size(request.page().page_size());
  const std::string value =
      request.state() == v1::ORDER_STATE_UNSPECIFIED ? std::string("all") : "state/" + std::to_string(request.state());
  auto found = reader_.find(call.caller.tenant, "order", "list", value, request.page().page_token(), size + 1, true);
  if (!found.ok()) return found.status();
  v1::ListOrdersResponse response;
  for (const auto& entry : *found) {
    if (response.orders_size() == size) {
      response.set_next_page_token(response.orders(size - 1).order_id());
      break;
    }
    state::v1::OrderRecord record;
    if (!record.ParseFromString(entry.state)) return internal("An order's state cannot be read.");
    *response.add_orders() = domain::view(record);
  }
  return response;
}

Result<v1::GetSubjectResponse> IntakeApi::get_subject(const rpc::CallContext& call,
                                                      const v1::GetSubjectRequest& request) {
  wire::Checker check;
  check.id("subject_id", request.subject_id(), prefix::subject);
  if (!check.ok()) return check.status();
  return vault_.read(call.caller.tenant, request.subject_id(), request.version());
}

Result<v1::EraseSubjectResponse> IntakeApi::erase_subject(const rpc::CallContext& call,
                                                          const v1::EraseSubjectRequest& request) {
  wire::Checker check;
  check.id("subject_id", request.subject_id(), prefix::subject);
  if (!check.ok()) return check.status();
  if (auto erased = vault_.erase(call.caller.tenant, request.subject_id()); !erased.ok()) return erased;
  return v1::EraseSubjectResponse();
}

Result<v1::StoreTextResponse> IntakeApi::store_text(const rpc::CallContext& call, const v1::StoreTextRequest& request) {
  if (auto status = domain::check(request); !status.ok()) return status;
  std::string writer;
  if (!request.order_id().empty()) {
    // The text may be about an order that Loomline never made; then it belongs to nobody that we know.
    auto known = order(call.caller.tenant, request.order_id());
    if (!known.ok() && known.status().code() != Code::not_found) return known.status();
    if (known.ok()) writer = writer_of(known->parties());
  }
  auto stored = vault_.add_text(call.caller.tenant, request_of(call, "text"), request.text(), writer);
  if (!stored.ok()) return stored.status();
  v1::StoreTextResponse response;
  response.set_subject_id(*stored);
  return response;
}

}  // namespace loomline::intake::api
