// What quality hears. Pure: state, message and Step in, state and facts out.
#pragma once

#include "domain/state.hpp"
#include "loomline/intake/v1/events.pb.h"
#include "loomline/scheduling/v1/events.pb.h"

namespace loomline::quality::domain {

Verdict on_order_placed(State& state, const intake::v1::OrderPlaced& event, Step& step);
Verdict on_order_cancelled(State& state, const intake::v1::OrderCancelled& event, Step& step);
Verdict on_line_scheduled(State& state, const scheduling::v1::LineScheduled& event, Step& step);
Verdict on_operation_progressed(State& state, const scheduling::v1::OperationProgressed& event, Step& step);
Verdict on_unit_replaced(State& state, const scheduling::v1::UnitReplaced& event, Step& step);
Verdict on_unit_completed(State& state, const scheduling::v1::UnitCompleted& event, Step& step);

}  // namespace loomline::quality::domain
