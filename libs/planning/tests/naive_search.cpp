#include "naive_search.hpp"

#include <algorithm>
#include <set>

namespace loomline::planning {

NaiveSearch::NaiveSearch(const Plan& plan) : plant_(plan.plant()) {
  for (const auto& spec : plant_.calendars) calendars_[spec.id] = Calendar::make(spec).value();
  plan.each_job([&](const Job& job) {
    for (std::size_t i = 0; i < job.operations.size(); ++i) book(job.demand.operations[i], job.operations[i]);
  });
}

void NaiveSearch::book(const Operation& op, const PlacedOperation& placed) {
  if (placed.state != OperationState::planned && placed.state != OperationState::running) return;
  if (placed.start >= placed.finish) return;
  if (!placed.machine.empty()) machines_[placed.machine].push_back({{placed.start, placed.finish}, 1});
  if (op.operators > 0)
    for (const auto& part : placed.work) operators_[op.operator_class].push_back({part, op.operators});
}

int NaiveSearch::present(const std::string& operator_class, Time at) const {
  int count = 0;
  for (const auto& crew : plant_.crews)
    if (crew.operator_class == operator_class && calendars_.at(crew.calendar)->is_working(at)) count += crew.count;
  return count;
}

int NaiveSearch::busy(const std::vector<Busy>& list, Time at) const {
  int count = 0;
  for (const auto& b : list)
    if (b.period.begin <= at && at < b.period.end) count += b.count;
  return count;
}

bool NaiveSearch::works(const Machine* machine, const Operation& op, Time at) const {
  if (!calendars_.at(machine == nullptr ? plant_.calendar : machine->calendar)->is_working(at)) return false;
  if (machine != nullptr)
    for (const auto& down : machine->downs)
      if (down.period.begin <= at && at < down.period.end) return false;
  return op.operators == 0 || present(op.operator_class, at) >= op.operators;
}

std::vector<Time> NaiveSearch::instants(const Machine* machine, const Operation& op, Time from, Time to) const {
  std::set<Time> found{from, to};
  const auto add = [&](const Interval& i) {
    for (const auto t : {i.begin, i.end})
      if (from < t && t < to) found.insert(t);
  };
  const auto add_calendar = [&](const std::string& id) {
    for (const auto& stretch : calendars_.at(id)->stretches(from, to)) add(stretch);
  };
  const auto add_busy = [&](const auto& map, const std::string& id) {
    if (const auto it = map.find(id); it != map.end())
      for (const auto& b : it->second) add(b.period);
  };
  add_calendar(machine == nullptr ? plant_.calendar : machine->calendar);
  if (machine != nullptr) {
    for (const auto& down : machine->downs) add(down.period);
    add_busy(machines_, machine->id);
  }
  if (op.operators > 0) {
    for (const auto& crew : plant_.crews)
      if (crew.operator_class == op.operator_class) add_calendar(crew.calendar);
    add_busy(operators_, op.operator_class);
  }
  return {found.begin(), found.end()};
}

// Works through the stretches between the instants from `at` on; `at` is one of them.
std::optional<PlacedOperation> NaiveSearch::run(const Machine* machine, const Operation& op, Time at,
                                                const std::vector<Time>& instants) const {
  PlacedOperation placed{op.op_id, OperationState::planned, machine == nullptr ? "" : machine->id, at, at, {}, {}};
  auto rest = op.setup + op.run;
  for (auto it = std::lower_bound(instants.begin(), instants.end(), at); rest > Duration{}; ++it) {
    if (std::next(it) == instants.end()) return std::nullopt;
    if (!works(machine, op, *it)) {
      if (placed.work.empty()) return std::nullopt;  // a later instant begins here
      continue;
    }
    const auto end = std::min(*std::next(it), *it + rest);
    if (!placed.work.empty() && placed.work.back().end == *it)
      placed.work.back().end = end;
    else
      placed.work.push_back({*it, end});
    if (!op.interruptible && placed.work.size() > 1) return std::nullopt;
    rest -= end - *it;
  }
  placed.finish = placed.work.back().end;
  return placed;
}

bool NaiveSearch::free(const Machine* machine, const Operation& op, const PlacedOperation& placed,
                       const std::vector<Time>& instants) const {
  const auto machine_busy = machine == nullptr ? machines_.end() : machines_.find(machine->id);
  const auto crew_busy = op.operators == 0 ? operators_.end() : operators_.find(op.operator_class);
  for (auto it = std::lower_bound(instants.begin(), instants.end(), placed.start);
       it != instants.end() && *it < placed.finish; ++it) {
    if (machine_busy != machines_.end() && busy(machine_busy->second, *it) >= machine->capacity) return false;
    const bool working = std::any_of(placed.work.begin(), placed.work.end(),
                                     [&](const Interval& w) { return w.begin <= *it && *it < w.end; });
    if (working && crew_busy != operators_.end() &&
        busy(crew_busy->second, *it) + op.operators > present(op.operator_class, *it))
      return false;
  }
  return true;
}

std::optional<PlacedOperation> NaiveSearch::earliest(const Operation& op, Time at, Duration horizon) const {
  std::vector<const Machine*> machines;
  if (op.equipment_class.empty()) machines = {nullptr};
  for (const auto& machine : plant_.machines)
    if (machine.equipment_class == op.equipment_class &&
        (op.machines.empty() || std::find(op.machines.begin(), op.machines.end(), machine.id) != op.machines.end()))
      machines.push_back(&machine);
  std::optional<PlacedOperation> best;
  for (const auto* machine : machines) {
    const auto all = instants(machine, op, at, at + horizon);
    for (const auto begin : all) {
      if (op.setup + op.run == Duration{}) {
        if (!best)
          best =
              PlacedOperation{op.op_id, OperationState::planned, machine == nullptr ? "" : machine->id, at, at, {}, {}};
        break;
      }
      const auto placed = run(machine, op, begin, all);
      if (!placed || !free(machine, op, *placed, all)) continue;
      if (!best || placed->finish < best->finish) best = placed;
      break;
    }
  }
  return best;
}

}  // namespace loomline::planning
