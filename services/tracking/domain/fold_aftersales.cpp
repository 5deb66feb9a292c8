// What after-sales says.
#include "domain/fact_table.hpp"
#include "loomline/aftersales/v1/aftersales.pb.h"

namespace loomline::tracking::domain {
namespace {

using namespace aftersales::v1;  // NOLINT: the events, by name

v1::JourneyTicket& ticket(Head& head, const std::string& ticket_id, const Timestamp& at) {
  for (auto& known : *head.shown.mutable_tickets())
    if (known.ticket_id() == ticket_id) return known;
  auto& added = *head.shown.add_tickets();
  added.set_ticket_id(ticket_id);
  *added.mutable_opened_at() = at;
  return added;
}

// "TICKET_STATE_OPEN" -> "OPEN".
std::string short_state(TicketState state) {
  const std::string prefix = "TICKET_STATE_";
  const auto name = TicketState_Name(state);
  return name.rfind(prefix, 0) == 0 ? name.substr(prefix.size()) : std::to_string(state);
}

void on(Folding& folding, const OrderTicketChanged& event) {
  bool opened = false;
  folding.head([&](Head& head) {
    auto& shown = ticket(head, event.ticket_id(), folding.at);
    opened = shown.state().empty();
    shown.set_state(short_state(event.state()));
  });
  folding.entry(opened                                   ? "ticket_opened"
                : event.state() == TICKET_STATE_RESOLVED ? "ticket_resolved"
                : event.state() == TICKET_STATE_CLOSED   ? "ticket_closed"
                                                         : "ticket_changed");
  folding.internal_reason(TicketCategory_Name(event.category()));
}
void on(Folding& folding, const SurveyRequested&) {
  folding.head([](Head& head) { head.shown.set_survey_open(true); });
  folding.entry("survey_requested");
}
void on(Folding& folding, const SurveyAnswered&) {
  folding.head([](Head& head) {
    head.shown.set_survey_open(false);
    head.shown.set_survey_answered(true);
  });
  folding.entry("survey_answered");
}
void on(Folding& folding, const SurveyExpired&) {
  folding.head([](Head& head) {
    head.shown.set_survey_open(false);
    head.survey_expired = true;
  });
  folding.entry("survey_expired");
}
// What was answered stays with after-sales.
void strip(SurveyAnswered& event) { event.clear_survey(); }

}  // namespace

void add_aftersales_facts(FactTable& table) {
  table.add<OrderTicketChanged>(on);
  table.add<SurveyRequested>(on);
  table.add<SurveyAnswered>(on, strip);
  table.add<SurveyExpired>(on);
}

}  // namespace loomline::tracking::domain
