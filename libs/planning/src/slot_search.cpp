#include "slot_search.hpp"

#include <algorithm>

namespace loomline::planning {
namespace {

constexpr std::chrono::days kHorizon{3 * 366};

const Calendar& calendar_of(const PlanState& state, const MachineState* machine) {
  return machine != nullptr ? *machine->calendar : *state.calendars->find(state.calendar_id)->second;
}

// The next stretch, from `at` on, in which the machine works and the operators are present.
std::optional<Interval> workable(const PlanState& state, const MachineState* machine, const OperatorState* crew,
                                 const Operation& op, Time at, Duration need) {
  for (;;) {
    auto window = calendar_of(state, machine).window(at, need);
    if (!window) return std::nullopt;
    if (machine != nullptr) {
      const Down* hit = nullptr;
      for (const auto& down : machine->machine.downs)
        if (down.period.end > window->begin) {
          hit = &down;
          break;
        }
      if (hit != nullptr && hit->period.begin <= window->begin) {
        at = hit->period.end;
        continue;
      }
      if (hit != nullptr) window->end = std::min(window->end, hit->period.begin);
    }
    if (crew == nullptr) return window;
    const auto present = crew->window(window->begin, need, op.operators);
    if (!present) return std::nullopt;
    if (present->begin >= window->end) {
      at = present->begin;
      continue;
    }
    return Interval{present->begin, std::min(window->end, present->end)};
  }
}

const OperatorState* crew_of(const PlanState& state, const Operation& op) {
  return op.operators > 0 ? state.crew(op.operator_class) : nullptr;
}

std::optional<Slot> earliest_on(const PlanState& state, const MachineState* machine, const Operation& op, Time at) {
  const auto limit = later(at, kHorizon);
  for (auto t = at; t < limit;) {
    if (machine != nullptr && machine->machine.capacity == 1 && duration_of(op) > Duration{})
      t = machine->timeline.next_gap(t, duration_of(op));
    auto slot = run_from(state, machine, op, t);
    if (!slot) return std::nullopt;
    const auto busy = occupied_until(state, machine, op, *slot);
    if (!busy) return slot;
    t = *busy;
  }
  return std::nullopt;
}

std::vector<const MachineState*> candidates(const PlanState& state, const Operation& op) {
  std::vector<const MachineState*> found;
  const auto it = state.classes->find(op.equipment_class);
  if (it == state.classes->end()) return found;
  for (const auto& id : it->second)
    if (op.machines.empty() || std::find(op.machines.begin(), op.machines.end(), id) != op.machines.end())
      found.push_back(state.machine(id));
  return found;
}

Status no_slot(const Operation& op, const char* reason, const std::string& message, std::string problem,
               std::string remedy) {
  auto status = failed_precondition(reason, message);
  status.with({"operations[" + op.op_id + "]", std::move(problem), std::move(remedy)});
  return status;
}

}  // namespace

std::optional<Slot> run_from(const PlanState& state, const MachineState* machine, const Operation& op, Time at) {
  Slot slot{machine != nullptr ? machine->machine.id : std::string(), at, at, {}};
  auto rest = duration_of(op);
  if (rest <= Duration{}) return slot;
  const auto* crew = crew_of(state, op);
  const auto limit = later(at, kHorizon);
  while (rest > Duration{}) {
    const auto window = workable(state, machine, crew, op, at, rest);
    if (!window || window->begin >= limit) return std::nullopt;
    at = window->end;
    if (!op.interruptible && window->length() < rest) continue;
    const auto part = std::min(rest, window->length());
    slot.work.push_back({window->begin, window->begin + part});
    rest -= part;
  }
  slot.start = slot.work.front().begin;
  slot.finish = slot.work.back().end;
  return slot;
}

std::optional<Time> occupied_until(const PlanState& state, const MachineState* machine, const Operation& op,
                                   const Slot& slot) {
  if (slot.start >= slot.finish) return std::nullopt;  // takes no time, so it takes no room
  if (machine != nullptr)
    if (const auto t = machine->timeline.conflict({slot.start, slot.finish}, machine->machine.capacity)) return t;
  if (const auto* crew = crew_of(state, op))
    for (const auto& part : slot.work)
      if (const auto t = crew->conflict(part, op.operators)) return t;
  return std::nullopt;
}

Result<Slot> earliest_slot(const PlanState& state, const Operation& op, Time at, std::string_view preferred) {
  if (const auto* crew = crew_of(state, op); op.operators > 0 && (crew == nullptr || crew->most() < op.operators))
    return no_slot(op, "NO_SUCH_CAPACITY", "The plant has too few operators of class " + op.operator_class + ".",
                   "needs " + std::to_string(op.operators) + " operators of class " + op.operator_class,
                   "add a crew, or ask for fewer operators");
  std::vector<const MachineState*> machines{nullptr};
  if (!op.equipment_class.empty()) machines = candidates(state, op);
  if (machines.empty())
    return no_slot(op, "NO_SUCH_CAPACITY", "The plant has no machine for class " + op.equipment_class + ".",
                   "needs a machine of class " + op.equipment_class,
                   "add a machine of that class, or change the routing");
  std::optional<Slot> best;
  for (const auto* machine : machines) {
    auto slot = earliest_on(state, machine, op, at);
    if (!slot) continue;
    if (!best || slot->finish < best->finish || (slot->finish == best->finish && slot->machine == preferred))
      best = std::move(slot);
  }
  if (best) return *std::move(best);
  return no_slot(op, "NO_WINDOW", "No shift has room for operation " + op.op_id + " in the next three years.",
                 op.interruptible ? "finds no free capacity" : "may not rest and is longer than any free stretch",
                 "add capacity or overtime, let the operation rest between shifts, or split it");
}

}  // namespace loomline::planning
