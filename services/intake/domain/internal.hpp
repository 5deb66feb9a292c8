// Shared by the files of the order aggregate.
#pragma once

#include "domain/order.hpp"
#include "loomline/wire/convert.hpp"

namespace loomline::intake::domain {

// Sets order id and time of an event that this step says.
template <class Event>
Event fact(const OrderRecord& order, const Step& step) {
  Event event;
  event.set_order_id(order.order_id());
  *event.mutable_occurred_at() = wire::to_timestamp(step.now());
  return event;
}

// What every step ends with: the listings follow the state.
void reindex(const OrderRecord& order, Step& step);

// The timer's name for a quote.
std::string quote_timer(const std::string& quote_id);

// Takes back a quote in force, because the wish changes or questions are asked; nothing where there is none.
Status withdraw_quote(OrderRecord& order, Step& step);

bool is_placed(v1::OrderState state);

}  // namespace loomline::intake::domain
