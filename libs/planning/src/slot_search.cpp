#include "slot_search.hpp"

#include <algorithm>

namespace loomline::planning {
namespace {

constexpr std::chrono::days kHorizon{3 * 366};
// More obstacles than this in one search: the plan is as good as full.
constexpr int kMostTries = 200'000;

const OperatorState* crew_of(const PlanState& state, const Operation& op) {
  return op.operators > 0 ? state.crew(op.operator_class) : nullptr;
}

const Down* next_down(const MachineState* machine, Time at) {
  if (machine != nullptr)
    for (const auto& down : machine->machine->downs)
      if (down.period.end > at) return &down;
  return nullptr;
}

// The next stretch from `at` on, before `limit`, in which the machine works and the operators are present.
std::optional<Interval> workable(const WorkTimes& times, const MachineState* machine, Time at, Duration need,
                                 Time limit) {
  while (at < limit) {
    auto window = times.window(at, need);
    if (!window || window->begin >= limit) return std::nullopt;
    const auto* down = next_down(machine, window->begin);
    if (down == nullptr) return window;
    if (down->period.begin > window->begin) return Interval{window->begin, std::min(window->end, down->period.begin)};
    at = down->period.end;
  }
  return std::nullopt;
}

std::optional<Slot> run(const WorkTimes& times, const MachineState* machine, const Operation& op, Time at) {
  Slot slot{machine != nullptr ? machine->machine->id : std::string(), at, at, {}};
  auto rest = duration_of(op);
  if (rest <= Duration{}) return slot;
  if (at >= kNever - kHorizon) return std::nullopt;
  const auto limit = at + kHorizon;
  while (rest > Duration{}) {
    if (!op.interruptible) {
      const auto unbroken = times.unbroken(at, rest, limit);
      if (!unbroken) return std::nullopt;
      at = *unbroken;
    }
    const auto window = workable(times, machine, at, rest, limit);
    if (!window) return std::nullopt;
    at = window->end;
    if (!op.interruptible && window->length() < rest) continue;
    const auto part = std::min(rest, window->length());
    if (!slot.work.empty() && slot.work.back().end == window->begin)
      slot.work.back().end = window->begin + part;
    else
      slot.work.push_back({window->begin, window->begin + part});
    rest -= part;
  }
  slot.start = slot.work.front().begin;
  slot.finish = slot.work.back().end;
  return slot;
}

// Past what the indexes of gaps rule out: the earliest instant that both leave.
Time skip(const Occupancy& occupancy, const WorkTimes& times, const MachineState* machine, const Operation& op, Time at,
          Time limit) {
  const Wanted wanted{duration_of(op), !op.interruptible};
  const auto* crew = crew_of(occupancy.state, op);
  for (auto before = Time::min(); at != before && at < limit;) {
    before = at;
    if (machine != nullptr) at = occupancy.machine(*machine).next_gap(at, times, wanted, kNever);
    if (crew == nullptr || at >= limit) continue;
    // While the machine is down the operation rests, and its operators may be busy elsewhere.
    const auto* down = next_down(machine, at);
    at = occupancy.crew(*crew, op.operator_class)
             .next_gap(at, times, wanted, down == nullptr ? kNever : down->period.begin);
  }
  return at;
}

std::optional<Slot> earliest_on(const Occupancy& occupancy, const MachineState* machine, const Operation& op, Time at,
                                Time limit) {
  const auto times = occupancy.state.times(machine, op);
  if (duration_of(op) == Duration{}) return run(*times, machine, op, at);
  for (int tries = 0; tries < kMostTries && at < limit; ++tries) {
    at = skip(occupancy, *times, machine, op, at, limit);
    if (at >= limit) break;
    auto slot = run(*times, machine, op, at);
    if (!slot || slot->start >= limit) break;
    const auto busy = occupied_until(occupancy, machine, op, *slot);
    if (!busy) return slot;
    at = std::max(*busy, at + Duration{1});
  }
  return std::nullopt;
}

std::vector<const MachineState*> candidates(const PlanState& state, const Operation& op) {
  std::vector<const MachineState*> found;
  if (const auto* of_class = state.frame->machines(op.equipment_class); of_class != nullptr)
    for (const auto& id : *of_class)
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

Status no_window(const Operation& op) {
  return no_slot(op, "NO_WINDOW", "No shift has room for operation " + op.op_id + " in the next three years.",
                 op.interruptible ? "finds no free capacity" : "may not rest and is longer than any free stretch",
                 "add capacity or overtime, let the operation rest between shifts, or split it");
}

}  // namespace

std::optional<Slot> run_from(const PlanState& state, const MachineState* machine, const Operation& op, Time at) {
  return run(*state.times(machine, op), machine, op, at);
}

bool runs_there(const PlanState& state, const Operation& op, const PlacedOperation& placed) {
  const auto* machine = state.machine(placed.machine);
  if (placed.machine.empty() != (machine == nullptr)) return false;
  const auto slot = run_from(state, machine, op, placed.start);
  return slot && slot->start == placed.start && slot->finish == placed.finish && slot->work == placed.work;
}

std::optional<Time> occupied_until(const Occupancy& occupancy, const MachineState* machine, const Operation& op,
                                   const Slot& slot) {
  if (slot.start >= slot.finish) return std::nullopt;  // takes no time, so it takes no room
  if (machine != nullptr)
    if (const auto t = occupancy.machine(*machine).conflict({slot.start, slot.finish}, 1)) return t;
  if (const auto* crew = crew_of(occupancy.state, op)) {
    const auto& load = occupancy.crew(*crew, op.operator_class);
    for (const auto& part : slot.work)
      if (const auto t = load.conflict(part, op.operators)) return t;
  }
  return std::nullopt;
}

Result<Slot> earliest_slot(const Occupancy& occupancy, const Operation& op, Time at, std::string_view preferred,
                           Time limit) {
  const auto& state = occupancy.state;
  if (const auto* crew = crew_of(state, op);
      op.operators > 0 && (crew == nullptr || crew->presence->most() < op.operators))
    return no_slot(op, "NO_SUCH_CAPACITY", "The plant has too few operators of class " + op.operator_class + ".",
                   "needs " + std::to_string(op.operators) + " operators of class " + op.operator_class,
                   "add a crew, or ask for fewer operators");
  std::vector<const MachineState*> machines{nullptr};
  if (!op.equipment_class.empty()) machines = candidates(state, op);
  if (machines.empty())
    return no_slot(op, "NO_SUCH_CAPACITY", "The plant has no machine for class " + op.equipment_class + ".",
                   "needs a machine of class " + op.equipment_class,
                   "add a machine of that class, or change the routing");
  limit = std::min(limit, later(at, kHorizon));
  std::optional<Slot> best;
  for (const auto* machine : machines) {
    // What begins when the best so far is over is no better.
    auto slot = earliest_on(occupancy, machine, op, at, best ? std::min(limit, best->finish) : limit);
    if (!slot) continue;
    if (!best || slot->finish < best->finish || (slot->finish == best->finish && slot->machine == preferred))
      best = std::move(slot);
  }
  if (best) return *std::move(best);
  return no_window(op);
}

}  // namespace loomline::planning
