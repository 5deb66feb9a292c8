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

// Who is taken to be in the way. The plan as it stands, unless a repair knows better.
class Occupancy {
 public:
  explicit Occupancy(const PlanState& s) : state(s) {}
  virtual ~Occupancy() = default;
  virtual const Load& machine(const MachineState& on) const { return on.load; }
  virtual const Load& crew(const OperatorState& of, const std::string& /*operator_class*/) const { return of.load; }
  const PlanState& state;
};

// How an operation that begins at the first workable instant from `at` on would run on `machine` (nullptr: on none),
// whoever else is there: through shifts, downs, and where its operators are present. nullopt: not within three years.
std::optional<Slot> run_from(const PlanState& state, const MachineState* machine, const Operation& op, Time at);

// Where machine or operators are not free for it: an instant up to which no later begin is free either.
std::optional<Time> occupied_until(const Occupancy& occupancy, const MachineState* machine, const Operation& op,
                                   const Slot& slot);

// Whether `placed` is where `op` would run on its machine from its start on.
bool runs_there(const PlanState& state, const Operation& op, const PlacedOperation& placed);

// Whether the plant has a machine and enough operators for it at all.
bool has_capacity(const PlanState& state, const Operation& op);

// The earliest finish at or after `at` over the machines that may do it; ties go to `preferred`, then to the lower id.
// Only slots that begin before `limit` and within three years. Failures: NO_SUCH_CAPACITY, NO_WINDOW.
Result<Slot> earliest_slot(const Occupancy& occupancy, const Operation& op, Time at, std::string_view preferred = {},
                           Time limit = kNever);

// What the plant wants to be free in front of it.
Duration allowance_of(const PlanState& state, const Operation& op);
// The same for an operation that is given a place of its own choice: with the plant's allowance free in front of it,
// where there is such a place.
Result<Slot> roomy_slot(const Occupancy& occupancy, const Operation& op, Time at, std::string_view preferred = {},
                        Time limit = kNever);

}  // namespace loomline::planning
