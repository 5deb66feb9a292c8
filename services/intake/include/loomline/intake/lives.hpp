// The legal transitions of an order's commercial life, as data: enforced by the domain, drawn in docs/lives.md.
#pragma once

#include "loomline/intake/v1/intake.pb.h"
#include "loomline/wire/lifecycle.hpp"

namespace loomline::intake {

// In state `from`, the event `on` (a message of loomline.intake.v1) may be said; then the state is `to`.
inline constexpr auto order_life = wire::lifecycle<v1::OrderState>({
    {v1::ORDER_STATE_UNSPECIFIED, v1::ORDER_STATE_CAPTURED, "RequirementCaptured"},
    {v1::ORDER_STATE_CAPTURED, v1::ORDER_STATE_CAPTURED, "ConfirmationAsked"},
    {v1::ORDER_STATE_CAPTURED, v1::ORDER_STATE_CAPTURED, "ConfirmationAnswered"},
    {v1::ORDER_STATE_CAPTURED, v1::ORDER_STATE_CONFIRMED, "RequirementConfirmed"},
    {v1::ORDER_STATE_CAPTURED, v1::ORDER_STATE_CANCELLED, "OrderCancelled"},
    {v1::ORDER_STATE_CONFIRMED, v1::ORDER_STATE_CAPTURED, "ConfirmationAsked"},
    {v1::ORDER_STATE_CONFIRMED, v1::ORDER_STATE_CAPTURED, "ConfirmationAnswered"},
    {v1::ORDER_STATE_CONFIRMED, v1::ORDER_STATE_QUOTED, "QuoteIssued"},
    {v1::ORDER_STATE_CONFIRMED, v1::ORDER_STATE_REFUSED, "QuoteRefused"},
    {v1::ORDER_STATE_CONFIRMED, v1::ORDER_STATE_CANCELLED, "OrderCancelled"},
    {v1::ORDER_STATE_REFUSED, v1::ORDER_STATE_CAPTURED, "ConfirmationAsked"},
    {v1::ORDER_STATE_REFUSED, v1::ORDER_STATE_CAPTURED, "ConfirmationAnswered"},
    {v1::ORDER_STATE_REFUSED, v1::ORDER_STATE_QUOTED, "QuoteIssued"},
    {v1::ORDER_STATE_REFUSED, v1::ORDER_STATE_REFUSED, "QuoteRefused"},
    {v1::ORDER_STATE_REFUSED, v1::ORDER_STATE_CANCELLED, "OrderCancelled"},
    {v1::ORDER_STATE_QUOTED, v1::ORDER_STATE_QUOTED, "QuoteIssued"},
    {v1::ORDER_STATE_QUOTED, v1::ORDER_STATE_REFUSED, "QuoteRefused"},
    {v1::ORDER_STATE_QUOTED, v1::ORDER_STATE_CONFIRMED, "QuoteExpired"},
    {v1::ORDER_STATE_QUOTED, v1::ORDER_STATE_PLACED, "OrderPlaced"},
    {v1::ORDER_STATE_QUOTED, v1::ORDER_STATE_CANCELLED, "OrderCancelled"},
    {v1::ORDER_STATE_PLACED, v1::ORDER_STATE_PLACED, "OrderCancellationRequested"},
    {v1::ORDER_STATE_PLACED, v1::ORDER_STATE_PLACED, "OrderCancellationDeclined"},
    {v1::ORDER_STATE_PLACED, v1::ORDER_STATE_CANCELLED, "OrderCancelled"},
    {v1::ORDER_STATE_PLACED, v1::ORDER_STATE_FULFILLED, "OrderFulfilled"},
    {v1::ORDER_STATE_FULFILLED, v1::ORDER_STATE_FULFILLED, "OrderCancellationDeclined"},
});

static_assert(wire::each_cause_once(order_life), "a state and an event must lead to one state");

}  // namespace loomline::intake
