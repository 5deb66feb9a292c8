// A unit on its way through its work orders.
#include <algorithm>
#include <map>

#include "domain/network.hpp"
#include "domain/work.hpp"

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

void complete(Work& work, Order& order, Line& line, Unit& unit, Time at) {
  move(unit, state::v1::UNIT_STATE_COMPLETED);
  unit.set_completed_at(micros(at));
  const auto& plant_id = work.step.key();
  auto digits = std::to_string(unit.number());
  digits.insert(0, digits.size() < 6 ? 6 - digits.size() : 0, '0');
  unit.set_serial(plant_id.substr(plant_id.find('_') + 1) + "-" + digits);
  work.plan->remove(job_id(unit));
  v1::UnitCompleted event;
  event.set_order_id(order.order_id());
  event.set_line_id(line.line_id());
  event.set_unit_id(unit.unit_id());
  event.set_serial(unit.serial());
  *event.mutable_occurred_at() = to_timestamp(at);
  work.step.publish(event);
}

void complete_work_orders(Work& work, Unit& unit, Time at) {
  for (auto& work_order : *unit.mutable_work_orders()) {
    if (work_order.state() != WORK_ORDER_STATE_RUNNING) continue;
    if (!std::all_of(work_order.operations().begin(), work_order.operations().end(),
                     [](const Operation& op) { return op.state() == OPERATION_STATE_ENDED; }))
      continue;
    move(work_order, WORK_ORDER_STATE_COMPLETED);
    WorkOrderCompleted event;
    event.set_plant_id(work.step.key());
    event.set_work_order_id(work_order.work_order_id());
    *event.mutable_occurred_at() = to_timestamp(at);
    work.step.publish(event);
  }
}

void describe(const Line& line, const Operation& op, WorkOrderOperation& out) {
  const auto& routed = *find_operation(line.spec(), op.op_id());
  out.set_op_id(op.op_id());
  *out.mutable_name() = routed.name();
  out.set_equipment_class(routed.equipment_class());
  out.set_equipment_id(op.equipment_id());
  if (op.start() != 0) *out.mutable_planned_start() = to_timestamp(from_micros(op.start()));
  if (op.finish() != 0) *out.mutable_planned_end() = to_timestamp(from_micros(op.finish()));
  out.set_planned_seconds(routed.setup_seconds() + routed.run_seconds());
  out.set_state(op.state());
  if (op.actual_start() != 0) *out.mutable_actual_start() = to_timestamp(from_micros(op.actual_start()));
  if (op.actual_end() != 0) *out.mutable_actual_end() = to_timestamp(from_micros(op.actual_end()));
  *out.mutable_characteristic_ids() = routed.characteristic_ids();
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

void unit_progressed(Work& work, Order& order, Line& line, Unit& unit, Time at) {
  if (!counts(unit)) {
    // What was recalled while it ran has ended: nothing of the unit is left in the plan.
    if (!any_running(unit)) work.plan->remove(job_id(unit));
    return;
  }
  allow_operations(unit);
  complete_work_orders(work, unit, at);
  if (unit.state() == state::v1::UNIT_STATE_IN_PRODUCTION && all_satisfied(unit)) complete(work, order, line, unit, at);
  plan_shipment(work, order, at);
}

void recall(Work& work, Unit& unit, const std::string& reason, Time at) {
  for (auto& work_order : *unit.mutable_work_orders()) {
    if (work_order.state() == WORK_ORDER_STATE_COMPLETED || work_order.state() == WORK_ORDER_STATE_RECALLED) continue;
    move(work_order, WORK_ORDER_STATE_RECALLED);
    work_order.set_revision(work_order.revision() + 1);
    work_order.set_reason(reason);
    WorkOrderRecalled event;
    event.set_plant_id(work.step.key());
    event.set_work_order_id(work_order.work_order_id());
    event.set_revision(work_order.revision());
    event.set_reason(reason);
    *event.mutable_occurred_at() = to_timestamp(at);
    work.step.publish(event);
  }
  if (!work.plan) return;
  if (any_running(unit))
    work.plan->remove_unstarted(job_id(unit));
  else
    work.plan->remove(job_id(unit));
}

Unit& mint_unit(PlantState& state, Step& step, Line& line) {
  auto& unit = *line.add_units();
  unit.set_unit_id(step.mint(prefix::unit));
  move(unit, state::v1::UNIT_STATE_WAITING);
  state.set_counter(state.counter() + 1);
  unit.set_number(state.counter());
  unit.set_earliest(micros(step.now()));
  return unit;
}

void replace(Work& work, Order& order, Line& line, Unit& unit, const std::string& nonconformity_id, Time at) {
  move(unit, state::v1::UNIT_STATE_REPLACED);
  recall(work, unit, "SCRAPPED", at);
  const auto scrapped = unit.unit_id();
  const auto& fresh = mint_unit(work.state, work.step, line);
  line.set_disturbed_by(v1::PROMISE_REASON_REPLACEMENT);
  v1::UnitReplaced event;
  event.set_order_id(order.order_id());
  event.set_line_id(line.line_id());
  event.set_scrapped_unit_id(scrapped);
  event.set_unit_id(fresh.unit_id());
  event.set_nonconformity_id(nonconformity_id);
  *event.mutable_occurred_at() = to_timestamp(at);
  work.step.publish(event);
}

production::v1::WorkOrder as_offered(const PlantState& state, const Order& order, const Line& line, const Unit& unit,
                                     const scheduling::domain::WorkOrder& from) {
  production::v1::WorkOrder out;
  out.set_work_order_id(from.work_order_id());
  out.set_revision(from.revision());
  out.set_kind(from.kind());
  out.set_state(from.state());
  out.set_plant_id(state.plant().plant_id());
  out.set_order_id(order.order_id());
  out.set_line_id(line.line_id());
  out.add_unit_ids(unit.unit_id());
  out.set_quantity(1);
  *out.mutable_product_name() = line.spec().product_name();
  std::map<std::string_view, std::string_view> own;
  for (const auto& op : from.operations()) own[op.plan_op_id()] = op.op_id();
  for (const auto& op : from.operations()) {
    auto& described = *out.add_operations();
    describe(line, op, described);
    // Only those of the same work order: what another holds up shows in the state.
    for (const auto& p : op.plan_predecessors())
      if (const auto it = own.find(p); it != own.end()) described.add_predecessors(std::string(it->second));
  }
  if (from.kind() == WORK_ORDER_KIND_MAKE) *out.mutable_bom() = line.spec().bom();
  if (from.has_job()) *out.add_external_refs() = from.job();
  out.set_parent_work_order_id(from.parent_work_order_id());
  return out;
}

void offer_work_order(Work& work, const Order& order, const Line& line, const Unit& unit,
                      const scheduling::domain::WorkOrder& work_order, Time at) {
  WorkOrderOffered event;
  event.set_plant_id(work.step.key());
  *event.mutable_work_order() = as_offered(work.state, order, line, unit, work_order);
  *event.mutable_occurred_at() = to_timestamp(at);
  work.step.publish(event);
}

}  // namespace loomline::scheduling::domain
