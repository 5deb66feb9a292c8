// An independent judge of plans, for the tests of every engine: it reads the plain structs only and shares no code with
// an engine but the calendar.
#pragma once

#include <string>
#include <vector>

#include "loomline/planning/plan.hpp"

namespace loomline::planning {

// Every broken rule as a sentence: machine capacity, down times and shifts, precedence with lags, operators, material,
// durations. Running and ended operations may break what reality breaks.
std::vector<std::string> broken_rules(const Plan& plan);

}  // namespace loomline::planning
