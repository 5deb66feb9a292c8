// A unit on its way through its work orders: operations that may start, completion, leaving the plan.
#pragma once

#include "domain/plant_step.hpp"

namespace loomline::scheduling::domain {

void allow_operations(Unit& unit);
void unit_progressed(PlantStep& step, Piece& piece, Time at);
// Takes back what of a unit has not begun; running operations end by themselves.
void recall(PlantStep& step, Piece& piece, const std::string& reason, Time at);
// Another unit takes the place of one that was scrapped.
void replace(PlantStep& step, Piece& piece, const std::string& nonconformity_id, Time at);

}  // namespace loomline::scheduling::domain
