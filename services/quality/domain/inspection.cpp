#include "domain/inspection.hpp"

#include <algorithm>
#include <set>

namespace loomline::quality::domain {
namespace {

bool within_tolerance(const v1::Inspection& inspection) {
  return std::all_of(inspection.measurements().begin(), inspection.measurements().end(),
                     [](const v1::Measurement& m) { return m.within_tolerance(); });
}

v1::DispositionDecided disposition_event(const v1::Inspection& inspection, bool automatic, const Timestamp& at) {
  v1::DispositionDecided event;
  event.set_order_id(inspection.order_id());
  event.set_line_id(inspection.line_id());
  event.set_unit_id(inspection.unit_id());
  event.set_plant_id(inspection.plant_id());
  event.set_op_id(inspection.op_id());
  event.set_nonconformity_id(inspection.nonconformity_id());
  event.set_disposition(inspection.disposition());
  if (inspection.disposition() == v1::DISPOSITION_REWORK)
    for (auto& op : rework_operations(inspection)) event.add_rework_op_ids(std::move(op));
  event.set_automatic(automatic);
  *event.mutable_occurred_at() = at;
  return event;
}

template <class Event>
void say(const v1::Inspection& inspection, const Timestamp& at, Step& step) {
  Event event;
  event.set_order_id(inspection.order_id());
  *event.mutable_inspection() = inspection;
  *event.mutable_occurred_at() = at;
  step.publish(event);
}

template <class Event>
void say_hold(const state::v1::Hold& hold, const Timestamp& at, Order& order) {
  Event event;
  event.set_order_id(order.state.order_id());
  event.set_hold_id(hold.hold_id());
  event.set_kind(v1::HOLD_KIND_QUALITY);
  event.set_line_id(hold.line_id());
  event.set_unit_id(hold.unit_id());
  *event.mutable_occurred_at() = at;
  order.step.publish(event);
}

void place_hold(Order& order, state::v1::Unit& unit, const v1::Inspection& inspection) {
  for (const auto& hold : unit.holds())
    if (hold.op_id() == inspection.op_id()) return;
  state::v1::Hold hold;
  hold.set_hold_id(order.step.mint(prefix::hold));
  hold.set_line_id(inspection.line_id());
  hold.set_unit_id(inspection.unit_id());
  hold.set_op_id(inspection.op_id());
  say_hold<v1::HoldPlaced>(hold, inspection.requested_at(), order);
  order.add_hold(unit, std::move(hold));
}

// An empty op_id: every hold of the unit.
void release_holds(Order& order, state::v1::Unit& unit, std::string_view op_id, const Timestamp& at) {
  for (const auto& hold : order.take_holds(unit, op_id)) say_hold<v1::HoldReleased>(hold, at, order);
}
void release_holds(Order& order, const v1::Inspection& inspection, const Timestamp& at) {
  const auto* unit = order.unit(inspection.line_id(), inspection.unit_id());
  if (unit != nullptr && !unit->holds().empty()) release_holds(order, order.edit(*unit), inspection.op_id(), at);
}

}  // namespace

void open_inspection(Order& order, state::v1::Unit& unit, const scheduling::v1::OperationProgressed& event) {
  const auto& inspection = order.add_inspection(unit, event);
  say<v1::InspectionRequested>(inspection, event.occurred_at(), order.step);
  place_hold(order, unit, inspection);
}

void drop_unit(Order& order, const state::v1::Unit& unit, const Timestamp& at) {
  for (const auto& ref : unit.inspections()) {
    const auto* known = order.inspection(ref.inspection_id());
    if (known->state() != v1::INSPECTION_STATE_PENDING) continue;
    auto& inspection = order.edit(*known);
    order.move(inspection, v1::INSPECTION_STATE_CANCELLED);
    *inspection.mutable_decided_at() = at;
  }
  if (!unit.holds().empty()) release_holds(order, order.edit(unit), {}, at);
}

std::vector<std::string> rework_operations(const v1::Inspection& inspection) {
  std::set<std::string> failed;
  for (const auto& m : inspection.measurements())
    if (!m.within_tolerance()) failed.insert(m.characteristic_id());
  std::vector<std::string> operations;
  for (const auto& characteristic : inspection.characteristics()) {
    if (!failed.count(characteristic.characteristic_id())) continue;
    if (characteristic.rework_op_ids().empty()) return {};
    for (const auto& op : characteristic.rework_op_ids())
      if (std::find(operations.begin(), operations.end(), op) == operations.end()) operations.push_back(op);
  }
  return operations;
}

void decide(Order& order, v1::Inspection& inspection, const Timestamp& at) {
  *inspection.mutable_decided_at() = at;
  if (within_tolerance(inspection)) {
    order.move(inspection, v1::INSPECTION_STATE_PASSED);
    say<v1::InspectionPassed>(inspection, at, order.step);
    release_holds(order, inspection, at);
    return;
  }
  order.move(inspection, v1::INSPECTION_STATE_FAILED);
  inspection.set_nonconformity_id(order.step.mint(prefix::nonconformance));
  order.note_nonconformity(inspection);
  say<v1::InspectionFailed>(inspection, at, order.step);
  if (inspection.attempt() < staff_decides_from_attempt && !rework_operations(inspection).empty())
    dispose(order, inspection, v1::DISPOSITION_REWORK, true, at);
}

void dispose(Order& order, v1::Inspection& inspection, v1::Disposition disposition, bool automatic,
             const Timestamp& at) {
  order.move(inspection, disposition);
  order.step.publish(disposition_event(inspection, automatic, at));
  // A rework keeps the hold: it is the next attempt that releases it.
  if (disposition != v1::DISPOSITION_REWORK) release_holds(order, inspection, at);
}

}  // namespace loomline::quality::domain
