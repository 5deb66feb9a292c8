// A product's spec, read once: its routing as operations to plan. Pure, immutable, shared by all units of the spec.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "domain/vocabulary.hpp"
#include "loomline/planning/job.hpp"

namespace loomline::scheduling::domain {

// invalid_argument: no operations, duplicate or unknown op_ids, a circle, quantities that cannot be counted.
Status check_spec(const ManufacturingSpec& spec, std::int64_t quantity);

// The name of the part "spec" that keeps it: the same content, the same name.
std::string key_of(const ManufacturingSpec& spec);

class Routing {
 public:
  // The spec need not be sound; what is asked of one that is not throws std::logic_error.
  explicit Routing(ManufacturingSpec spec);

  const ManufacturingSpec& spec() const { return spec_; }
  // std::logic_error where the routing has no such operation.
  const production::v1::Operation& at(std::string_view op_id) const;

  // The work order that makes a unit, and the one that repeats some operations and then `inspected`. Operations are
  // NOT_ALLOWED and unplaced; the first is not released yet. `number` counts a unit's reworks from 1.
  WorkOrder make_work_order(std::string id) const;
  WorkOrder rework_order(std::string id, const Operation& inspected, const std::vector<std::string>& op_ids,
                         int number) const;

  // The job of a unit: everything of it that is in the plan.
  planning::Demand demand_of(const Unit& unit) const;

 private:
  ManufacturingSpec spec_;
  struct Step {
    int index = 0;              // in the spec
    planning::Operation to_do;  // with its material, without predecessors
  };
  std::map<std::string, Step, std::less<>> steps_;
  std::vector<std::string> order_;  // by the routing's precedence, ties by op_id
};

}  // namespace loomline::scheduling::domain
