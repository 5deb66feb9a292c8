#include "forward_engine.hpp"

#include <algorithm>

#include "materials.hpp"
#include "plan_state.hpp"
#include "slot_search.hpp"

namespace loomline::planning {
namespace {

// Into a draft that has the job, all of it without a place.
Status place_operation(PlanState& draft, const OpRef& op, Time from, Time now, Placement& placement) {
  const auto operation = draft.record(op).job.demand.operations[op.index];
  auto material = material_ready(draft, op, draft.record(op).ready(op.index, from), now);
  if (!material) return material.status();
  auto slot = earliest_slot(Occupancy(draft), operation, material->ready);
  if (!slot) return slot.status();
  // What the operation will need may be at hand long before its turn comes.
  for (const auto& need : operation.materials) {
    const Time at_hand = std::min(slot->start, draft.item(need.item)->ledger.earliest(now, need.quantity));
    placement.material_ready = std::max(placement.material_ready, at_hand);
  }
  reserve_materials(draft, op, slot->start);
  draft.place(
      op,
      {operation.op_id, OperationState::planned, slot->machine, slot->start, slot->finish, std::move(slot->work), {}});
  for (auto& purchase : material->purchases) placement.purchases.push_back(std::move(purchase));
  return {};
}

JobRecord without_places(const Demand& demand) {
  Job job{demand, {}, {}};
  for (const auto& op : demand.operations)
    job.operations.push_back({op.op_id, OperationState::unplaced, {}, kNever, kNever, {}, {}});
  return JobRecord(std::move(job));
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
  copy.state().fleeting = true;
  return place(copy, demand, now);
}

Result<Placement> ForwardEngine::place(Plan& plan, const Demand& demand, Time now) const {
  if (auto status = validate(demand); !status.ok()) return status;
  if (auto status = plan.state().knows(demand); !status.ok()) return status;
  if (plan.find(demand.job_id) != nullptr)
    return Status(Code::already_exists, "JOB_EXISTS", "The plan has job " + demand.job_id + " already.");
  Plan draft(plan);
  auto& state = draft.state();
  state.add_job(without_places(demand));
  const JobName name = state.record(demand.job_id)->name.get();
  const auto from = std::max(now, demand.earliest);
  Placement placement;
  placement.material_ready = from;
  for (const auto i : topological_order(demand.operations))
    if (auto status = place_operation(state, {name, static_cast<std::uint32_t>(i)}, from, now, placement); !status.ok())
      return status;
  placement.job = state.record(demand.job_id)->job;
  if (!state.fleeting) state.learn(placement.job);
  plan = std::move(draft);
  return placement;
}

std::unique_ptr<const Engine> make_forward_engine(ForwardOptions options) {
  return std::make_unique<ForwardEngine>(options);
}

}  // namespace loomline::planning
