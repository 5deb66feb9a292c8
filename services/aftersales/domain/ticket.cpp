#include "domain/ticket.hpp"

#include "loomline/wire/convert.hpp"

namespace loomline::aftersales::domain {
namespace {

constexpr int most_changes = 500, most_refs = 20;

void set_clock(const char* name, Time due, Step& step) {
  state::v1::ClockDue payload;
  *payload.mutable_due_at() = wire::to_timestamp(due);
  step.timer(name, due, payload);
}

void reindex(const v1::Ticket& ticket, Step& step) {
  const std::vector<std::string> orders =
      ticket.order_id().empty() ? std::vector<std::string>{""} : std::vector<std::string>{"", ticket.order_id()};
  std::vector<std::string> values;
  for (const auto& order : orders) {
    values.push_back(list_value(order, ticket.state()));
    if (ticket.state() != v1::TICKET_STATE_CLOSED) values.push_back(list_value(order, v1::TICKET_STATE_UNSPECIFIED));
  }
  step.index("list", std::move(values));
}

void add_change(v1::Ticket& ticket, const std::string& note_subject_id, const Step& step) {
  auto& change = *ticket.add_changes();
  change.set_state(ticket.state());
  change.set_note_subject_id(note_subject_id);
  *change.mutable_occurred_at() = wire::to_timestamp(step.now());
}

// Whoever follows the order sees that there is a ticket, and how it stands.
void tell_order(const v1::Ticket& ticket, Step& step) {
  if (ticket.order_id().empty()) return;
  v1::OrderTicketChanged event;
  event.set_order_id(ticket.order_id());
  event.set_ticket_id(ticket.ticket_id());
  event.set_category(ticket.category());
  event.set_state(ticket.state());
  *event.mutable_occurred_at() = wire::to_timestamp(step.now());
  step.publish(event);
}

template <class Event>
void say(const v1::Ticket& ticket, Step& step) {
  Event event;
  event.set_ticket_id(ticket.ticket_id());
  *event.mutable_ticket() = ticket;
  *event.mutable_occurred_at() = wire::to_timestamp(step.now());
  step.publish(event);
}

void stop_resolution_clock(const planning::Calendar& hours, TicketRecord& record, Step& step) {
  auto& ticket = *record.mutable_ticket();
  const auto left = hours.work_between(step.now(), wire::to_time(ticket.resolve_by()));
  record.set_resolve_seconds_left(std::chrono::floor<std::chrono::seconds>(left).count());
  ticket.clear_resolve_by();
  step.cancel_timer(resolve_clock);
}

void start_resolution_clock(const planning::Calendar& hours, TicketRecord& record, Step& step) {
  const Time due = hours.add_work(step.now(), std::chrono::seconds(record.resolve_seconds_left()));
  *record.mutable_ticket()->mutable_resolve_by() = wire::to_timestamp(due);
  // What was late stays late; it is said once.
  if (!record.ticket().resolution_breached()) set_clock(resolve_clock, due, step);
}

void move(const planning::Calendar& hours, TicketRecord& record, v1::TicketState to, Step& step) {
  auto& ticket = *record.mutable_ticket();
  const auto from = ticket.state();
  if (from == v1::TICKET_STATE_OPEN) {
    *ticket.mutable_responded_at() = wire::to_timestamp(step.now());
    step.cancel_timer(respond_clock);
  }
  if (clock_runs(from) && !clock_runs(to)) stop_resolution_clock(hours, record, step);
  if (!clock_runs(from) && clock_runs(to)) start_resolution_clock(hours, record, step);
  if (to == v1::TICKET_STATE_RESOLVED) *ticket.mutable_resolved_at() = wire::to_timestamp(step.now());
  if (from == v1::TICKET_STATE_RESOLVED && to != v1::TICKET_STATE_CLOSED) ticket.clear_resolved_at();
  ticket.set_state(to);
}

Verdict breach(TicketRecord& record, bool response, const google::protobuf::Timestamp& due, Step& step) {
  auto& ticket = *record.mutable_ticket();
  if (response)
    ticket.set_response_breached(true);
  else
    ticket.set_resolution_breached(true);
  v1::TicketBreached event;
  event.set_ticket_id(ticket.ticket_id());
  event.set_response(response);
  *event.mutable_due_at() = due;
  *event.mutable_occurred_at() = wire::to_timestamp(step.now());
  step.publish(event);
  return Verdict::applied();
}

bool same(const google::protobuf::Timestamp& a, const google::protobuf::Timestamp& b) {
  return a.seconds() == b.seconds() && a.nanos() == b.nanos();
}

}  // namespace

std::string list_value(const std::string& order_id, v1::TicketState state) {
  return order_id + "/" + (state == v1::TICKET_STATE_UNSPECIFIED ? "not-closed" : std::to_string(state));
}

Status ticket_unknown() { return not_found("TICKET_UNKNOWN", "There is no ticket with this id."); }

Result<v1::OpenTicketResponse> open_ticket(const planning::Calendar& hours, TicketRecord& record,
                                           const state::v1::OpenTicketCommand& command, Step& step) {
  if (step.existed()) return Status(Code::already_exists, "TICKET_EXISTS", "There is a ticket with this id.");
  auto& ticket = *record.mutable_ticket();
  ticket.set_ticket_id(step.key());
  ticket.set_order_id(command.order_id());
  ticket.set_line_id(command.line_id());
  ticket.set_unit_id(command.unit_id());
  ticket.set_category(command.category());
  ticket.set_impact(command.impact());
  ticket.set_urgency(command.urgency());
  ticket.set_priority(priority_of(command.impact(), command.urgency()));
  ticket.set_state(v1::TICKET_STATE_OPEN);
  ticket.set_text_subject_id(command.text_subject_id());
  *ticket.mutable_external_refs() = command.external_refs();
  *ticket.mutable_opened_at() = wire::to_timestamp(step.now());
  const auto level = service_level(ticket.priority());
  const Time respond_by = hours.add_work(step.now(), level.respond);
  const Time resolve_by = hours.add_work(step.now(), level.resolve);
  *ticket.mutable_respond_by() = wire::to_timestamp(respond_by);
  *ticket.mutable_resolve_by() = wire::to_timestamp(resolve_by);
  set_clock(respond_clock, respond_by, step);
  set_clock(resolve_clock, resolve_by, step);
  add_change(ticket, {}, step);
  say<v1::TicketOpened>(ticket, step);
  tell_order(ticket, step);
  reindex(ticket, step);
  v1::OpenTicketResponse response;
  *response.mutable_ticket() = ticket;
  return response;
}

Status may_become(const TicketRecord& record, v1::TicketState state) {
  const auto from = record.ticket().state();
  if (state != v1::TICKET_STATE_UNSPECIFIED && state != from && !wire::may_follow(ticket_life, from, state))
    return failed_precondition("TICKET_STATE", "The ticket is " + wire::short_name(from) + "; " +
                                                   wire::short_name(state) + " cannot follow." +
                                                   (from == v1::TICKET_STATE_CLOSED ? " Open a new ticket." : ""));
  if (record.ticket().changes_size() >= most_changes)
    return failed_precondition("TICKET_TOO_LONG", "The ticket has 500 changes; close it and open another.");
  return {};
}

Result<v1::UpdateTicketResponse> update_ticket(const planning::Calendar& hours, TicketRecord& record,
                                               const state::v1::UpdateTicketCommand& command, Step& step) {
  if (!step.existed()) return ticket_unknown();
  if (auto may = may_become(record, command.state()); !may.ok()) return may;
  auto& ticket = *record.mutable_ticket();
  const bool moves = command.state() != v1::TICKET_STATE_UNSPECIFIED && command.state() != ticket.state();
  if (ticket.external_refs_size() + command.external_refs_size() > most_refs)
    return invalid("external_refs", "would be more than " + std::to_string(most_refs), "give fewer");
  ticket.mutable_external_refs()->MergeFrom(command.external_refs());
  if (moves) move(hours, record, command.state(), step);
  if (moves || !command.note_subject_id().empty() || !command.external_refs().empty()) {
    add_change(ticket, command.note_subject_id(), step);
    say<v1::TicketChanged>(ticket, step);
  }
  if (moves) tell_order(ticket, step);
  reindex(ticket, step);
  v1::UpdateTicketResponse response;
  *response.mutable_ticket() = ticket;
  return response;
}

Verdict on_response_due(TicketRecord& record, const state::v1::ClockDue& due, Step& step) {
  if (record.ticket().has_responded_at()) return Verdict::ignored();
  return breach(record, true, due.due_at(), step);
}

Verdict on_resolution_due(TicketRecord& record, const state::v1::ClockDue& due, Step& step) {
  // The clock may have stood still meanwhile and have another end.
  const auto& ticket = record.ticket();
  if (!clock_runs(ticket.state()) || !same(ticket.resolve_by(), due.due_at())) return Verdict::ignored();
  return breach(record, false, due.due_at(), step);
}

}  // namespace loomline::aftersales::domain
