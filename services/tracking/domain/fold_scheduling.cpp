// What scheduling says of the plan and the floor.
#include "domain/fact_table.hpp"
#include "loomline/production/v1/production.pb.h"
#include "loomline/scheduling/v1/events.pb.h"
#include "loomline/wire/convert.hpp"

namespace loomline::tracking::domain {
namespace {

using namespace scheduling::v1;  // NOLINT: the events, by name
using namespace production::v1;  // NOLINT: the milestones, by name

v1::CustomerReason customer_reason(PromiseReason reason) {
  switch (reason) {
    case PROMISE_REASON_OPERATION_LATE:
      return v1::CUSTOMER_REASON_CAPACITY;
    case PROMISE_REASON_EQUIPMENT_BREAKDOWN:
      return v1::CUSTOMER_REASON_MACHINE;
    case PROMISE_REASON_MATERIAL_LATE:
      return v1::CUSTOMER_REASON_MATERIAL;
    case PROMISE_REASON_REWORK:
      return v1::CUSTOMER_REASON_QUALITY_REWORK;
    case PROMISE_REASON_REPLACEMENT:
      return v1::CUSTOMER_REASON_REPLACEMENT;
    case PROMISE_REASON_CUSTOMER_CHANGE:
      return v1::CUSTOMER_REASON_CUSTOMER_WISH;
    case PROMISE_REASON_TRANSPORT:
      return v1::CUSTOMER_REASON_TRANSPORT;
    default:
      return v1::CUSTOMER_REASON_UNSPECIFIED;
  }
}

void add_unit(Folding& folding, Line& line, const std::string& unit_id) {
  if (line.find(unit_id) != nullptr) return folding.anomaly("unit " + unit_id + " was scheduled before");
  folding.reach(line, *folding.add_unit(line, unit_id), MILESTONE_SCHEDULED);
}

void on(Folding& folding, const LineScheduled& event) {
  auto& line = folding.line(event.line_id());
  folding.head(line, [&](LineHead& head) { head.shown.set_plant_id(event.plant_id()); });
  line.operations_total = event.operations_total();
  for (const auto& unit_id : event.unit_ids()) add_unit(folding, line, unit_id);
  folding.entry("line_scheduled").set_line_id(event.line_id());
}

void on(Folding& folding, const LineUnschedulable& event) {
  folding.line(event.line_id());
  folding.setback("line_unschedulable", v1::CUSTOMER_REASON_CAPACITY).set_line_id(event.line_id());
  folding.internal_reason(event.reason());
}

// True where the window moved to a later end.
bool set_promise(Folding& folding, const Promise& promise) {
  auto& line = folding.line(promise.line_id());
  const auto known = line.head;
  const auto& shown = known->shown;
  if (!shown.has_first_promise() || promise.revision() < shown.first_promise().revision())
    folding.head(line, [&](LineHead& head) { *head.shown.mutable_first_promise() = promise; });
  const bool confirmed_before = shown.has_promise() && shown.promise().revision() > 0;
  if (confirmed_before && promise.revision() <= shown.promise().revision()) {
    folding.anomaly("promise revision " + std::to_string(promise.revision()) + " is not above the one in force");
    return false;
  }
  folding.head(line, [&](LineHead& head) { *head.shown.mutable_promise() = promise; });
  return confirmed_before && promise.window().latest().seconds() > shown.promise().window().latest().seconds();
}

void on(Folding& folding, const PromiseMade& event) {
  set_promise(folding, event.promise());
  folding.entry("promise_made").set_line_id(event.promise().line_id());
  folding.internal_reason(PromiseReason_Name(event.promise().reason()));
}
void on(Folding& folding, const PromiseRevised& event) {
  const bool later = set_promise(folding, event.promise());
  auto& entry = folding.entry("promise_revised");
  entry.set_line_id(event.promise().line_id());
  entry.set_reason(customer_reason(event.promise().reason()));
  entry.set_setback(later);
  folding.internal_reason(PromiseReason_Name(event.promise().reason()));
}

std::string_view operation_code(std::uint32_t state) {
  switch (state) {
    case OPERATION_STATE_RUNNING:
      return "operation_started";
    case OPERATION_STATE_INTERRUPTED:
      return "operation_interrupted";
    case OPERATION_STATE_ENDED:
      return "operation_ended";
    case OPERATION_STATE_ABORTED:
      return "operation_aborted";
    default:
      return {};
  }
}

void on(Folding& folding, const OperationProgressed& event) {
  const auto code = operation_code(event.state());
  if (code.empty()) return folding.anomaly("operation state " + std::to_string(event.state()) + " is none of a report");
  auto& line = folding.line(event.line_id());
  line.operations_done = event.operations_done();
  line.operations_total = event.operations_total();
  const auto* step = line.find_step(event.op_id());
  const auto milestone = event.milestone() != MILESTONE_UNSPECIFIED || !step ? event.milestone() : step->milestone;
  const bool measured = event.characteristics_size() > 0 || (step && step->measured);
  const bool done = event.state() == OPERATION_STATE_ENDED && !measured;
  for (const auto& unit_id : event.unit_ids())
    if (const auto* unit = folding.unit(line, unit_id))
      folding.reach(line, *unit, done ? when_ended(milestone) : when_started(milestone));
  auto& entry = folding.entry(code);
  entry.set_line_id(event.line_id());
  if (event.unit_ids_size() == 1) entry.set_unit_id(event.unit_ids(0));
  if (step) *entry.mutable_detail() = step->name;
  entry.set_setback(event.state() == OPERATION_STATE_ABORTED);
}

void on(Folding& folding, const ReworkScheduled& event) {
  auto& line = folding.line(event.line_id());
  if (const auto* unit = folding.unit(line, event.unit_id())) folding.step_back(line, *unit, MILESTONE_IN_PRODUCTION);
  auto& entry = folding.setback("rework_scheduled", v1::CUSTOMER_REASON_QUALITY_REWORK);
  entry.set_line_id(event.line_id());
  entry.set_unit_id(event.unit_id());
  folding.internal_reason(event.nonconformity_id());
}

void on(Folding& folding, const UnitReplaced& event) {
  auto& line = folding.line(event.line_id());
  if (const auto* scrapped = folding.unit(line, event.scrapped_unit_id()))
    folding.change(line, *scrapped, [](Unit& unit) { unit.scrapped = true; });
  add_unit(folding, line, event.unit_id());
  auto& entry = folding.setback("unit_replaced", v1::CUSTOMER_REASON_REPLACEMENT);
  entry.set_line_id(event.line_id());
  entry.set_unit_id(event.unit_id());
  folding.internal_reason(event.nonconformity_id());
}

void on(Folding& folding, const UnitCompleted& event) {
  auto& line = folding.line(event.line_id());
  if (const auto* unit = folding.unit(line, event.unit_id()))
    folding.change(line, *unit, [&](Unit& completed) {
      completed.serial = event.serial();
      completed.reach(MILESTONE_PACKED, wire::to_time(folding.at));
    });
  auto& entry = folding.entry("unit_completed");
  entry.set_line_id(event.line_id());
  entry.set_unit_id(event.unit_id());
}

void strip(OperationProgressed& event) {
  for (auto& characteristic : *event.mutable_characteristics()) {
    const auto id = characteristic.characteristic_id();
    characteristic.Clear();
    characteristic.set_characteristic_id(id);
  }
  event.clear_lot_ids();
  event.clear_equipment_id();
  event.clear_work_order_id();
  event.clear_plant_id();
}
void strip(ReworkScheduled& event) {
  event.clear_op_ids();
  event.clear_work_order_id();
}

}  // namespace

void add_scheduling_facts(FactTable& table) {
  table.add<LineScheduled>(on);
  table.add<LineUnschedulable>(on);
  table.add<PromiseMade>(on);
  table.add<PromiseRevised>(on);
  table.add<OperationProgressed>(on, strip);
  table.add<ReworkScheduled>(on, strip);
  table.add<UnitReplaced>(on);
  table.add<UnitCompleted>(on);
}

}  // namespace loomline::tracking::domain
