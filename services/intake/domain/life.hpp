// The commercial life of an order: one table of legal transitions. Nothing is published about an order but through
// say(), which looks here first; the diagram in docs/ is drawn from this table.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "loomline/base/status.hpp"
#include "loomline/eventing/step.hpp"
#include "loomline/intake/state/v1/state.pb.h"
#include "loomline/intake/v1/intake.pb.h"

namespace loomline::intake::domain {

using state::v1::OrderRecord;

// In state `from`, the event `event` (a message of loomline.intake.v1) may be said; then the state is `to`.
struct Transition {
  v1::OrderState from;
  std::string_view event;
  v1::OrderState to;
};

// UNSPECIFIED: the order does not exist yet.
inline constexpr std::array order_life = {
    Transition{v1::ORDER_STATE_UNSPECIFIED, "RequirementCaptured", v1::ORDER_STATE_CAPTURED},
    Transition{v1::ORDER_STATE_CAPTURED, "ConfirmationAsked", v1::ORDER_STATE_CAPTURED},
    Transition{v1::ORDER_STATE_CAPTURED, "ConfirmationAnswered", v1::ORDER_STATE_CAPTURED},
    Transition{v1::ORDER_STATE_CAPTURED, "RequirementConfirmed", v1::ORDER_STATE_CONFIRMED},
    Transition{v1::ORDER_STATE_CAPTURED, "OrderCancelled", v1::ORDER_STATE_CANCELLED},
    Transition{v1::ORDER_STATE_CONFIRMED, "ConfirmationAsked", v1::ORDER_STATE_CAPTURED},
    Transition{v1::ORDER_STATE_CONFIRMED, "ConfirmationAnswered", v1::ORDER_STATE_CAPTURED},
    Transition{v1::ORDER_STATE_CONFIRMED, "QuoteIssued", v1::ORDER_STATE_QUOTED},
    Transition{v1::ORDER_STATE_CONFIRMED, "QuoteRefused", v1::ORDER_STATE_REFUSED},
    Transition{v1::ORDER_STATE_CONFIRMED, "OrderCancelled", v1::ORDER_STATE_CANCELLED},
    Transition{v1::ORDER_STATE_REFUSED, "ConfirmationAsked", v1::ORDER_STATE_CAPTURED},
    Transition{v1::ORDER_STATE_REFUSED, "ConfirmationAnswered", v1::ORDER_STATE_CAPTURED},
    Transition{v1::ORDER_STATE_REFUSED, "QuoteIssued", v1::ORDER_STATE_QUOTED},
    Transition{v1::ORDER_STATE_REFUSED, "QuoteRefused", v1::ORDER_STATE_REFUSED},
    Transition{v1::ORDER_STATE_REFUSED, "OrderCancelled", v1::ORDER_STATE_CANCELLED},
    Transition{v1::ORDER_STATE_QUOTED, "QuoteIssued", v1::ORDER_STATE_QUOTED},
    Transition{v1::ORDER_STATE_QUOTED, "QuoteRefused", v1::ORDER_STATE_REFUSED},
    Transition{v1::ORDER_STATE_QUOTED, "QuoteExpired", v1::ORDER_STATE_CONFIRMED},
    Transition{v1::ORDER_STATE_QUOTED, "OrderPlaced", v1::ORDER_STATE_PLACED},
    Transition{v1::ORDER_STATE_QUOTED, "OrderCancelled", v1::ORDER_STATE_CANCELLED},
    Transition{v1::ORDER_STATE_PLACED, "OrderCancellationRequested", v1::ORDER_STATE_PLACED},
    Transition{v1::ORDER_STATE_PLACED, "OrderCancellationDeclined", v1::ORDER_STATE_PLACED},
    Transition{v1::ORDER_STATE_PLACED, "OrderCancelled", v1::ORDER_STATE_CANCELLED},
    Transition{v1::ORDER_STATE_PLACED, "OrderFulfilled", v1::ORDER_STATE_FULFILLED},
    Transition{v1::ORDER_STATE_FULFILLED, "OrderCancellationDeclined", v1::ORDER_STATE_FULFILLED},
};

constexpr std::optional<v1::OrderState> next(v1::OrderState from, std::string_view event) {
  for (const auto& transition : order_life)
    if (transition.from == from && transition.event == event) return transition.to;
  return std::nullopt;
}

constexpr bool each_pair_once() {
  for (std::size_t i = 0; i < order_life.size(); ++i)
    for (std::size_t j = i + 1; j < order_life.size(); ++j)
      if (order_life[i].from == order_life[j].from && order_life[i].event == order_life[j].event) return false;
  return true;
}
static_assert(each_pair_once(), "a state and an event must lead to one state");

// "PLACED".
std::string state_name(v1::OrderState state);

// Moves the order on and publishes the event; failed_precondition ORDER_STATE where the table does not have it.
Status say(OrderRecord& order, const google::protobuf::Message& event, eventing::Step& step);

}  // namespace loomline::intake::domain
