#include "domain/unit_progress.hpp"

#include <algorithm>
#include <map>

#include "domain/shipping.hpp"
#include "domain/unit_facts.hpp"

namespace loomline::scheduling::domain {
namespace {

using namespace production::v1;  // NOLINT: the floor's own enums, in every line of this file

// Whether its successors may go on.
bool satisfied(const Operation& op) {
  return op.state() == OPERATION_STATE_ENDED && op.gate() != state::v1::GATE_CLOSED;
}

bool all_satisfied(const Unit& unit) {
  for (const auto& work_order : unit.work_orders())
    for (const auto& op : work_order.operations())
      if (!satisfied(op)) return false;
  return true;
}

void complete(PlantStep& step, Piece& piece, Time at) {
  auto& unit = piece.unit;
  move(unit, state::v1::UNIT_STATE_COMPLETED);
  unit.set_completed_at(micros(at));
  const auto& plant_id = step.step.key();
  auto digits = std::to_string(unit.number());
  digits.insert(0, digits.size() < 6 ? 6 - digits.size() : 0, '0');
  unit.set_serial(plant_id.substr(plant_id.find('_') + 1) + "-" + digits);
  step.plan().remove(job_id(unit));
  v1::UnitCompleted event;
  event.set_order_id(piece.order.order_id());
  event.set_line_id(piece.line.line_id());
  event.set_unit_id(unit.unit_id());
  event.set_serial(unit.serial());
  *event.mutable_occurred_at() = to_timestamp(at);
  step.step.publish(event);
}

void complete_work_orders(PlantStep& step, Unit& unit, Time at) {
  for (auto& work_order : *unit.mutable_work_orders()) {
    if (work_order.state() != WORK_ORDER_STATE_RUNNING) continue;
    if (!std::all_of(work_order.operations().begin(), work_order.operations().end(),
                     [](const Operation& op) { return op.state() == OPERATION_STATE_ENDED; }))
      continue;
    move(work_order, WORK_ORDER_STATE_COMPLETED);
    WorkOrderCompleted event;
    event.set_plant_id(step.step.key());
    event.set_work_order_id(work_order.work_order_id());
    *event.mutable_occurred_at() = to_timestamp(at);
    step.step.publish(event);
  }
}

}  // namespace

void allow_operations(Unit& unit) {
  std::map<std::string_view, const Operation*> by_id;
  for (const auto& work_order : unit.work_orders())
    for (const auto& op : work_order.operations()) by_id[op.plan_op_id()] = &op;
  for (auto& work_order : *unit.mutable_work_orders()) {
    if (work_order.state() == WORK_ORDER_STATE_RECALLED) continue;
    for (auto& op : *work_order.mutable_operations()) {
      const bool may = std::all_of(op.plan_predecessors().begin(), op.plan_predecessors().end(), [&](const auto& p) {
        const auto it = by_id.find(p);
        return it == by_id.end() || satisfied(*it->second);
      });
      if (may && op.state() == OPERATION_STATE_NOT_ALLOWED) move(op, OPERATION_STATE_ALLOWED_TO_START);
      if (!may && op.state() == OPERATION_STATE_ALLOWED_TO_START) move(op, OPERATION_STATE_NOT_ALLOWED);
    }
  }
}

void unit_progressed(PlantStep& step, Piece& piece, Time at) {
  auto& unit = piece.unit;
  if (!counts(unit)) {
    // What was recalled while it ran has ended: nothing of the unit is left in the plan.
    if (!any_running(unit)) step.plan().remove(job_id(unit));
    return;
  }
  allow_operations(unit);
  complete_work_orders(step, unit, at);
  if (unit.state() == state::v1::UNIT_STATE_IN_PRODUCTION && all_satisfied(unit)) complete(step, piece, at);
  step.count(piece.name);
  if (unit.state() == state::v1::UNIT_STATE_COMPLETED) plan_shipment(step, piece.order, at);
}

void recall(PlantStep& step, Piece& piece, const std::string& reason, Time at) {
  auto& unit = piece.unit;
  for (auto& work_order : *unit.mutable_work_orders()) {
    if (!released(work_order)) continue;  // the floor never heard of it
    if (work_order.state() == WORK_ORDER_STATE_COMPLETED || work_order.state() == WORK_ORDER_STATE_RECALLED) continue;
    move(work_order, WORK_ORDER_STATE_RECALLED);
    work_order.set_revision(work_order.revision() + 1);
    work_order.set_reason(reason);
    WorkOrderRecalled event;
    event.set_plant_id(step.step.key());
    event.set_work_order_id(work_order.work_order_id());
    event.set_revision(work_order.revision());
    event.set_reason(reason);
    *event.mutable_occurred_at() = to_timestamp(at);
    step.step.publish(event);
  }
  if (!step.published) return;
  if (any_running(unit))
    step.plan().remove_unstarted(job_id(unit));
  else
    step.plan().remove(job_id(unit));
}

void replace(PlantStep& step, Piece& piece, const std::string& nonconformity_id, Time at) {
  move(piece.unit, state::v1::UNIT_STATE_REPLACED);
  recall(step, piece, "SCRAPPED", at);
  const auto fresh = step.mint(piece.order, piece.line);
  step.count(piece.name);
  piece.line.set_disturbed_by(v1::PROMISE_REASON_REPLACEMENT);
  v1::UnitReplaced event;
  event.set_order_id(piece.order.order_id());
  event.set_line_id(piece.line.line_id());
  event.set_scrapped_unit_id(piece.unit.unit_id());
  event.set_unit_id(fresh.unit.unit_id());
  event.set_nonconformity_id(nonconformity_id);
  *event.mutable_occurred_at() = to_timestamp(at);
  step.step.publish(event);
}

}  // namespace loomline::scheduling::domain
