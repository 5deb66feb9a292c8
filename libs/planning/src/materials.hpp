// When the materials of an operation are at hand, and what must be bought for that.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plan_state.hpp"

namespace loomline::planning {

// When a quantity is free, and what must be bought for that.
struct Supply {
  Time at{};
  std::optional<Inbound> buy;
};
// The earliest at >= from. A shortage of an item with a lead time becomes a planned receipt, named after `op_id`, at
// now + lead time, where that is sooner. kNever: it never comes. `ledger`: of the item, as far as it is known by now.
Supply find_supply(const ItemState& stock, const Ledger& ledger, std::int64_t quantity, Time from, Time now,
                   const std::string& job_id, const std::string& op_id);
Status no_material(const std::string& op_id, const std::string& item);

struct MaterialAnswer {
  Time ready{};
  std::string item;  // the one that comes last; empty where nothing is waited for
  std::vector<std::pair<std::string, std::string>> bought;  // item, inbound id: already in the state
};

// The earliest t >= from at which everything that `op` needs and has not reserved is free; buys what is missing.
// NO_MATERIAL: an item never comes, and nothing was bought.
Result<MaterialAnswer> material_ready(PlanState& state, const OpRef& op, Time from, Time now);

// Whether material_ready() has an answer.
bool ever_supplied(const PlanState& state, const OpRef& op);

// Reserves what `op` needs and has not reserved, from `at` on.
void reserve_materials(PlanState& state, const OpRef& op, Time at);

// What it has reserved is needed from `at` on.
void shift_reservations(PlanState& state, const OpRef& op, Time at);

// Planned purchases of a job that nobody relies on are not made.
void drop_purchases(PlanState& state, std::string_view job_id);

}  // namespace loomline::planning
