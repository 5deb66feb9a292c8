#include "domain/life.hpp"

namespace loomline::intake::domain {

std::string state_name(v1::OrderState state) {
  if (state == v1::ORDER_STATE_UNSPECIFIED) return "not there";
  std::string name = v1::OrderState_Name(state);
  constexpr std::string_view common = "ORDER_STATE_";
  return name.starts_with(common) ? name.substr(common.size()) : name;
}

Status say(OrderRecord& order, const google::protobuf::Message& event, eventing::Step& step) {
  const std::string what{event.GetDescriptor()->name()};
  const auto to = next(order.state(), what);
  if (!to)
    return failed_precondition("ORDER_STATE",
                               "The order is " + state_name(order.state()) + "; " + what + " cannot follow.");
  order.set_state(*to);
  step.publish(event);
  return {};
}

}  // namespace loomline::intake::domain
