// How an order says what happened to it: nothing is published about an order but through say(), which looks into the
// table of legal transitions in loomline/intake/lives.hpp first.
#pragma once

#include "loomline/base/status.hpp"
#include "loomline/eventing/step.hpp"
#include "loomline/intake/lives.hpp"
#include "loomline/intake/state/v1/state.pb.h"
#include "loomline/wire/convert.hpp"

namespace loomline::intake::domain {

using eventing::Step;
using state::v1::OrderRecord;

// An event of this step about the order: its id and the time are set.
template <class Event>
Event fact(const OrderRecord& order, const Step& step) {
  Event event;
  event.set_order_id(order.order_id());
  *event.mutable_occurred_at() = wire::to_timestamp(step.now());
  return event;
}

// Moves the order on and publishes the event; failed_precondition ORDER_STATE where the table does not have it.
Status say(OrderRecord& order, const google::protobuf::Message& event, Step& step);

// "PLACED"; "not there" before the life begins.
std::string state_name(v1::OrderState state);
// Placed, or whatever comes after it.
bool is_placed(v1::OrderState state);

// not_found ORDER_UNKNOWN.
Status order_unknown();

// What every step ends with: the listings follow the state.
void reindex(const OrderRecord& order, Step& step);

}  // namespace loomline::intake::domain
