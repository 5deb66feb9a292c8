// What quality hears. Pure: state, message and Step in, state and facts out.
#pragma once

#include "domain/state.hpp"
#include "loomline/eventing/service.hpp"

namespace loomline::quality::domain {

// Registers every event that quality hears with its handler. A new one is a function and a line in events.cpp.
void hear(eventing::Aggregate<State>& orders);

}  // namespace loomline::quality::domain
