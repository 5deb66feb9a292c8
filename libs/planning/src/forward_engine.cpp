#include "forward_engine.hpp"

#include <algorithm>

#include "materials.hpp"
#include "plan_state.hpp"
#include "slot_search.hpp"

namespace loomline::planning {
namespace {

// When an operation may begin as far as its predecessors are concerned.
Time after_predecessors(const Job& job, std::size_t i) {
  Time ready = Time::min();
  const auto& operations = job.demand.operations;
  for (const auto& p : operations[i].predecessors)
    for (std::size_t k = 0; k < operations.size(); ++k)
      if (operations[k].op_id == p) ready = std::max(ready, later(job.operations[k].finish, operations[k].lag));
  return ready;
}

Status place_operation(PlanState& state, Placement& placement, std::size_t i, Time from, Time now) {
  auto& job = placement.job;
  const auto& op = job.demand.operations[i];
  auto material = material_ready(state, job.demand.job_id, op, from, now);
  if (!material) return material.status();
  auto slot = earliest_slot(state, op, material->ready);
  if (!slot) return slot.status();
  job.operations[i] = {op.op_id, OperationState::planned, slot->machine, slot->start, slot->finish, slot->work, {}};
  state.book(job.demand.job_id, op, job.operations[i]);
  // What the operation will need may be at hand long before its turn comes.
  for (const auto& need : op.materials) {
    const Time at_hand = std::min(slot->start, state.item(need.item)->ledger.earliest(now, need.quantity));
    placement.material_ready = std::max(placement.material_ready, at_hand);
  }
  reserve_materials(state, job, op, slot->start);
  for (auto& purchase : material->purchases) placement.purchases.push_back(std::move(purchase));
  return {};
}

}  // namespace

std::string_view name(Cause cause) {
  switch (cause) {
    case Cause::none:
      return "none";
    case Cause::late_start:
      return "late_start";
    case Cause::overrun:
      return "overrun";
    case Cause::breakdown:
      return "breakdown";
    case Cause::material:
      return "material";
    case Cause::operators:
      return "operators";
    case Cause::added:
      return "added";
    case Cause::earlier:
      return "earlier";
  }
  return "none";
}

Result<Placement> Engine::quote(const Plan& plan, const Demand& demand, Time now) const {
  Plan copy(plan);
  return place(copy, demand, now);
}

Result<Placement> ForwardEngine::place(Plan& plan, const Demand& demand, Time now) const {
  if (auto status = validate(demand); !status.ok()) return status;
  if (auto status = plan.state().knows(demand); !status.ok()) return status;
  if (plan.find(demand.job_id) != nullptr)
    return Status(Code::already_exists, "JOB_EXISTS", "The plan has job " + demand.job_id + " already.");
  Plan draft(plan);
  const auto from = std::max(now, demand.earliest);
  Placement placement;
  placement.material_ready = from;
  placement.job.demand = demand;
  placement.job.operations.resize(demand.operations.size());
  for (const auto i : topological_order(demand.operations)) {
    const auto ready = std::max(from, after_predecessors(placement.job, i));
    if (auto status = place_operation(draft.state(), placement, i, ready, now); !status.ok()) return status;
  }
  draft.state().jobs.write().emplace(demand.job_id, Cow(placement.job));
  plan = std::move(draft);
  return placement;
}

std::unique_ptr<const Engine> make_forward_engine(ForwardOptions options) {
  return std::make_unique<ForwardEngine>(options);
}

}  // namespace loomline::planning
