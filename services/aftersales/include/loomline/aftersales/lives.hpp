// The legal transitions of a ticket, as data: enforced by the domain, drawn in docs/lives.md.
#pragma once

#include "loomline/aftersales/v1/aftersales.pb.h"
#include "loomline/wire/lifecycle.hpp"

namespace loomline::aftersales {

inline constexpr auto ticket_life = wire::lifecycle<v1::TicketState>({
    {v1::TICKET_STATE_UNSPECIFIED, v1::TICKET_STATE_OPEN, "opened"},
    {v1::TICKET_STATE_OPEN, v1::TICKET_STATE_IN_PROGRESS, "somebody works on it"},
    {v1::TICKET_STATE_OPEN, v1::TICKET_STATE_WAITING, "the customer is asked"},
    {v1::TICKET_STATE_OPEN, v1::TICKET_STATE_RESOLVED, "answered at once"},
    {v1::TICKET_STATE_IN_PROGRESS, v1::TICKET_STATE_WAITING, "the customer is asked"},
    {v1::TICKET_STATE_IN_PROGRESS, v1::TICKET_STATE_RESOLVED, "solved"},
    {v1::TICKET_STATE_WAITING, v1::TICKET_STATE_IN_PROGRESS, "the customer answered"},
    {v1::TICKET_STATE_WAITING, v1::TICKET_STATE_RESOLVED, "solved meanwhile"},
    {v1::TICKET_STATE_RESOLVED, v1::TICKET_STATE_IN_PROGRESS, "reopened"},
    {v1::TICKET_STATE_RESOLVED, v1::TICKET_STATE_CLOSED, "agreed"},
});

}  // namespace loomline::aftersales
