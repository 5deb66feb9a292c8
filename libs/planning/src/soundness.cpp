#include "soundness.hpp"

#include <algorithm>

#include "slot_search.hpp"

namespace loomline::planning {
namespace {

bool has_room(const PlanState& state, const Operation& op, const PlacedOperation& placed) {
  if (placed.start >= placed.finish) return true;
  if (const auto* on = state.machine(placed.machine);
      on != nullptr && on->load.conflict({placed.start, placed.finish}, 0))
    return false;
  const auto* crew = op.operators > 0 ? state.crew(op.operator_class) : nullptr;
  return crew == nullptr || std::none_of(placed.work.begin(), placed.work.end(), [&](const Interval& part) {
           return crew->load.conflict(part, 0).has_value();
         });
}

bool has_material(const JobRecord& record, std::size_t i) {
  const auto& placed = record.job.operations[i];
  std::size_t found = 0;
  for (const auto& r : record.job.reservations)
    if (r.op_id == placed.op_id) {
      if (r.at != placed.start) return false;
      ++found;
    }
  return found == record.job.demand.operations[i].materials.size();
}

}  // namespace

bool stands(const PlanState& state, const OpRef& op) {
  const auto& record = state.record(op);
  const auto& placed = record.job.operations[op.index];
  const auto& operation = record.job.demand.operations[op.index];
  return record.ready(op.index, Time::min()) <= placed.start && has_material(record, op.index) &&
         runs_there(state, operation, placed) && has_room(state, operation, placed);
}

void examine(PlanState& state, const JobRecord& record) {
  for (std::size_t i = 0; i < record.job.operations.size(); ++i) {
    const auto& placed = record.job.operations[i];
    const bool planned = placed.state == OperationState::planned;
    if (placed.state == OperationState::running || (planned && !stands(state, record.ref(i))))
      state.suspect(record.ref(i));
  }
}

void examine_all(PlanState& state) {
  state.each_record([&](const JobRecord& record) { examine(state, record); });
  for (const auto [id, item] : state.items)
    if (item->ledger.first_short()) state.marks.items.set(id, {});
}

Status check_stored(const PlanState& state, const Job& job) {
  if (auto status = validate(job.demand); !status.ok()) return status;
  if (auto status = state.knows(job.demand); !status.ok()) return status;
  const auto path = "jobs[" + job.demand.job_id + "]";
  if (job.operations.size() != job.demand.operations.size())
    return invalid(path + ".operations", "do not match the demand", "store a job as it was read");
  for (std::size_t i = 0; i < job.operations.size(); ++i) {
    const auto& placed = job.operations[i];
    const auto& op = job.demand.operations[i];
    if (placed.op_id != op.op_id || (!placed.machine.empty() && state.machine(placed.machine) == nullptr) ||
        (op.operators > 0 && state.crew(op.operator_class) == nullptr))
      return invalid(path + ".operations[" + placed.op_id + "]", "names what the plant does not have",
                     "keep machines and crews until their work has ended");
  }
  for (const auto& r : job.reservations) {
    if (state.item(r.item) == nullptr)
      return invalid(path + ".reservations", "name an item that the plant does not have",
                     "keep items while they are reserved");
    if (std::none_of(job.operations.begin(), job.operations.end(),
                     [&](const PlacedOperation& p) { return p.op_id == r.op_id; }))
      return invalid(path + ".reservations", "name an operation that the job does not have",
                     "store a job as it was read");
  }
  return {};
}

}  // namespace loomline::planning
