#include "domain/order_facts.hpp"

namespace loomline::intake::domain {

std::string state_name(v1::OrderState state) {
  return state == v1::ORDER_STATE_UNSPECIFIED ? "not there" : wire::short_name(state);
}

bool is_placed(v1::OrderState state) {
  return state == v1::ORDER_STATE_PLACED || state == v1::ORDER_STATE_FULFILLED || state == v1::ORDER_STATE_CANCELLED;
}

Status order_unknown() { return not_found("ORDER_UNKNOWN", "There is no order with this id."); }

Status say(OrderRecord& order, const google::protobuf::Message& event, Step& step) {
  const std::string what{event.GetDescriptor()->name()};
  const auto to = wire::next(order_life, order.state(), what);
  if (!to)
    return failed_precondition("ORDER_STATE",
                               "The order is " + state_name(order.state()) + "; " + what + " cannot follow.");
  order.set_state(*to);
  step.publish(event);
  return {};
}

void reindex(const OrderRecord& order, Step& step) {
  step.index("list", std::vector<std::string>{"all", "state/" + std::to_string(order.state())});
}

}  // namespace loomline::intake::domain
