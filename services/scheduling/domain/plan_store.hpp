// A plant's stored state as a plan, and back. Pure.
#pragma once

#include <vector>

#include "domain/parts.hpp"
#include "loomline/planning/plan.hpp"

namespace loomline::scheduling::domain {

// Material whose time has come counts as received; breakdowns long past are forgotten.
void tidy(PlantState& state, Time now);

// The plan as it stands. `also`: specs that are not in the state yet, whose items must be known. The plant must have
// been published.
planning::Plan load(const PlantState& state, const std::vector<const ManufacturingSpec*>& also = {});

// Writes places and stock back. Operations that the plan no longer has leave it in the state too.
void save(const planning::Plan& plan, PlantState& state);

}  // namespace loomline::scheduling::domain
