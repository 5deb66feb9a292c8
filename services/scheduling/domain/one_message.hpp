// Plants that were stored as one message, before they had parts. Everything of them is taken over by their next step.
#pragma once

#include "domain/board.hpp"

namespace loomline::scheduling::domain {

bool is_one_message(const PlantState& state);
// Moves what stands in the state into parts.
void take_apart(PlantState& state, eventing::PartStore& parts);
// What will be derived from it then. The parts that it compares with are its own.
Board board_of_one_message(const PlantState& state, const eventing::PartStore& parts);

}  // namespace loomline::scheduling::domain
