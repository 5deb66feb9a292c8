// The order's side of scheduling: facts under the order's key go to the plant that makes it, over the internal topic.
// And the demo's clock. Pure.
#pragma once

#include "domain/vocabulary.hpp"
#include "loomline/common/v1/system.pb.h"
#include "loomline/intake/v1/events.pb.h"
#include "loomline/quality/v1/quality.pb.h"

namespace loomline::scheduling::domain {

using OrderState = state::v1::OrderPlants;

Verdict on_order_placed(OrderState& state, const intake::v1::OrderPlaced& event, Step& step);
Verdict on_order_cancellation_requested(OrderState& state, const intake::v1::OrderCancellationRequested& event,
                                        Step& step);
Verdict on_inspection_passed(OrderState& state, const quality::v1::InspectionPassed& event, Step& step);
Verdict on_disposition_decided(OrderState& state, const quality::v1::DispositionDecided& event, Step& step);

Result<v1::AdvanceClockResponse> advance_clock(state::v1::Clock& state, const v1::AdvanceClockRequest& request,
                                               Step& step);

}  // namespace loomline::scheduling::domain
