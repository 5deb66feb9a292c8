// Cancellation: granted while nothing has been shipped, with a fee by how far production has come.
#pragma once

#include "domain/plant_step.hpp"

namespace loomline::scheduling::domain {

// Takes back units of a cancelled order, a bounded number a step, and forgets it when nothing of it counts or runs any
// more. True: there are more to take back.
bool take_back(PlantStep& step, const std::string& order_id);

}  // namespace loomline::scheduling::domain
