// What quality decides about a unit: the gate opens, work is repeated, or another unit is made.
#include "domain/network.hpp"
#include "domain/plant.hpp"
#include "domain/work.hpp"

namespace loomline::scheduling::domain {
namespace {

// The operation that waits at a closed gate, and its work order.
std::pair<WorkOrder*, Operation*> gated(Unit& unit, std::string_view op_id) {
  for (auto& work_order : *unit.mutable_work_orders())
    for (auto& op : *work_order.mutable_operations())
      if (op.op_id() == op_id && op.gate() == state::v1::GATE_CLOSED) return {&work_order, &op};
  return {nullptr, nullptr};
}

int reworks(const Unit& unit) {
  int count = 0;
  for (const auto& work_order : unit.work_orders())
    count += work_order.kind() == production::v1::WORK_ORDER_KIND_REWORK ? 1 : 0;
  return count;
}

// Whatever waits for `inspected` waits for its repetition as well.
void put_before_successors(Unit& unit, const std::string& inspected, const std::string& repeated) {
  for (auto& work_order : *unit.mutable_work_orders())
    for (auto& op : *work_order.mutable_operations()) {
      const auto& before = op.plan_predecessors();
      if (begun(op) || op.plan_op_id() == repeated || op.attempt() > 1) continue;
      if (std::find(before.begin(), before.end(), inspected) != before.end()) op.add_plan_predecessors(repeated);
    }
}

// The repetition's own chain begins after `inspected`; it must not be taken for one of its successors.
void rework(Work& work, Order& order, Line& line, Unit& unit, WorkOrder& parent, Operation& inspected,
            const v1::InspectionDecided& event) {
  inspected.set_gate(state::v1::GATE_SUPERSEDED);
  auto fresh = rework_order(line.spec(), work.step.mint(prefix::work_order), inspected,
                            {event.rework_op_ids().begin(), event.rework_op_ids().end()}, reworks(unit) + 1);
  fresh.set_parent_work_order_id(parent.work_order_id());
  // Successors name the first attempt, whichever attempt failed now.
  put_before_successors(unit, event.op_id(), fresh.operations(fresh.operations_size() - 1).plan_op_id());
  v1::ReworkScheduled said;
  said.set_order_id(order.order_id());
  said.set_line_id(line.line_id());
  said.set_unit_id(unit.unit_id());
  said.set_work_order_id(fresh.work_order_id());
  for (const auto& op : fresh.operations()) said.add_op_ids(op.op_id());
  said.set_nonconformity_id(event.nonconformity_id());
  *said.mutable_occurred_at() = to_timestamp(occurred(event, work.step));
  work.step.publish(said);
  *unit.add_work_orders() = std::move(fresh);
  allow_operations(unit);
  line.set_disturbed_by(v1::PROMISE_REASON_REWORK);
  work.touch(order.order_id(), v1::PROMISE_REASON_REWORK);
}

}  // namespace

Verdict on_inspection_decided(PlantState& state, const v1::InspectionDecided& event, Step& step) {
  auto* order = find_order(state, event.order_id());
  auto* line = order == nullptr ? nullptr : find_line(*order, event.line_id());
  auto* unit = line == nullptr ? nullptr : find_unit(*line, event.unit_id());
  if (unit == nullptr || order->cancelled() || !counts(*unit)) return Verdict::ignored();
  const auto [work_order, op] = gated(*unit, event.op_id());
  if (op == nullptr) return Verdict::ignored();
  Work work(state, step);
  const auto at = occurred(event, step);
  int offered = -1;
  if (event.released()) {
    op->set_gate(state::v1::GATE_OPEN);
    unit_progressed(work, *order, *line, *unit, at);
  } else if (event.rework_op_ids_size() > 0) {
    work.edit(
        [&, parent = work_order, inspected = op] { rework(work, *order, *line, *unit, *parent, *inspected, event); });
    offered = unit->work_orders_size() - 1;
  } else {
    op->set_gate(state::v1::GATE_SUPERSEDED);
    replace(work, *order, *line, *unit, event.nonconformity_id(), at);
  }
  work.settle();
  if (offered >= 0) offer_work_order(work, *order, *line, *unit, unit->work_orders(offered), at);
  return Verdict::applied();
}

}  // namespace loomline::scheduling::domain
