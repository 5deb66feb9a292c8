// Which work orders a step changed, so that a MES can ask for what is new instead of for everything (ADR 6).
#pragma once

#include "domain/plant_step.hpp"

namespace loomline::scheduling::domain {

// Stamps every work order of a unit that the step touched and that is not as it was before, and lists those that are
// gone. What was touched is known by the kernel: whoever changes a work order need know nothing of this.
void stamp_changes(PlantStep& step);

// The name of the part "gone" of a step.
std::string gone_name(std::uint64_t changes);

}  // namespace loomline::scheduling::domain
