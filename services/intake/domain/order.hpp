// From a quote to fulfilment or cancellation, and the order as it is shown. Pure.
#pragma once

#include "domain/order_facts.hpp"
#include "loomline/eventing/service.hpp"

namespace loomline::intake::domain {

Result<v1::PlaceOrderResponse> place(OrderRecord& order, const v1::PlaceOrderRequest& request, Step& step);
Result<v1::CancelOrderResponse> cancel(OrderRecord& order, const v1::CancelOrderRequest& request, Step& step);

// Registers every event that an order hears with its handler. A new one is a function and a line in order.cpp.
void hear(eventing::Aggregate<OrderRecord>& orders);

// The order as the contract shows it.
v1::Order view(const OrderRecord& order);

}  // namespace loomline::intake::domain
