// What the shop floor reports.
#include <map>
#include <set>

#include "domain/network.hpp"
#include "domain/plant.hpp"
#include "domain/work.hpp"
#include "loomline/wire/check.hpp"

namespace loomline::scheduling::domain {
namespace {

using namespace production::v1;  // NOLINT: the floor's own messages, in every line of this file
using DomainWorkOrder = scheduling::domain::WorkOrder;

constexpr int kMostReports = 500;
constexpr std::chrono::minutes kAhead{5};  // how far clocks may differ

struct Place {
  Order* order = nullptr;
  Line* line = nullptr;
  Unit* unit = nullptr;
  DomainWorkOrder* work_order = nullptr;
};

std::map<std::string, Place> places(PlantState& state) {
  std::map<std::string, Place> found;
  each_work_order(state, [&](Order& order, Line& line, Unit& unit, DomainWorkOrder& work_order) {
    found[work_order.work_order_id()] = {&order, &line, &unit, &work_order};
  });
  return found;
}

Status unpublished(std::string_view plant_id) {
  return not_found("PLANT_UNKNOWN", "No plant " + std::string(plant_id.substr(0, 60)) + " was published here.");
}

Operation* find_op(DomainWorkOrder& work_order, std::string_view op_id) {
  for (auto& op : *work_order.mutable_operations())
    if (op.op_id() == op_id) return &op;
  return nullptr;
}

void count_operations(const Line& line, scheduling::v1::OperationProgressed& event) {
  std::uint32_t done = 0, total = 0;
  for (const auto& unit : line.units()) {
    if (!counts(unit)) continue;
    for (const auto& work_order : unit.work_orders())
      for (const auto& op : work_order.operations()) {
        ++total;
        if (op.state() == OPERATION_STATE_ENDED) ++done;
      }
  }
  event.set_operations_done(done);
  event.set_operations_total(total);
}

void say_progressed(Work& work, const Place& at, const Operation& op, const OperationReport& report) {
  const auto& routed = *find_operation(at.line->spec(), op.op_id());
  scheduling::v1::OperationProgressed event;
  event.set_order_id(at.order->order_id());
  event.set_line_id(at.line->line_id());
  event.add_unit_ids(at.unit->unit_id());
  event.set_plant_id(work.step.key());
  event.set_work_order_id(at.work_order->work_order_id());
  event.set_op_id(op.op_id());
  event.set_state(static_cast<std::uint32_t>(report.state()));
  event.set_equipment_id(op.equipment_id());
  event.set_milestone(routed.milestone());
  count_operations(*at.line, event);
  if (report.state() == OPERATION_STATE_ENDED && counts(*at.unit) && !at.order->cancelled())
    for (const auto& id : routed.characteristic_ids())
      for (const auto& characteristic : at.line->spec().characteristics())
        if (characteristic.characteristic_id() == id) *event.add_characteristics() = characteristic;
  event.set_attempt(op.attempt());
  event.set_rework(at.work_order->kind() == WORK_ORDER_KIND_REWORK);
  *event.mutable_lot_ids() = op.lot_ids();
  *event.mutable_occurred_at() = report.occurred_at();
  work.step.publish(event);
}

struct Ignored {
  const char* reason;
  const char* remedy;
};
using Outcome = std::optional<Ignored>;

// Whether the report may be applied, by the tables of transitions.
Outcome refuse(const Place& at, const Operation& op, const OperationReport& report) {
  if (report.revision() > at.work_order->revision())
    return Ignored{"OUTDATED_REPORT", "fetch the work order again: it has no such revision"};
  if (report.report_number() <= op.report_number())
    return Ignored{"OUTDATED_REPORT", "nothing: a later report about this operation was applied"};
  if (op.state() == OPERATION_STATE_ENDED) return Ignored{"ALREADY_ENDED", "nothing: the operation has ended"};
  if (at.work_order->state() == WORK_ORDER_STATE_RECALLED && !running(op))
    return Ignored{"RECALLED", "stop: the work order was taken back"};
  if (at.work_order->state() == WORK_ORDER_STATE_REJECTED)
    return Ignored{"NOT_ALLOWED", "accept the work order when it is offered again"};
  if (op.state() == report.state()) return std::nullopt;  // still running: quantities and lots may have changed
  if (op.state() == OPERATION_STATE_NOT_ALLOWED || !may_follow(operation_life, op.state(), report.state()))
    return Ignored{"NOT_ALLOWED", "report predecessors first, and wait for quality where something is measured"};
  return std::nullopt;
}

void begin(Work& work, const Place& at, Operation& op, const std::string& equipment, Time when) {
  if (at.work_order->state() == WORK_ORDER_STATE_OFFERED || at.work_order->state() == WORK_ORDER_STATE_ACCEPTED)
    move(*at.work_order, WORK_ORDER_STATE_RUNNING);
  if (at.unit->state() == state::v1::UNIT_STATE_PLANNED) move(*at.unit, state::v1::UNIT_STATE_IN_PRODUCTION);
  if (op.actual_start() == 0) op.set_actual_start(micros(when));
  (void)work.plan->report_start(job_id(*at.unit), op.plan_op_id(), equipment, when).ok();
  op.set_equipment_id(equipment);
}

void end(Work& work, const Place& at, Operation& op, Time when) {
  if (op.actual_start() == 0) op.set_actual_start(micros(std::min(when, from_micros(op.start()))));
  op.set_actual_end(micros(when));
  (void)work.plan->report_end(job_id(*at.unit), op.plan_op_id(), when).ok();
  if (find_operation(at.line->spec(), op.op_id())->characteristic_ids_size() > 0) op.set_gate(state::v1::GATE_CLOSED);
}

// What was aborted must be done again: the operation goes back into the plan.
void abort(Work& work, const Place& at, Operation& op, Time when) {
  (void)work.plan->report_end(job_id(*at.unit), op.plan_op_id(), when).ok();
  if (at.work_order->state() == WORK_ORDER_STATE_RECALLED || !counts(*at.unit)) return;
  work.edit([&] {
    op.set_plan_state(0);
    op.set_needs_material(false);
    op.clear_equipment_id();
    op.clear_work();
    op.set_start(0);
    op.set_finish(0);
    op.set_actual_start(0);
    move(op, OPERATION_STATE_ALLOWED_TO_START);
  });
}

void apply(Work& work, const Place& at, Operation& op, const OperationReport& report) {
  const auto when = to_time(report.occurred_at());
  const auto& equipment = report.equipment_id().empty() ? op.equipment_id() : report.equipment_id();
  op.set_report_number(report.report_number());
  op.set_good(report.good_quantity());
  op.set_scrap(report.scrap_quantity());
  if (report.lot_ids_size() > 0) *op.mutable_lot_ids() = report.lot_ids();
  const bool moved = op.state() != report.state();
  if (moved) {
    if (report.state() == OPERATION_STATE_RUNNING || report.state() == OPERATION_STATE_ENDED)
      begin(work, at, op, equipment,
            op.actual_start() == 0 && report.state() == OPERATION_STATE_ENDED
                ? std::min(when, op.start() == 0 ? when : from_micros(op.start()))
                : (op.actual_start() == 0 ? when : from_micros(op.actual_start())));
    move(op, report.state());
  }
  if (moved && report.state() == OPERATION_STATE_ENDED) end(work, at, op, when);
  say_progressed(work, at, op, report);
  if (moved && report.state() == OPERATION_STATE_ABORTED) abort(work, at, op, when);
  work.touch(at.order->order_id(), scheduling::v1::PROMISE_REASON_OPERATION_LATE);
  if (moved && report.state() == OPERATION_STATE_ENDED && report.scrap_quantity() > 0 && report.good_quantity() == 0 &&
      counts(*at.unit))
    replace(work, *at.order, *at.line, *at.unit, "", when);
  else
    unit_progressed(work, *at.order, *at.line, *at.unit, when);
}

Outcome take(Work& work, std::map<std::string, Place>& index, const std::set<std::string>& machines,
             const OperationReport& report) {
  const auto it = index.find(report.work_order_id());
  if (it == index.end())
    return Ignored{"WORK_ORDER_UNKNOWN", "fetch the open work orders of the plant: this one is not among them"};
  auto* op = find_op(*it->second.work_order, report.op_id());
  if (op == nullptr) return Ignored{"OPERATION_UNKNOWN", "fetch the work order again"};
  if (report.state() != OPERATION_STATE_RUNNING && report.state() != OPERATION_STATE_INTERRUPTED &&
      report.state() != OPERATION_STATE_ENDED && report.state() != OPERATION_STATE_ABORTED)
    return Ignored{"STATE_INVALID", "report RUNNING, INTERRUPTED, ENDED or ABORTED"};
  if (!report.has_occurred_at() || to_time(report.occurred_at()) > work.now + kAhead)
    return Ignored{"TIME_INVALID", "give occurred_at, no later than now"};
  if (!report.equipment_id().empty() && !machines.contains(report.equipment_id()))
    return Ignored{"EQUIPMENT_UNKNOWN", "name equipment of the plant"};
  if (const auto refused = refuse(it->second, *op, report)) return refused;
  apply(work, it->second, *op, report);
  return std::nullopt;
}

}  // namespace

Result<ReportOperationsResponse> report_operations(PlantState& state, const ReportOperationsRequest& request,
                                                   Step& step) {
  if (state.revision() == 0) return unpublished(request.plant_id());
  if (request.reports_size() > kMostReports)
    return invalid("reports", "are more than 500", "send them in several calls, in order");
  Work work(state, step);
  std::set<std::string> machines;
  for (const auto& e : state.plant().equipment()) machines.insert(e.equipment_id());
  auto index = places(state);
  ReportOperationsResponse response;
  for (int i = 0; i < request.reports_size(); ++i) {
    const auto& report = request.reports(i);
    if (const auto ignored = take(work, index, machines, report)) {
      auto& out = *response.add_ignored();
      out.set_index(static_cast<std::uint32_t>(i));
      out.set_reason(ignored->reason);
      out.set_remedy(ignored->remedy);
      continue;
    }
    state.set_reported(std::max(state.reported(), micros(to_time(report.occurred_at()))));
  }
  work.settle();
  return response;
}

Result<AnswerWorkOrdersResponse> answer_work_orders(PlantState& state, const AnswerWorkOrdersRequest& request,
                                                    Step& step) {
  if (state.revision() == 0) return unpublished(request.plant_id());
  const auto index = places(state);
  AnswerWorkOrdersResponse response;
  for (const auto& answer : request.answers()) {
    const auto it = index.find(answer.work_order_id());
    auto* work_order = it == index.end() ? nullptr : it->second.work_order;
    const auto to = answer.accepted() ? WORK_ORDER_STATE_ACCEPTED : WORK_ORDER_STATE_REJECTED;
    if (work_order != nullptr && work_order->revision() == answer.revision() && work_order->state() == to) continue;
    if (work_order == nullptr || work_order->revision() != answer.revision() ||
        work_order->state() != WORK_ORDER_STATE_OFFERED) {
      response.add_outdated_work_order_ids(answer.work_order_id());
      continue;
    }
    move(*work_order, to);
    work_order->set_reason(answer.reason());
    if (answer.has_job()) *work_order->mutable_job() = answer.job();
    WorkOrderAnswered event;
    event.set_plant_id(step.key());
    *event.mutable_answer() = answer;
    *event.mutable_occurred_at() = to_timestamp(step.now());
    step.publish(event);
    if (answer.accepted()) continue;
    state::v1::ReofferDue due;
    due.set_work_order_id(answer.work_order_id());
    step.timer("reoffer/" + answer.work_order_id(), step.now() + std::chrono::hours(24), due);
  }
  return response;
}

Verdict on_reoffer_due(PlantState& state, const state::v1::ReofferDue& due, Step& step) {
  const auto index = places(state);
  const auto it = index.find(due.work_order_id());
  if (it == index.end() || it->second.work_order->state() != WORK_ORDER_STATE_REJECTED) return Verdict::ignored();
  auto& work_order = *it->second.work_order;
  move(work_order, WORK_ORDER_STATE_OFFERED);
  work_order.set_revision(work_order.revision() + 1);
  Work work(state, step);
  offer_work_order(work, *it->second.order, *it->second.line, *it->second.unit, work_order, step.now());
  return Verdict::applied();
}

Result<ReportEquipmentResponse> report_equipment(PlantState& state, const ReportEquipmentRequest& request, Step& step) {
  if (state.revision() == 0) return unpublished(request.plant_id());
  bool known = false;
  for (const auto& e : state.plant().equipment()) known = known || e.equipment_id() == request.equipment_id();
  if (!known) return not_found("EQUIPMENT_UNKNOWN", "The plant has no such equipment; see GetPlant for its names.");
  const auto at = occurred(request, step);
  if (at > step.now() + kAhead) return invalid("occurred_at", "is in the future", "give a time no later than now");
  Work work(state, step);
  bool changed = false;
  work.edit([&] {
    state::v1::Down* open = nullptr;
    for (auto& down : *state.mutable_downs())
      if (down.equipment_id() == request.equipment_id() && down.open()) open = &down;
    changed = request.available() ? open != nullptr : true;
    if (!changed) return;
    if (open == nullptr) {
      open = state.add_downs();
      state.set_counter(state.counter() + 1);
      open->set_down_id("down-" + std::to_string(state.counter()));
      open->set_equipment_id(request.equipment_id());
      open->set_from(micros(at));
    }
    const auto back = request.has_expected_back() ? to_time(request.expected_back()) : at + std::chrono::hours(4);
    open->set_open(!request.available());
    open->set_until(micros(request.available() ? at : std::max(back, work.now)));
    open->set_reason(request.reason());
  });
  if (!changed) return ReportEquipmentResponse{};
  EquipmentStateChanged event;
  event.set_plant_id(step.key());
  event.set_equipment_id(request.equipment_id());
  event.set_available(request.available());
  event.set_reason(request.reason());
  if (request.has_expected_back()) *event.mutable_expected_back() = request.expected_back();
  *event.mutable_occurred_at() = to_timestamp(at);
  step.publish(event);
  state.set_reported(std::max(state.reported(), micros(at)));
  work.settle(request.available());
  return ReportEquipmentResponse{};
}

}  // namespace loomline::scheduling::domain
