// When the materials of an operation are at hand, and what must be bought for that.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "plan_state.hpp"

namespace loomline::planning {

struct MaterialAnswer {
  Time ready{};
  std::string item;                                        // the one that comes last; empty where nothing is waited for
  std::vector<std::pair<std::string, Inbound>> purchases;  // already added to the state
};

// The earliest t >= from at which everything that `op` needs and has not reserved is free. A shortage of an item with a
// lead time becomes a planned receipt at now + lead time, where that is sooner. NO_MATERIAL otherwise.
Result<MaterialAnswer> material_ready(PlanState& state, const OpRef& op, Time from, Time now);

// Reserves what `op` needs and has not reserved, from `at` on.
void reserve_materials(PlanState& state, const OpRef& op, Time at);

// What it has reserved is needed from `at` on.
void shift_reservations(PlanState& state, const OpRef& op, Time at);

// Planned purchases of a job that nobody relies on are not made.
void drop_purchases(PlanState& state, std::string_view job_id);

}  // namespace loomline::planning
