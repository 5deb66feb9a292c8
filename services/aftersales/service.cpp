// What aftersales is made of: its aggregates, commands, timers and queries. What it hears stands in domain/survey.cpp.
#include "loomline/aftersales/service.hpp"

#include <memory>
#include <stdexcept>

#include "api/aftersales_api.hpp"
#include "domain/survey.hpp"
#include "domain/ticket.hpp"
#include "loomline/base/id.hpp"
#include "loomline/rpc/query.hpp"

namespace loomline::aftersales {
namespace {

using eventing::Cause;
using eventing::Step;

Result<std::string> new_ticket(const state::v1::OpenTicketCommand&, const Cause& cause) {
  return mint_id(prefix::ticket, cause.now, cause.id);
}
Result<std::string> known_ticket(const state::v1::UpdateTicketCommand& command, const Cause&) {
  return command.ticket_id();
}
Result<std::string> known_order(const state::v1::AnswerSurveyCommand& command, const Cause&) {
  return command.order_id();
}

std::shared_ptr<const planning::Calendar> calendar_of(const Settings& settings) {
  auto calendar = planning::Calendar::make(settings.hours);
  if (!calendar.ok()) throw std::runtime_error("service hours: " + calendar.status().to_string());
  if ((*calendar)->next_working(Time{}) == planning::kNever) throw std::runtime_error("service hours: nobody works");
  return *calendar;
}

void add_tickets(eventing::Service& service, std::shared_ptr<const planning::Calendar> hours) {
  auto tickets = service.aggregate<state::v1::TicketRecord>("ticket", prefix::ticket);
  tickets.command<state::v1::OpenTicketCommand, v1::OpenTicketResponse>(
      std::string(domain::open_ticket_command), new_ticket, [hours](auto& record, const auto& command, Step& step) {
        return domain::open_ticket(*hours, record, command, step);
      });
  tickets.command<state::v1::UpdateTicketCommand, v1::UpdateTicketResponse>(
      std::string(domain::update_ticket_command), known_ticket, [hours](auto& record, const auto& command, Step& step) {
        return domain::update_ticket(*hours, record, command, step);
      });
  tickets.timer<state::v1::ClockDue>(domain::respond_clock, domain::on_response_due);
  tickets.timer<state::v1::ClockDue>(domain::resolve_clock, domain::on_resolution_due);
}

void add_surveys(eventing::Service& service, const Settings& settings) {
  auto orders = service.aggregate<state::v1::OrderRecord>("order", prefix::order);
  domain::hear(settings.survey_after, orders);
  orders.timer<state::v1::SurveyDue>(domain::survey_timer,
                                     [open = settings.survey_open](auto& order, const auto& due, Step& step) {
                                       return domain::on_survey_due(open, order, due, step);
                                     });
  orders.timer<state::v1::SurveyExpiryDue>(domain::survey_expiry_timer, domain::on_survey_expired);
  orders.command<state::v1::AnswerSurveyCommand, v1::AnswerSurveyResponse>(std::string(domain::answer_survey_command),
                                                                           known_order, domain::answer_survey);
}

}  // namespace

eventing::Service make_service_with(const Settings& settings) {
  eventing::Service service("aftersales");
  add_tickets(service, calendar_of(settings));
  add_surveys(service, settings);
  return service;
}

eventing::Service make_service() {
  auto settings = settings_from_environment();
  if (!settings.ok()) throw std::runtime_error(settings.status().to_string());
  return make_service_with(*settings);
}

void serve(eventing::Runtime& runtime, rpc::Server& server, rpc::Directory& peers, const host::Config&) {
  const auto api = std::make_shared<api::AftersalesApi>(runtime, runtime.reader(), peers);
  rpc::query(server, api, &api::AftersalesApi::open_ticket);
  rpc::query(server, api, &api::AftersalesApi::update_ticket);
  rpc::query(server, api, &api::AftersalesApi::get_ticket);
  rpc::query(server, api, &api::AftersalesApi::list_tickets);
  rpc::query(server, api, &api::AftersalesApi::get_survey);
  rpc::query(server, api, &api::AftersalesApi::answer_survey);
}

}  // namespace loomline::aftersales
