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

std::string id_of(const MachineState* machine) { return machine == nullptr ? std::string() : machine->machine->id; }

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
  Slot slot{id_of(machine), at, at, {}};
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

// One search: an operation on one machine.
struct Search {
  const Occupancy& occupancy;
  const WorkTimes& times;
  const MachineState* machine;
  const Operation& op;
  const OperatorState* crew;
  Wanted wanted;

  Interval machine_gap(Time at) const {
    return machine == nullptr ? Interval{at, kNever} : occupancy.machine(*machine).next_gap(at, times, wanted, kNever);
  }
  // While the machine is down the operation rests, and its operators may be busy elsewhere.
  Interval crew_gap(Time at) const {
    if (crew == nullptr) return {at, kNever};
    const auto* down = next_down(machine, at);
    return occupancy.crew(*crew, op.operator_class)
        .next_gap(at, times, wanted, down == nullptr ? kNever : down->period.begin);
  }
  // The first instant that the indexes of gaps do not rule out, and until when both are free for sure.
  Interval next(Time at, Time limit) const {
    Interval free{at, at};
    while (at < limit) {
      const auto one = machine_gap(at);
      const auto other = one.begin < limit ? crew_gap(one.begin) : one;
      free = {other.begin, std::min(one.end, other.end)};
      if (other.begin == one.begin) break;
      at = other.begin;
    }
    return free;
  }
};

std::optional<Slot> earliest_on(const Search& search, Time at, Time limit) {
  for (int tries = 0; tries < kMostTries && at < limit; ++tries) {
    const auto free = search.next(at, limit);
    at = free.begin;
    if (at >= limit) break;
    auto slot = run(search.times, search.machine, search.op, at);
    if (!slot || slot->start >= limit) break;
    if (slot->finish <= free.end) return slot;
    const auto busy = occupied_until(search.occupancy, search.machine, search.op, *slot);
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

// A machine that may do it, and before when it cannot.
struct Candidate {
  std::size_t rank = 0;  // by id, the preferred one first
  const MachineState* machine = nullptr;
  TimesPtr times;
  Time begin{};
};

class Choice {
 public:
  Choice(const Occupancy& occupancy, const Operation& op, Time at)
      : occupancy_(occupancy), op_(op), crew_(crew_of(occupancy.state, op)), at_(at) {}

  void add(const MachineState* machine, std::size_t rank) {
    // Most machines of a class share a calendar, and then all of the search among the operators.
    const auto* calendar = machine == nullptr ? nullptr : machine->calendar.get();
    if (times_ == nullptr || calendar != calendar_) {
      times_ = occupancy_.state.times(machine, op_);
      calendar_ = calendar;
      crew_begin_ = search({0, nullptr, times_, at_}).crew_gap(at_).begin;
    }
    Candidate candidate{rank, machine, times_, next_down(machine, at_) == nullptr ? crew_begin_ : at_};
    if (candidate.begin != kNever) candidate.begin = search(candidate).machine_gap(candidate.begin).begin;
    candidates_.push_back(std::move(candidate));
  }

  Result<Slot> best(Time limit) {
    std::sort(candidates_.begin(), candidates_.end(), [](const Candidate& a, const Candidate& b) {
      return a.begin != b.begin ? a.begin < b.begin : a.rank < b.rank;
    });
    std::optional<Slot> best;
    std::size_t rank = 0;
    for (const auto& candidate : candidates_) {
      // What could not end by then is no better.
      const auto latest = best ? std::min(limit, best->finish - duration_of(op_) + Duration{1}) : limit;
      if (candidate.begin >= latest) break;
      auto slot = earliest_on(search(candidate), candidate.begin, latest);
      if (!slot || (best && (slot->finish > best->finish || (slot->finish == best->finish && rank < candidate.rank))))
        continue;
      best = std::move(slot);
      rank = candidate.rank;
    }
    return best ? Result<Slot>(*std::move(best)) : Result<Slot>(no_window(op_));
  }

 private:
  Search search(const Candidate& c) const {
    return {occupancy_, *c.times, c.machine, op_, crew_, {duration_of(op_), !op_.interruptible}};
  }
  const Occupancy& occupancy_;
  const Operation& op_;
  const OperatorState* crew_;
  Time at_;
  const Calendar* calendar_ = nullptr;
  TimesPtr times_;
  Time crew_begin_{};
  std::vector<Candidate> candidates_;
};

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

bool has_capacity(const PlanState& state, const Operation& op) {
  const auto* crew = crew_of(state, op);
  if (op.operators > 0 && (crew == nullptr || crew->presence->most() < op.operators)) return false;
  if (op.equipment_class.empty()) return true;
  const auto* of_class = state.frame->machines(op.equipment_class);
  return of_class != nullptr && std::any_of(of_class->begin(), of_class->end(), [&](const std::string& id) {
           return op.machines.empty() || std::find(op.machines.begin(), op.machines.end(), id) != op.machines.end();
         });
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
  std::stable_partition(machines.begin(), machines.end(),
                        [&](const MachineState* m) { return m != nullptr && m->machine->id == preferred; });
  if (duration_of(op) == Duration{}) return Slot{id_of(machines.front()), at, at, {}};
  Choice choice(occupancy, op, at);
  for (std::size_t rank = 0; rank < machines.size(); ++rank) choice.add(machines[rank], rank);
  return choice.best(std::min(limit, later(at, kHorizon)));
}

Duration allowance_of(const PlanState& state, const Operation& op) {
  return duration_of(op) * state.frame->allowance_permille() / 1000;
}

Result<Slot> roomy_slot(const Occupancy& occupancy, const Operation& op, Time at, std::string_view preferred,
                        Time limit) {
  const auto& state = occupancy.state;
  const auto allowance = allowance_of(state, op);
  if (allowance <= Duration{}) return earliest_slot(occupancy, op, at, preferred, limit);
  // Whoever is placed next leaves room in front of itself.
  auto longer = op;
  longer.setup += allowance;
  auto room = earliest_slot(occupancy, longer, at - allowance, preferred, limit);
  // What may not rest may fit into no shift with it.
  if (!room) return earliest_slot(occupancy, op, at, preferred, limit);
  auto rest = allowance;
  auto part = room->work.begin();
  for (; rest >= part->length(); ++part) rest -= part->length();
  auto slot = run_from(state, state.machine(room->machine), op, part->begin + rest);
  return slot && slot->start < limit ? Result<Slot>(*std::move(slot)) : Result<Slot>(no_window(op));
}

}  // namespace loomline::planning
