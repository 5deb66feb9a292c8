#include "fixed.hpp"

namespace loomline::planning {

void Fixed::forget() {
  settled_.clear();
  machines_.clear();
  crews_.clear();
}

void Fixed::ask_for(const Waiting& self, Time from) {
  self_ = self;
  from_ = from;
  machine_views_.clear();
  crew_views_.clear();
}

void Fixed::settle(const OpRef& op, const Operation& operation, const PlacedOperation& placed) {
  settled_.insert(op);
  if (placed.start >= placed.finish) return;
  if (const auto* on = state.machine(placed.machine); on != nullptr)
    machine_base(*on).add({placed.start, placed.finish}, 1);
  if (const auto* of = operation.operators > 0 ? state.crew(operation.operator_class) : nullptr; of != nullptr)
    for (const auto& part : placed.work) crew_base(*of, operation.operator_class).add(part, operation.operators);
}

bool Fixed::before_self(const Booking& b) const {
  return !b.running && b.op != self_.op && !settled_.contains(b.op) &&
         comes_before({b.period.begin, b.period.begin, b.op}, self_);
}

void Fixed::add_work(Load& load, const Booking& b) const {
  const auto& job = state.record(b.op).job;
  for (const auto& part : job.operations[b.op.index].work) load.add(part, job.demand.operations[b.op.index].operators);
}

Load& Fixed::machine_base(const MachineState& on) const {
  const auto [it, fresh] = machines_.try_emplace(on.machine->id, Load(on.machine->capacity));
  if (fresh) on.timeline.each_running([&](const Booking& b) { it->second.add(b.period, 1); });
  return it->second;
}

Load& Fixed::crew_base(const OperatorState& of, const std::string& operator_class) const {
  const auto [it, fresh] = crews_.try_emplace(operator_class, Load(of.presence));
  if (fresh) of.attended.each_running([&](const Booking& b) { add_work(it->second, b); });
  return it->second;
}

const Load& Fixed::machine(const MachineState& on) const {
  const auto known = machine_views_.find(on.machine->id);
  if (known != machine_views_.end()) return known->second;
  auto& view = machine_views_.emplace(on.machine->id, machine_base(on)).first->second;
  on.timeline.each_reaching(from_, {later(self_.at, Duration{1}), {}}, [&](const Booking& b) {
    if (before_self(b)) view.add(b.period, 1);
  });
  return view;
}

const Load& Fixed::crew(const OperatorState& of, const std::string& operator_class) const {
  const auto known = crew_views_.find(operator_class);
  if (known != crew_views_.end()) return known->second;
  auto& view = crew_views_.emplace(operator_class, crew_base(of, operator_class)).first->second;
  of.attended.each_reaching(from_, {later(self_.at, Duration{1}), {}}, [&](const Booking& b) {
    if (before_self(b)) add_work(view, b);
  });
  return view;
}

std::optional<Booking> Fixed::blocker(const MachineState& on, const Interval& period) const {
  if (!machine(on).conflict(period, 1)) return std::nullopt;
  std::optional<Booking> last;
  const auto look = [&](const Booking& b) {
    if (b.op != self_.op && (!last || b.period.end > last->period.end)) last = b;
  };
  on.timeline.each_within(period, [&](const Booking& b) {
    if (b.running || settled_.contains(b.op) || before_self(b)) look(b);
  });
  return last;
}

}  // namespace loomline::planning
