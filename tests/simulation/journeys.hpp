// A journey is what its facts come to, whatever the order in which they arrive.
#pragma once

#include <string>
#include <vector>

#include "ledger.hpp"
#include "loomline/eventing/service.hpp"
#include "tests/sim/dice.hpp"

namespace loomline::simulation {

// Folds the order's facts anew in an order of the dice. Empty where that shows what tracking shows; else what differs.
std::string fold_anew(const eventing::Snapshot& shown, const std::string& order_id, const std::vector<Said>& facts,
                      eventing::sim::Dice& dice);
// What should not be, as the journey tells operators; empty: nothing.
std::string anomaly(const eventing::Snapshot& shown);

}  // namespace loomline::simulation
