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
void say_hold(const State& state, const state::v1::Hold& hold, const Timestamp& at, Step& step) {
  Event event;
  event.set_order_id(state.order_id());
  event.set_hold_id(hold.hold_id());
  event.set_kind(v1::HOLD_KIND_QUALITY);
  event.set_line_id(hold.line_id());
  event.set_unit_id(hold.unit_id());
  *event.mutable_occurred_at() = at;
  step.publish(event);
}

bool on(const state::v1::Hold& hold, std::string_view unit_id, std::string_view op_id) {
  return hold.unit_id() == unit_id && (op_id.empty() || hold.op_id() == op_id);
}

void place_hold(State& state, const v1::Inspection& inspection, Step& step) {
  for (const auto& hold : state.holds())
    if (on(hold, inspection.unit_id(), inspection.op_id())) return;
  auto& hold = *state.add_holds();
  hold.set_hold_id(step.mint(prefix::hold));
  hold.set_line_id(inspection.line_id());
  hold.set_unit_id(inspection.unit_id());
  hold.set_op_id(inspection.op_id());
  say_hold<v1::HoldPlaced>(state, hold, inspection.requested_at(), step);
}

// An empty op_id: every hold of the unit.
void release_hold(State& state, std::string_view unit_id, std::string_view op_id, const Timestamp& at, Step& step) {
  auto& holds = *state.mutable_holds();
  for (int i = 0; i < holds.size();) {
    if (!on(holds[i], unit_id, op_id)) {
      ++i;
      continue;
    }
    say_hold<v1::HoldReleased>(state, holds[i], at, step);
    holds.DeleteSubrange(i, 1);
  }
}

}  // namespace

bool open_inspection(State& state, const scheduling::v1::OperationProgressed& event, std::string_view unit_id,
                     Step& step) {
  const std::uint32_t attempt = std::max(event.attempt(), 1U);
  for (const auto& known : state.inspections())
    if (known.unit_id() == unit_id && known.op_id() == event.op_id() && known.attempt() == attempt) return false;
  auto& inspection = *state.add_inspections();
  inspection.set_inspection_id(step.mint(prefix::inspection));
  inspection.set_order_id(event.order_id());
  inspection.set_line_id(event.line_id());
  inspection.set_unit_id(std::string(unit_id));
  inspection.set_plant_id(event.plant_id());
  inspection.set_work_order_id(event.work_order_id());
  inspection.set_op_id(event.op_id());
  inspection.set_attempt(attempt);
  inspection.set_equipment_id(event.equipment_id());
  *inspection.mutable_characteristics() = event.characteristics();
  *inspection.mutable_requested_at() = event.occurred_at();
  move(inspection, v1::INSPECTION_STATE_PENDING);
  say<v1::InspectionRequested>(inspection, event.occurred_at(), step);
  place_hold(state, inspection, step);
  return true;
}

void drop_unit(State& state, std::string_view unit_id, const Timestamp& at, Step& step) {
  for (auto& inspection : *state.mutable_inspections()) {
    if (inspection.unit_id() != unit_id || inspection.state() != v1::INSPECTION_STATE_PENDING) continue;
    move(inspection, v1::INSPECTION_STATE_CANCELLED);
    *inspection.mutable_decided_at() = at;
  }
  release_hold(state, unit_id, {}, at, step);
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

void decide(State& state, v1::Inspection& inspection, const Timestamp& at, Step& step) {
  *inspection.mutable_decided_at() = at;
  if (within_tolerance(inspection)) {
    move(inspection, v1::INSPECTION_STATE_PASSED);
    say<v1::InspectionPassed>(inspection, at, step);
    release_hold(state, inspection.unit_id(), inspection.op_id(), at, step);
    return;
  }
  move(inspection, v1::INSPECTION_STATE_FAILED);
  inspection.set_nonconformity_id(step.mint(prefix::nonconformance));
  say<v1::InspectionFailed>(inspection, at, step);
  if (inspection.attempt() < staff_decides_from_attempt && !rework_operations(inspection).empty())
    dispose(state, inspection, v1::DISPOSITION_REWORK, true, at, step);
}

void dispose(State& state, v1::Inspection& inspection, v1::Disposition disposition, bool automatic, const Timestamp& at,
             Step& step) {
  move(inspection, disposition);
  step.publish(disposition_event(inspection, automatic, at));
  // A rework keeps the hold: it is the next attempt that releases it.
  if (disposition != v1::DISPOSITION_REWORK) release_hold(state, inspection.unit_id(), inspection.op_id(), at, step);
}

}  // namespace loomline::quality::domain
