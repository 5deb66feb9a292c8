#include "domain/plan_writing.hpp"

#include <map>

namespace loomline::scheduling::domain {
namespace {

using planning::OperationState;

std::int64_t stored(Time time) { return time == planning::kNever ? 0 : micros(time); }

bool says(const Operation& op, const planning::PlacedOperation& from) {
  if (op.plan_state() != static_cast<std::uint32_t>(from.state) || op.equipment_id() != from.machine ||
      op.start() != stored(from.start) || op.finish() != stored(from.finish) ||
      op.work_size() != 2 * static_cast<int>(from.work.size()))
    return false;
  for (int i = 0; i < op.work_size(); i += 2) {
    const auto& stretch = from.work[static_cast<std::size_t>(i) / 2];
    if (op.work(i) != micros(stretch.begin) || op.work(i + 1) != micros(stretch.end)) return false;
  }
  return true;
}

void write(const planning::PlacedOperation& from, Operation& op) {
  op.set_plan_state(static_cast<std::uint32_t>(from.state));
  op.set_equipment_id(from.machine);
  op.set_start(stored(from.start));
  op.set_finish(stored(from.finish));
  op.clear_work();
  for (const auto& stretch : from.work) {
    op.add_work(micros(stretch.begin));
    op.add_work(micros(stretch.end));
  }
}

}  // namespace

void write_job(PlantStep& step, const std::string& name, const planning::Job* job) {
  const auto* unit = step.units.find(name);
  if (unit == nullptr) return;
  // An order that is out of the plan keeps what it had there, to be put back.
  if (const auto* order = step.orders.find(std::string(name.substr(0, name.find('/'))));
      order != nullptr && !order->parked().empty())
    return;
  std::map<std::string_view, const planning::PlacedOperation*> places;
  if (job != nullptr)
    for (const auto& op : job->operations) places[op.op_id] = &op;
  Unit* edited = nullptr;
  for (int w = 0; w < unit->work_orders_size(); ++w)
    for (int i = 0; i < unit->work_orders(w).operations_size(); ++i) {
      const auto& op = (edited != nullptr ? edited : unit)->work_orders(w).operations(i);
      if (!op.in_plan()) continue;
      const auto it = places.find(op.plan_op_id());
      if (it != places.end() && says(op, *it->second)) continue;
      if (edited == nullptr) edited = step.units.edit(name);
      auto& changed = *edited->mutable_work_orders(w)->mutable_operations(i);
      if (it == places.end())
        changed.set_in_plan(false);
      else
        write(*it->second, changed);
    }
}

void write_freed(PlantStep& step, const planning::Freed& freed) {
  const auto name = freed_name(freed);
  if (freed.to <= freed.from) {
    step.freed.erase(name);
    return;
  }
  auto* part = step.freed.edit(name);
  if (part == nullptr) part = &step.freed.add(name);
  part->Clear();
  auto& entry = *part->add_freed();
  entry.set_kind(static_cast<std::uint32_t>(freed.kind));
  entry.set_id(freed.id);
  entry.set_op_id(freed.op_id);
  entry.set_from(micros(freed.from));
  entry.set_to(micros(freed.to));
  entry.set_looked(micros(freed.looked));
}

void copy_places(const planning::Job& job, WorkOrder& work_order) {
  for (std::size_t i = 0; i < job.operations.size(); ++i)
    write(job.operations[i], *work_order.mutable_operations(static_cast<int>(i)));
}

}  // namespace loomline::scheduling::domain
