// Lines find their place in the plan: first come, first served, a bounded number of units a step.
#pragma once

#include "domain/plant_step.hpp"

namespace loomline::scheduling::domain {

// Goes on with what waits for a place or for its release to the floor, and tries again what something has come for that
// may help. True: there is more to do.
bool place_waiting(PlantStep& step);

}  // namespace loomline::scheduling::domain
