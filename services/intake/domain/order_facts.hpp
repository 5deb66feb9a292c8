// Enforces the table of legal transitions in loomline/intake/lives.hpp: nothing is published about an order but through
// say(), which looks there first.
#pragma once

#include <optional>
#include <string_view>

#include "loomline/base/status.hpp"
#include "loomline/eventing/step.hpp"
#include "loomline/intake/lives.hpp"
#include "loomline/intake/state/v1/state.pb.h"
#include "loomline/intake/v1/intake.pb.h"

namespace loomline::intake::domain {

using state::v1::OrderRecord;

constexpr std::optional<v1::OrderState> next(v1::OrderState from, std::string_view event) {
  for (const auto& transition : order_life)
    if (transition.from == from && transition.on == event) return transition.to;
  return std::nullopt;
}

// "PLACED".
std::string state_name(v1::OrderState state);

// Moves the order on and publishes the event; failed_precondition ORDER_STATE where the table does not have it.
Status say(OrderRecord& order, const google::protobuf::Message& event, eventing::Step& step);

}  // namespace loomline::intake::domain
