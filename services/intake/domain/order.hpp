// From a quote to fulfilment or cancellation, and the order as it is shown. Pure.
#pragma once

#include "domain/order_facts.hpp"
#include "loomline/scheduling/v1/events.pb.h"

namespace loomline::intake::domain {

using eventing::Verdict;

Result<v1::PlaceOrderResponse> place(OrderRecord& order, const v1::PlaceOrderRequest& request, Step& step);
Result<v1::CancelOrderResponse> cancel(OrderRecord& order, const v1::CancelOrderRequest& request, Step& step);

Verdict on_cancellation_granted(OrderRecord& order, const scheduling::v1::CancellationGranted& event, Step& step);
Verdict on_cancellation_refused(OrderRecord& order, const scheduling::v1::CancellationRefused& event, Step& step);
Verdict on_delivered(OrderRecord& order, const scheduling::v1::ShipmentDelivered& event, Step& step);

// The order as the contract shows it.
v1::Order view(const OrderRecord& order);

}  // namespace loomline::intake::domain
