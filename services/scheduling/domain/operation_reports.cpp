// What the shop floor reports of its operations.
#include "domain/plant.hpp"
#include "domain/unit_facts.hpp"
#include "domain/unit_progress.hpp"

namespace loomline::scheduling::domain {
namespace {

using namespace production::v1;  // NOLINT: the floor's own messages, in every line of this file
using DomainWorkOrder = scheduling::domain::WorkOrder;

constexpr int kMostReports = 500;
constexpr std::chrono::minutes kAhead{5};  // how far clocks may differ

// Where a report applies.
struct Place {
  Piece piece;
  DomainWorkOrder& work_order;
  Operation& op;
};

const DomainWorkOrder* find_work_order(const Unit& unit, std::string_view id) {
  for (const auto& work_order : unit.work_orders())
    if (work_order.work_order_id() == id) return &work_order;
  return nullptr;
}
const Operation* find_op(const DomainWorkOrder& work_order, std::string_view op_id) {
  for (const auto& op : work_order.operations())
    if (op.op_id() == op_id) return &op;
  return nullptr;
}

// The piece is lost with this report: another takes its place.
bool scraps(const OperationReport& report) {
  return report.state() == OPERATION_STATE_ENDED && report.scrap_quantity() > 0 && report.good_quantity() == 0;
}

void say_progressed(PlantStep& step, const Place& at, const OperationReport& report) {
  const auto& routed = at.piece.routing.at(at.op.op_id());
  const auto& line = at.piece.line;
  scheduling::v1::OperationProgressed event;
  event.set_order_id(at.piece.order.order_id());
  event.set_line_id(line.line_id());
  event.add_unit_ids(at.piece.unit.unit_id());
  event.set_plant_id(step.step.key());
  event.set_work_order_id(at.work_order.work_order_id());
  event.set_op_id(at.op.op_id());
  event.set_state(static_cast<std::uint32_t>(report.state()));
  event.set_equipment_id(at.op.equipment_id());
  event.set_milestone(routed.milestone());
  step.count(at.piece.name);
  event.set_operations_done(line.tally().operations_done());
  event.set_operations_total(line.tally().operations_total());
  // What is scrapped is not measured any more.
  if (report.state() == OPERATION_STATE_ENDED && !scraps(report) && counts(at.piece.unit) &&
      !at.piece.order.cancelled())
    for (const auto& id : routed.characteristic_ids())
      for (const auto& characteristic : at.piece.routing.spec().characteristics())
        if (characteristic.characteristic_id() == id) *event.add_characteristics() = characteristic;
  event.set_attempt(at.op.attempt());
  event.set_rework(at.work_order.kind() == WORK_ORDER_KIND_REWORK);
  *event.mutable_lot_ids() = at.op.lot_ids();
  *event.mutable_occurred_at() = report.occurred_at();
  step.step.publish(event);
}

struct Ignored {
  const char* reason;
  const char* remedy;
};
using Outcome = std::optional<Ignored>;

// Whether the report may be applied, by the tables of transitions.
Outcome refuse(const Order& order, const DomainWorkOrder& work_order, const Operation& op,
               const OperationReport& report) {
  if (report.revision() > work_order.revision())
    return Ignored{"OUTDATED_REPORT", "fetch the work order again: it has no such revision"};
  if (report.report_number() <= op.report_number())
    return Ignored{"OUTDATED_REPORT", "nothing: a later report about this operation was applied"};
  if (op.state() == OPERATION_STATE_ENDED) return Ignored{"ALREADY_ENDED", "nothing: the operation has ended"};
  // A cancelled order's work orders are recalled a few at a time.
  if ((work_order.state() == WORK_ORDER_STATE_RECALLED || order.cancelled()) && !running(op))
    return Ignored{"RECALLED", "stop: the work order was taken back"};
  if (work_order.state() == WORK_ORDER_STATE_REJECTED)
    return Ignored{"NOT_ALLOWED", "accept the work order when it is offered again"};
  if (op.state() == report.state()) return std::nullopt;  // still running: quantities and lots may have changed
  if (op.state() == OPERATION_STATE_NOT_ALLOWED || !wire::may_follow(operation_life, op.state(), report.state()))
    return Ignored{"NOT_ALLOWED", "report predecessors first, and wait for quality where something is measured"};
  return std::nullopt;
}

// When an operation began that has ended, or runs: as was reported, else as it was planned.
Time begun_at(const Operation& op, const OperationReport& report) {
  if (op.actual_start() != 0) return from_micros(op.actual_start());
  const auto when = to_time(report.occurred_at());
  return report.state() == OPERATION_STATE_ENDED && op.start() != 0 ? std::min(when, from_micros(op.start())) : when;
}

void begin(PlantStep& step, Place& at, const std::string& equipment, Time when) {
  if (at.work_order.state() == WORK_ORDER_STATE_OFFERED || at.work_order.state() == WORK_ORDER_STATE_ACCEPTED)
    move(at.work_order, WORK_ORDER_STATE_RUNNING);
  if (at.piece.unit.state() == state::v1::UNIT_STATE_PLANNED) move(at.piece.unit, state::v1::UNIT_STATE_IN_PRODUCTION);
  if (at.op.actual_start() == 0) at.op.set_actual_start(micros(when));
  (void)step.plan().report_start(job_id(at.piece.unit), at.op.plan_op_id(), equipment, when).ok();
  at.op.set_equipment_id(equipment);
}

void end(PlantStep& step, Place& at, Time when) {
  if (at.op.actual_start() == 0) at.op.set_actual_start(micros(std::min(when, from_micros(at.op.start()))));
  at.op.set_actual_end(micros(when));
  (void)step.plan().report_end(job_id(at.piece.unit), at.op.plan_op_id(), when).ok();
  if (at.piece.routing.at(at.op.op_id()).characteristic_ids_size() > 0) at.op.set_gate(state::v1::GATE_CLOSED);
}

// What was aborted must be done again: the operation goes back into the plan, without its material.
void abort(PlantStep& step, Place& at, Time when) {
  (void)step.plan().report_end(job_id(at.piece.unit), at.op.plan_op_id(), when).ok();
  if (at.work_order.state() == WORK_ORDER_STATE_RECALLED || !counts(at.piece.unit)) return;
  step.write_plan();
  auto& op = at.op;
  op.set_plan_state(0);
  op.set_needs_material(false);
  op.clear_equipment_id();
  op.clear_work();
  op.set_start(0);
  op.set_finish(0);
  op.set_actual_start(0);
  move(op, OPERATION_STATE_ALLOWED_TO_START);
  step.put_into_plan(at.piece);
}

void apply(PlantStep& step, Place& at, const OperationReport& report) {
  const auto when = to_time(report.occurred_at());
  auto& op = at.op;
  const auto equipment = report.equipment_id().empty() ? op.equipment_id() : report.equipment_id();
  op.set_report_number(report.report_number());
  op.set_good(report.good_quantity());
  op.set_scrap(report.scrap_quantity());
  if (report.lot_ids_size() > 0) *op.mutable_lot_ids() = report.lot_ids();
  const bool moved = op.state() != report.state();
  const bool ended = moved && report.state() == OPERATION_STATE_ENDED;
  if (moved) {
    if (report.state() == OPERATION_STATE_RUNNING || report.state() == OPERATION_STATE_ENDED)
      begin(step, at, equipment, begun_at(op, report));
    move(op, report.state());
  }
  if (ended) end(step, at, when);
  say_progressed(step, at, report);
  if (moved && report.state() == OPERATION_STATE_ABORTED) abort(step, at, when);
  step.touch(at.piece.order.order_id(), scheduling::v1::PROMISE_REASON_OPERATION_LATE);
  if (ended && scraps(report) && counts(at.piece.unit))
    replace(step, at.piece, "", when);
  else
    unit_progressed(step, at.piece, when);
}

Outcome check_report(const PlantStep& step, const OperationReport& report) {
  if (report.state() != OPERATION_STATE_RUNNING && report.state() != OPERATION_STATE_INTERRUPTED &&
      report.state() != OPERATION_STATE_ENDED && report.state() != OPERATION_STATE_ABORTED)
    return Ignored{"STATE_INVALID", "report RUNNING, INTERRUPTED, ENDED or ABORTED"};
  if (!report.has_occurred_at() || to_time(report.occurred_at()) > step.now + kAhead)
    return Ignored{"TIME_INVALID", "give occurred_at, no later than now"};
  if (!report.equipment_id().empty() && !step.board.machines->contains(report.equipment_id()))
    return Ignored{"EQUIPMENT_UNKNOWN", "name equipment of the plant"};
  return std::nullopt;
}

Place place_of(PlantStep& step, const std::string& unit_name, const OperationReport& report) {
  auto piece = step.open(unit_name);
  for (auto& work_order : *piece.unit.mutable_work_orders())
    if (work_order.work_order_id() == report.work_order_id())
      for (auto& op : *work_order.mutable_operations())
        if (op.op_id() == report.op_id()) return {piece, work_order, op};
  throw std::logic_error("operation " + report.op_id() + " was there a moment ago");
}

Outcome take(PlantStep& step, const OperationReport& report) {
  const auto* name = step.board.index.unit_by_work_order.find(report.work_order_id());
  const auto* unit = name == nullptr ? nullptr : step.units.find(*name);
  const auto* work_order = unit == nullptr ? nullptr : find_work_order(*unit, report.work_order_id());
  if (work_order == nullptr)
    return Ignored{"WORK_ORDER_UNKNOWN", "fetch the open work orders of the plant: this one is not among them"};
  const auto* op = find_op(*work_order, report.op_id());
  if (op == nullptr) return Ignored{"OPERATION_UNKNOWN", "fetch the work order again"};
  if (const auto wrong = check_report(step, report)) return wrong;
  const auto order_id = std::string(order_of(*name));
  const auto* order = step.orders.find(order_id);
  if (order == nullptr || !order->parked().empty())
    return Ignored{"ORDER_PARKED", "send it again when an operator has mended order and plant"};
  if (const auto refused = refuse(*order, *work_order, *op, report)) return refused;
  within(order_id, [&] {
    auto at = place_of(step, *name, report);
    apply(step, at, report);
  });
  return std::nullopt;
}

}  // namespace

Result<ReportOperationsResponse> report_operations(PlantStep& step, const ReportOperationsRequest& request) {
  if (!step.published) return plant_unknown(request.plant_id());
  if (request.reports_size() > kMostReports)
    return invalid("reports", "are more than 500", "send them in several calls, in order");
  step.catch_up();
  ReportOperationsResponse response;
  for (int i = 0; i < request.reports_size(); ++i) {
    const auto& report = request.reports(i);
    if (const auto ignored = take(step, report)) {
      auto& out = *response.add_ignored();
      out.set_index(static_cast<std::uint32_t>(i));
      out.set_reason(ignored->reason);
      out.set_remedy(ignored->remedy);
      continue;
    }
    step.state.set_reported(std::max(step.state.reported(), micros(to_time(report.occurred_at()))));
  }
  step.settle();
  return response;
}

}  // namespace loomline::scheduling::domain
