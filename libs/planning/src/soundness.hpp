// Whether what is planned still holds. Facts mark what they may have broken; these say whether they did, so that a plan
// which has just been read marks what the one that was stored had marked, as far as it matters.
#pragma once

#include "plan_state.hpp"

namespace loomline::planning {

// Whether a planned operation stands where it is: shifts and downs, machine, operators, predecessors, reservations.
bool stands(const PlanState& state, const OpRef& op);

// Marks of a job what does not stand, what runs (it may be late), and what it does not leave room for.
void examine(PlanState& state, const JobRecord& record);
// Of all jobs and items.
void examine_all(PlanState& state);

// invalid_argument where a job is none, or names what the plant does not have.
Status check_stored(const PlanState& state, const Job& job);

}  // namespace loomline::planning
