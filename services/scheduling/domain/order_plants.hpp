// The order's side of scheduling: facts under the order's key go to the plant that makes it, over the internal topic.
// And the demo's clock. Pure.
#pragma once

#include "domain/vocabulary.hpp"
#include "loomline/common/v1/system.pb.h"
#include "loomline/eventing/service.hpp"
#include "loomline/intake/v1/events.pb.h"
#include "loomline/quality/v1/quality.pb.h"

namespace loomline::scheduling::domain {

using OrderState = state::v1::OrderPlants;

// Registers every event that is heard under an order's key. A new one is a function and a line in order_plants.cpp.
void hear(eventing::Aggregate<OrderState>& orders);

Result<v1::AdvanceClockResponse> advance_clock(state::v1::Clock& state, const v1::AdvanceClockRequest& request,
                                               Step& step);

}  // namespace loomline::scheduling::domain
