// The legal transitions of an order's commercial life, as data: enforced by the domain, drawn in docs/lives.md.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "loomline/intake/v1/intake.pb.h"

namespace loomline::intake {

// In state `from`, the event `on` (a message of loomline.intake.v1) may be said; then the state is `to`. `from` is
// UNSPECIFIED where the life begins.
struct Transition {
  v1::OrderState from;
  v1::OrderState to;
  std::string_view on;
};

inline constexpr std::array order_life = {
    Transition{v1::ORDER_STATE_UNSPECIFIED, v1::ORDER_STATE_CAPTURED, "RequirementCaptured"},
    Transition{v1::ORDER_STATE_CAPTURED, v1::ORDER_STATE_CAPTURED, "ConfirmationAsked"},
    Transition{v1::ORDER_STATE_CAPTURED, v1::ORDER_STATE_CAPTURED, "ConfirmationAnswered"},
    Transition{v1::ORDER_STATE_CAPTURED, v1::ORDER_STATE_CONFIRMED, "RequirementConfirmed"},
    Transition{v1::ORDER_STATE_CAPTURED, v1::ORDER_STATE_CANCELLED, "OrderCancelled"},
    Transition{v1::ORDER_STATE_CONFIRMED, v1::ORDER_STATE_CAPTURED, "ConfirmationAsked"},
    Transition{v1::ORDER_STATE_CONFIRMED, v1::ORDER_STATE_CAPTURED, "ConfirmationAnswered"},
    Transition{v1::ORDER_STATE_CONFIRMED, v1::ORDER_STATE_QUOTED, "QuoteIssued"},
    Transition{v1::ORDER_STATE_CONFIRMED, v1::ORDER_STATE_REFUSED, "QuoteRefused"},
    Transition{v1::ORDER_STATE_CONFIRMED, v1::ORDER_STATE_CANCELLED, "OrderCancelled"},
    Transition{v1::ORDER_STATE_REFUSED, v1::ORDER_STATE_CAPTURED, "ConfirmationAsked"},
    Transition{v1::ORDER_STATE_REFUSED, v1::ORDER_STATE_CAPTURED, "ConfirmationAnswered"},
    Transition{v1::ORDER_STATE_REFUSED, v1::ORDER_STATE_QUOTED, "QuoteIssued"},
    Transition{v1::ORDER_STATE_REFUSED, v1::ORDER_STATE_REFUSED, "QuoteRefused"},
    Transition{v1::ORDER_STATE_REFUSED, v1::ORDER_STATE_CANCELLED, "OrderCancelled"},
    Transition{v1::ORDER_STATE_QUOTED, v1::ORDER_STATE_QUOTED, "QuoteIssued"},
    Transition{v1::ORDER_STATE_QUOTED, v1::ORDER_STATE_REFUSED, "QuoteRefused"},
    Transition{v1::ORDER_STATE_QUOTED, v1::ORDER_STATE_CONFIRMED, "QuoteExpired"},
    Transition{v1::ORDER_STATE_QUOTED, v1::ORDER_STATE_PLACED, "OrderPlaced"},
    Transition{v1::ORDER_STATE_QUOTED, v1::ORDER_STATE_CANCELLED, "OrderCancelled"},
    Transition{v1::ORDER_STATE_PLACED, v1::ORDER_STATE_PLACED, "OrderCancellationRequested"},
    Transition{v1::ORDER_STATE_PLACED, v1::ORDER_STATE_PLACED, "OrderCancellationDeclined"},
    Transition{v1::ORDER_STATE_PLACED, v1::ORDER_STATE_CANCELLED, "OrderCancelled"},
    Transition{v1::ORDER_STATE_PLACED, v1::ORDER_STATE_FULFILLED, "OrderFulfilled"},
    Transition{v1::ORDER_STATE_FULFILLED, v1::ORDER_STATE_FULFILLED, "OrderCancellationDeclined"},
};

constexpr bool each_pair_once() {
  for (std::size_t i = 0; i < order_life.size(); ++i)
    for (std::size_t j = i + 1; j < order_life.size(); ++j)
      if (order_life[i].from == order_life[j].from && order_life[i].on == order_life[j].on) return false;
  return true;
}
static_assert(each_pair_once(), "a state and an event must lead to one state");

}  // namespace loomline::intake
