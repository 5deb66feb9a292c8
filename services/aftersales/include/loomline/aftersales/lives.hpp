// The legal transitions of a ticket, as data: enforced by the domain, drawn in docs/lives.md.
#pragma once

#include <array>
#include <string_view>

#include "loomline/aftersales/v1/aftersales.pb.h"

namespace loomline::aftersales {

// `from` is UNSPECIFIED where the life begins. `on` says what causes it.
struct Transition {
  v1::TicketState from;
  v1::TicketState to;
  std::string_view on;
};

inline constexpr std::array ticket_life = {
    Transition{v1::TICKET_STATE_UNSPECIFIED, v1::TICKET_STATE_OPEN, "opened"},
    Transition{v1::TICKET_STATE_OPEN, v1::TICKET_STATE_IN_PROGRESS, "somebody works on it"},
    Transition{v1::TICKET_STATE_OPEN, v1::TICKET_STATE_WAITING, "the customer is asked"},
    Transition{v1::TICKET_STATE_OPEN, v1::TICKET_STATE_RESOLVED, "answered at once"},
    Transition{v1::TICKET_STATE_IN_PROGRESS, v1::TICKET_STATE_WAITING, "the customer is asked"},
    Transition{v1::TICKET_STATE_IN_PROGRESS, v1::TICKET_STATE_RESOLVED, "solved"},
    Transition{v1::TICKET_STATE_WAITING, v1::TICKET_STATE_IN_PROGRESS, "the customer answered"},
    Transition{v1::TICKET_STATE_WAITING, v1::TICKET_STATE_RESOLVED, "solved meanwhile"},
    Transition{v1::TICKET_STATE_RESOLVED, v1::TICKET_STATE_IN_PROGRESS, "reopened"},
    Transition{v1::TICKET_STATE_RESOLVED, v1::TICKET_STATE_CLOSED, "agreed"},
};

}  // namespace loomline::aftersales
