// What facts leave behind.
#include <algorithm>

#include "plan_state.hpp"

namespace loomline::planning {

void PlanState::suspect_followers(const JobRecord& record, std::size_t i) {
  for (const auto k : record.network->followers[i])
    if (!begun(record.job.operations[k])) suspect(record.ref(k));
}

void PlanState::suspect_overlaps(const OpRef& op, const Operation& operation, const PlacedOperation& placed) {
  if (placed.start >= placed.finish || placed.start == kNever) return;
  const auto doubt = [&](const Booking& b) {
    if (!b.running && b.op != op) suspect(b.op);
  };
  const Interval period{placed.start, placed.finish};
  if (const auto* on = machine(placed.machine); on != nullptr && on->load.conflict(period, 0))
    on->timeline.each_within(period, doubt);
  const auto* attended = operation.operators == 0 ? nullptr : crew(operation.operator_class);
  if (attended == nullptr) return;
  for (const auto& part : placed.work)
    if (attended->load.conflict(part, 0)) attended->attended.each_within(part, doubt);
}

void PlanState::set_free(const Operation& operation, const PlacedOperation& placed, Time from) {
  from = std::max(from, placed.start);
  if (placed.start == kNever || from >= placed.finish) return;
  if (!placed.machine.empty()) {
    ++write_machine(placed.machine).relief;
    marks.freed.add({Freed::Kind::machine, placed.machine, {}, from, placed.finish, Time::min()});
  }
  if (operation.operators > 0 && crew(operation.operator_class) != nullptr) {
    ++write_crew(operation.operator_class).relief;
    marks.freed.add({Freed::Kind::operators, operation.operator_class, {}, from, placed.finish, Time::min()});
  }
}

void PlanState::set_free(const OpRef& op) {
  const auto& op_id = record(op).job.operations[op.index].op_id;
  marks.freed.add(
      {Freed::Kind::operation, *op.job, op_id, record(op).job.operations[op.index].start, kNever, Time::min()});
}

void PlanState::set_free(const std::string& item, Time from) {
  ++write_item(item).relief;
  marks.freed.add({Freed::Kind::item, item, {}, from, kNever, Time::min()});
}

}  // namespace loomline::planning
