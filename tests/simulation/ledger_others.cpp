// Tickets, surveys, versions, and what customers are told.
#include "ledger.hpp"
#include "loomline/aftersales/lives.hpp"
#include "loomline/tracking/lives.hpp"

namespace loomline::simulation {
namespace {

using tracking::v1::JourneyStatus;

// One late fact may move a journey by several steps.
bool leads_to(JourneyStatus from, JourneyStatus to) {
  if (from == to) return true;
  for (const auto& step : tracking::journey_life)
    if (step.from == from && step.to > from && leads_to(step.to, to)) return true;
  return wire::may_follow(tracking::journey_life, from, to);
}

}  // namespace

void Ledger::listen_to_others() {
  on<aftersales::v1::TicketOpened>(&Ledger::take);
  on<aftersales::v1::TicketChanged>(&Ledger::take);
  on<aftersales::v1::SurveyRequested>(&Ledger::take);
  on<aftersales::v1::SurveyAnswered>(&Ledger::take);
  on<aftersales::v1::SurveyExpired>(&Ledger::take);
  on<tracking::v1::OrderProgressed>(&Ledger::take);
  on<configuration::v1::ModelVersionPublished>(&Ledger::take);
  on<scheduling::v1::PlantPublished>(&Ledger::take);
}

void Ledger::take(const aftersales::v1::TicketOpened& event) {
  require(tickets_.emplace(event.ticket_id(), event.ticket().state()).second,
          "ticket " + event.ticket_id() + " is opened twice");
}
void Ledger::take(const aftersales::v1::TicketChanged& event) {
  auto& state = tickets_[event.ticket_id()];
  const auto to = event.ticket().state();
  require(state == to || wire::may_follow(aftersales::ticket_life, state, to),
          "ticket " + event.ticket_id() + " goes from " + wire::short_name(state) + " to " + wire::short_name(to));
  state = to;
}

void Ledger::take(const aftersales::v1::SurveyRequested& event) {
  auto& order = orders_[event.order_id()];
  require(!std::exchange(order.survey_asked, true), name(event.order_id()) + "is asked for an opinion twice");
  bool delivered = false;
  for (const auto& shipment : order.shipments)
    delivered = delivered || shipment.second.state == production::v1::SHIPMENT_STATE_DELIVERED;
  require(delivered, name(event.order_id()) + "is asked for an opinion before anything is delivered");
}
void Ledger::survey_over(const std::string& order_id) {
  auto& order = orders_[order_id];
  require(order.survey_asked && !std::exchange(order.survey_over, true),
          name(order_id) + "its survey ends twice, or was never asked");
}
void Ledger::take(const aftersales::v1::SurveyAnswered& event) { survey_over(event.order_id()); }
void Ledger::take(const aftersales::v1::SurveyExpired& event) { survey_over(event.order_id()); }

// What customers are told: every revision, once, and no way back that the table does not have.
void Ledger::take(const tracking::v1::OrderProgressed& event) {
  auto& order = orders_[event.order_id()];
  require(event.revision() == order.revision + 1, name(event.order_id()) + "revision " +
                                                      std::to_string(event.revision()) + " is told after " +
                                                      std::to_string(order.revision));
  order.revision = event.revision();
  require(leads_to(order.status, event.status()), name(event.order_id()) + "its journey goes from " +
                                                      wire::short_name(order.status) + " to " +
                                                      wire::short_name(event.status()));
  order.status = event.status();
}

void Ledger::take(const configuration::v1::ModelVersionPublished& event) {
  require(event.model().version() == ++versions_[event.model_id()], "versions of " + event.model_id() + " have a gap");
}
void Ledger::take(const scheduling::v1::PlantPublished& event) {
  require(event.revision() == ++versions_[event.plant_id()], "revisions of " + event.plant_id() + " have a gap");
}

}  // namespace loomline::simulation
