// The ticket aggregate. Pure; `hours` are the service hours that its clocks run in.
#pragma once

#include "domain/service_level.hpp"
#include "loomline/aftersales/lives.hpp"
#include "loomline/aftersales/state/v1/state.pb.h"
#include "loomline/base/status.hpp"
#include "loomline/eventing/step.hpp"
#include "loomline/planning/calendar.hpp"

namespace loomline::aftersales::domain {

using eventing::Step;
using eventing::Verdict;
using state::v1::TicketRecord;

inline constexpr std::string_view open_ticket_command = "aftersales.OpenTicket",
                                  update_ticket_command = "aftersales.UpdateTicket";
// Names of the timers.
inline constexpr const char *respond_clock = "respond", *resolve_clock = "resolve";

Result<v1::OpenTicketResponse> open_ticket(const planning::Calendar& hours, TicketRecord& record,
                                           const state::v1::OpenTicketCommand& command, Step& step);
Result<v1::UpdateTicketResponse> update_ticket(const planning::Calendar& hours, TicketRecord& record,
                                               const state::v1::UpdateTicketCommand& command, Step& step);
// ok where the ticket may take this state and one more change.
Status may_become(const TicketRecord& record, v1::TicketState state);

Verdict on_response_due(TicketRecord& record, const state::v1::ClockDue& due, Step& step);
Verdict on_resolution_due(TicketRecord& record, const state::v1::ClockDue& due, Step& step);

// Values of the index "list" under which a listing is found.
std::string list_value(const std::string& order_id, v1::TicketState state);

Status ticket_unknown();

}  // namespace loomline::aftersales::domain
