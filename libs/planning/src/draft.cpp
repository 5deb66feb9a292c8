#include "draft.hpp"

#include <algorithm>

#include "materials.hpp"

namespace loomline::planning {
namespace {

Job without_places(const Demand& demand) {
  Job job{demand, {}, {}};
  for (const auto& op : demand.operations)
    job.operations.push_back({op.op_id, OperationState::unplaced, {}, kNever, kNever, {}, {}});
  return job;
}

}  // namespace

Draft::Draft(const PlanState& s, const Demand& demand, Time now)
    : Occupancy(s),
      from_(std::max(now, demand.earliest)),
      now_(now),
      record_(without_places(demand)),
      material_ready_(from_) {}

const Load& Draft::with_own(const Load& base, const std::vector<Busy>& own, const std::string& id,
                            std::map<std::string, Load>& views) const {
  // Where all of it is over before the search begins, as in a chain, the plan alone counts.
  if (std::all_of(own.begin(), own.end(), [&](const Busy& b) { return b.period.end <= asked_from_; })) return base;
  const auto [it, fresh] = views.try_emplace(id, base);
  if (fresh)
    for (const auto& busy : own) it->second.add(busy.period, busy.count);
  return it->second;
}

const Load& Draft::machine(const MachineState& on) const {
  const auto own = machines_.find(on.machine->id);
  return own == machines_.end() ? on.load : with_own(on.load, own->second, own->first, machine_views_);
}

const Load& Draft::crew(const OperatorState& of, const std::string& operator_class) const {
  const auto own = crews_.find(operator_class);
  return own == crews_.end() ? of.load : with_own(of.load, own->second, own->first, crew_views_);
}

const Ledger& Draft::ledger(const std::string& item) const {
  const auto own = ledgers_.find(item);
  return own == ledgers_.end() ? state.item(item)->ledger : own->second;
}

Result<Time> Draft::material_ready(std::size_t i, Time from) {
  const auto& op = record_.job.demand.operations[i];
  Time ready = from;
  for (const auto& need : op.materials) {
    const auto supply = find_supply(*state.item(need.item), ledger(need.item), need.quantity, from, now_,
                                    record_.job.demand.job_id, op.op_id);
    if (supply.at == kNever) return no_material(op.op_id, need.item);
    ready = std::max(ready, supply.at);
    if (!supply.buy) continue;
    ledgers_.try_emplace(need.item, ledger(need.item)).first->second.supply(supply.buy->due, supply.buy->quantity);
    purchases_.emplace_back(need.item, *supply.buy);
  }
  return ready;
}

void Draft::reserve(std::size_t i, Time at) {
  const auto& op = record_.job.demand.operations[i];
  for (const auto& need : op.materials) {
    // What the operation will need may be at hand long before its turn comes.
    auto& own = ledgers_.try_emplace(need.item, ledger(need.item)).first->second;
    material_ready_ = std::max(material_ready_, std::min(at, own.earliest(now_, need.quantity)));
    own.reserve(at, record_.ref(i), need.quantity);
    record_.job.reservations.push_back({op.op_id, need.item, need.quantity, at});
  }
}

void Draft::book(std::size_t i, Slot slot) {
  const auto& op = record_.job.demand.operations[i];
  if (slot.start < slot.finish) {
    if (!slot.machine.empty()) machines_[slot.machine].push_back({{slot.start, slot.finish}, 1});
    machine_views_.erase(slot.machine);
    if (op.operators > 0) {
      for (const auto& part : slot.work) crews_[op.operator_class].push_back({part, op.operators});
      crew_views_.erase(op.operator_class);
    }
  }
  record_.job.operations[i] = {
      op.op_id, OperationState::planned, std::move(slot.machine), slot.start, slot.finish, std::move(slot.work), {}};
}

Status Draft::place(std::size_t i) {
  const auto ready = material_ready(i, record_.ready(i, from_));
  if (!ready) return ready.status();
  asked_from_ = *ready - allowance_of(state, record_.job.demand.operations[i]);
  auto slot = roomy_slot(*this, record_.job.demand.operations[i], *ready);
  if (!slot) return slot.status();
  reserve(i, slot->start);
  book(i, *std::move(slot));
  return {};
}

Status Draft::place_all() {
  for (const auto i : topological_order(record_.job.demand.operations))
    if (auto status = place(i); !status.ok()) return status;
  return {};
}

Placement Draft::take() { return {std::move(record_.job), std::move(purchases_), material_ready_}; }

}  // namespace loomline::planning
