// Units find their place in the plan.
#include "domain/network.hpp"
#include "domain/plan_store.hpp"
#include "domain/work.hpp"

namespace loomline::scheduling::domain {
namespace {

using state::v1::UNIT_STATE_PLANNED;
using state::v1::UNIT_STATE_WAITING;

bool waits(const Line& line) {
  for (const auto& unit : line.units())
    if (unit.state() == UNIT_STATE_WAITING) return true;
  return false;
}

void copy_places(const planning::Job& job, WorkOrder& order) {
  for (std::size_t i = 0; i < job.operations.size(); ++i) {
    auto& op = *order.mutable_operations(static_cast<int>(i));
    const auto& placed = job.operations[i];
    op.set_plan_state(static_cast<std::uint32_t>(placed.state));
    op.set_equipment_id(placed.machine);
    op.set_start(micros(placed.start));
    op.set_finish(micros(placed.finish));
  }
}

struct Placed {
  Unit* unit;
  WorkOrder work_order;
  planning::Job job;
};

// All the waiting units of a line, or none.
Result<std::vector<Placed>> place_units(Work& work, Line& line, Time& material_ready) {
  auto draft = *work.plan;
  std::vector<Placed> list;
  for (auto& unit : *line.mutable_units()) {
    if (unit.state() != UNIT_STATE_WAITING) continue;
    Unit shape = unit;
    *shape.add_work_orders() = make_work_order(line.spec(), "wo_");
    auto placed = engine().place(draft, demand_of(line.spec(), shape), work.now);
    if (!placed) return placed.status();
    material_ready = std::max(material_ready, placed->material_ready);
    list.push_back({&unit, shape.work_orders(0), std::move(placed->job)});
  }
  work.plan = std::move(draft);
  return list;
}

void say_material(Work& work, const Order& order, Line& line, Time ready) {
  if (line.material_ready()) return;
  if (ready > work.now) {
    state::v1::MaterialDue due;
    due.set_order_id(order.order_id());
    due.set_line_id(line.line_id());
    work.step.timer("material/" + line.line_id(), ready, due);
    return;
  }
  line.set_material_ready(true);
  v1::MaterialReady event;
  event.set_order_id(order.order_id());
  event.set_line_id(line.line_id());
  *event.mutable_occurred_at() = to_timestamp(work.now);
  work.step.publish(event);
}

void say_scheduled(Work& work, const Order& order, Line& line) {
  v1::LineScheduled event;
  Time start = planning::kNever, finish{};
  std::uint32_t operations = 0;
  for (const auto& unit : line.units()) {
    event.add_unit_ids(unit.unit_id());
    const auto* job = work.plan->find(job_id(unit));
    start = std::min(start, job->start());
    finish = std::max(finish, job->finish());
    operations += static_cast<std::uint32_t>(job->operations.size());
  }
  event.set_order_id(order.order_id());
  event.set_line_id(line.line_id());
  event.set_plant_id(work.state.plant().plant_id());
  *event.mutable_planned_start() = to_timestamp(start);
  *event.mutable_planned_finish() = to_timestamp(finish);
  event.set_operations_total(operations);
  *event.mutable_occurred_at() = to_timestamp(work.now);
  work.step.publish(event);
  line.set_scheduled(true);
}

void say_unschedulable(Work& work, const Order& order, Line& line, const std::string& reason) {
  if (line.unschedulable() == reason) return;
  line.set_unschedulable(reason);
  v1::LineUnschedulable event;
  event.set_order_id(order.order_id());
  event.set_line_id(line.line_id());
  event.set_plant_id(work.step.key());
  event.set_reason(reason);
  *event.mutable_occurred_at() = to_timestamp(work.now);
  work.step.publish(event);
}

void place_line(Work& work, Order& order, Line& line) {
  if (!work.published) return say_unschedulable(work, order, line, "PLANT_UNKNOWN");
  if (const auto status = check_spec(line.spec(), line.quantity()); !status.ok())
    return say_unschedulable(work, order, line, "SPEC_INVALID");
  Time material_ready = work.now;
  auto placed = place_units(work, line, material_ready);
  if (!placed) return say_unschedulable(work, order, line, placed.status().reason());
  line.clear_unschedulable();
  for (auto& p : *placed) {
    p.work_order.set_work_order_id(work.step.mint(prefix::work_order));
    copy_places(p.job, p.work_order);
    *p.unit->add_work_orders() = p.work_order;
    move(*p.unit, UNIT_STATE_PLANNED);
    allow_operations(*p.unit);
  }
  const bool first = !line.scheduled();
  if (first) {
    say_scheduled(work, order, line);
    make_promise(work, order, line);
  }
  for (const auto& p : *placed) offer_work_order(work, order, line, *p.unit, p.unit->work_orders(0), work.now);
  if (first)
    say_material(work, order, line, material_ready);
  else
    work.touch(order.order_id(), v1::PROMISE_REASON_REPLACEMENT);
}

}  // namespace

void place_waiting(Work& work) {
  for (auto& order : *work.state.mutable_orders())
    for (auto& line : *order.mutable_lines())
      if (waits(line)) place_line(work, order, line);
}

}  // namespace loomline::scheduling::domain
