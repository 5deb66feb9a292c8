// The earliest place for one operation, given what is occupied.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plan_state.hpp"

namespace loomline::planning {

struct Slot {
  std::string machine;
  Time start{}, finish{};
  std::vector<Interval> work;
};

// How an operation that begins at the first workable instant from `at` on would run on `machine` (nullptr: on none),
// whoever else is there: through shifts, downs, and where its operators are present. nullopt: not within years.
std::optional<Slot> run_from(const PlanState& state, const MachineState* machine, const Operation& op, Time at);

// Whether machine and operators are free for it.
std::optional<Time> occupied_until(const PlanState& state, const MachineState* machine, const Operation& op,
                                   const Slot& slot);

// The earliest finish at or after `at` over the machines that may do it; ties go to `preferred`, then to the lower id.
// Failures: NO_SUCH_CAPACITY, NO_WINDOW.
Result<Slot> earliest_slot(const PlanState& state, const Operation& op, Time at, std::string_view preferred = {});

}  // namespace loomline::planning
