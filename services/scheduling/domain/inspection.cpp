// What quality decides about a unit: the gate opens, work is repeated, or another unit is made.
#include <algorithm>

#include "domain/broken_orders.hpp"
#include "domain/offering.hpp"
#include "domain/plant.hpp"
#include "domain/unit_facts.hpp"
#include "domain/unit_progress.hpp"

namespace loomline::scheduling::domain {
namespace {

// The operation that waits at a closed gate, and its work order.
std::pair<WorkOrder*, Operation*> gated(Unit& unit, std::string_view op_id) {
  for (auto& work_order : *unit.mutable_work_orders())
    for (auto& op : *work_order.mutable_operations())
      if (op.op_id() == op_id && op.gate() == state::v1::GATE_CLOSED) return {&work_order, &op};
  return {nullptr, nullptr};
}

bool has_gate(const Unit& unit, std::string_view op_id) {
  for (const auto& work_order : unit.work_orders())
    for (const auto& op : work_order.operations())
      if (op.op_id() == op_id && op.gate() == state::v1::GATE_CLOSED) return true;
  return false;
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

// The repetition's own chain begins after `inspected`; it must not be taken for one of its successors. Gives the new
// work order, which is offered when it has its places.
std::string rework(PlantStep& step, Piece& piece, WorkOrder& parent, Operation& inspected,
                   const v1::InspectionDecided& event) {
  step.write_plan();
  inspected.set_gate(state::v1::GATE_SUPERSEDED);
  auto fresh =
      piece.routing.rework_order(step.step.mint(prefix::work_order), inspected,
                                 {event.rework_op_ids().begin(), event.rework_op_ids().end()}, reworks(piece.unit) + 1);
  fresh.set_parent_work_order_id(parent.work_order_id());
  // Successors name the first attempt, whichever attempt failed now.
  put_before_successors(piece.unit, event.op_id(), fresh.operations(fresh.operations_size() - 1).plan_op_id());
  v1::ReworkScheduled said;
  said.set_order_id(piece.order.order_id());
  said.set_line_id(piece.line.line_id());
  said.set_unit_id(piece.unit.unit_id());
  said.set_work_order_id(fresh.work_order_id());
  for (const auto& op : fresh.operations()) said.add_op_ids(op.op_id());
  said.set_nonconformity_id(event.nonconformity_id());
  *said.mutable_occurred_at() = to_timestamp(occurred(event, step.step));
  step.step.publish(said);
  auto id = fresh.work_order_id();
  *piece.unit.add_work_orders() = std::move(fresh);
  allow_operations(piece.unit);
  step.put_into_plan(piece);
  piece.line.set_disturbed_by(v1::PROMISE_REASON_REWORK);
  step.touch(piece.order.order_id(), v1::PROMISE_REASON_REWORK);
  return id;
}

// The new work order; empty where there is none.
std::string decide(PlantStep& step, const std::string& unit_name, const v1::InspectionDecided& event, Time at) {
  auto piece = step.open(unit_name);
  const auto [work_order, op] = gated(piece.unit, event.op_id());
  if (!event.released() && event.rework_op_ids_size() > 0) return rework(step, piece, *work_order, *op, event);
  op->set_gate(event.released() ? state::v1::GATE_OPEN : state::v1::GATE_SUPERSEDED);
  if (event.released())
    unit_progressed(step, piece, at);
  else
    replace(step, piece, event.nonconformity_id(), at);
  return {};
}

void offer_rework(PlantStep& step, const std::string& unit_name, const std::string& work_order_id, Time at) {
  const auto piece = step.open(unit_name);
  for (const auto& work_order : piece.unit.work_orders())
    if (work_order.work_order_id() == work_order_id) offer_work_order(step, piece, work_order, at);
}

}  // namespace

Verdict on_inspection_decided(PlantStep& step, const v1::InspectionDecided& event) {
  const auto* order = step.orders.find(event.order_id());
  const auto* name = step.board.index.unit_by_id.find(event.unit_id());
  const auto* unit = name == nullptr ? nullptr : step.units.find(*name);
  if (order == nullptr || unit == nullptr || !name->starts_with(units_of(event.order_id(), event.line_id())))
    return Verdict::ignored();
  if (keep_for_parked(step, *order, event)) return Verdict::applied();
  if (order->cancelled() || !counts(*unit) || !has_gate(*unit, event.op_id())) return Verdict::ignored();
  step.catch_up();
  const auto at = occurred(event, step.step);
  const auto unit_name = *name;
  const auto fresh = within(event.order_id(), [&] { return decide(step, unit_name, event, at); });
  step.settle();
  if (!fresh.empty()) within(event.order_id(), [&] { offer_rework(step, unit_name, fresh, at); });
  return Verdict::applied();
}

}  // namespace loomline::scheduling::domain
