// A product's routing as a network of operations to plan. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/parts.hpp"
#include "loomline/planning/job.hpp"

namespace loomline::scheduling::domain {

// invalid_argument: no operations, duplicate or unknown op_ids, a circle, quantities that cannot be counted.
Status check_spec(const ManufacturingSpec& spec, std::int64_t quantity);

const production::v1::Operation* find_operation(const ManufacturingSpec& spec, std::string_view op_id);
// By the routing's precedence, ties by op_id.
std::vector<const production::v1::Operation*> in_order(const ManufacturingSpec& spec);

// The work order that makes a unit, and the one that repeats some operations and then `inspected`. Operations are
// NOT_ALLOWED and unplaced. `number` counts a unit's reworks from 1.
WorkOrder make_work_order(const ManufacturingSpec& spec, std::string id);
WorkOrder rework_order(const ManufacturingSpec& spec, std::string id, const Operation& inspected,
                       const std::vector<std::string>& op_ids, int number);

// The job of a unit: everything of it that is in the plan.
std::string job_id(const Unit& unit);
planning::Demand demand_of(const ManufacturingSpec& spec, const Unit& unit);

}  // namespace loomline::scheduling::domain
