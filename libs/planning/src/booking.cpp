// What jobs occupy.
#include <algorithm>

#include "plan_state.hpp"

namespace loomline::planning {
namespace {

bool occupies(const PlacedOperation& p) {
  return (p.state == OperationState::planned || p.state == OperationState::running) && p.start != kNever;
}

}  // namespace

void PlanState::enter(const OpRef& op, const Operation& operation, const PlacedOperation& placed) {
  if (placed.state == OperationState::unplaced) marks.unplaced.set(op, {});
  if (!occupies(placed)) return;
  const bool running = placed.state == OperationState::running;
  (running ? ends : starts).set({running ? placed.finish : placed.start, op}, {});
  const Booking booking{{placed.start, placed.finish}, op, running};
  if (placed.start >= placed.finish) return;  // takes no time, so it takes no room
  if (!placed.machine.empty()) {
    auto& on = write_machine(placed.machine);
    on.timeline.add(booking);
    on.load.add(booking.period, 1);
  }
  if (operation.operators == 0 || crew(operation.operator_class) == nullptr) return;
  auto& attending = write_crew(operation.operator_class);
  attending.attended.add(booking);
  for (const auto& part : placed.work) attending.load.add(part, operation.operators);
}

void PlanState::leave(const OpRef& op, const Operation& operation, const PlacedOperation& placed) {
  if (placed.state == OperationState::unplaced) marks.unplaced.erase(op);
  if (!occupies(placed)) return;
  const bool running = placed.state == OperationState::running;
  (running ? ends : starts).erase(When{running ? placed.finish : placed.start, op});
  const When when{placed.start, op};
  if (placed.start >= placed.finish) return;
  if (!placed.machine.empty()) {
    auto& on = write_machine(placed.machine);
    on.timeline.remove(when);
    on.load.add({placed.start, placed.finish}, -1);
  }
  if (operation.operators == 0 || crew(operation.operator_class) == nullptr) return;
  auto& attending = write_crew(operation.operator_class);
  attending.attended.remove(when);
  for (const auto& part : placed.work) attending.load.add(part, -operation.operators);
}

void PlanState::place(const OpRef& op, PlacedOperation placed) {
  auto& job = write(op.job).job;
  leave(op, job.demand.operations[op.index], job.operations[op.index]);
  job.operations[op.index] = std::move(placed);
  enter(op, job.demand.operations[op.index], job.operations[op.index]);
}

void PlanState::learn(const Job& job) {
  for (const auto& op : job.demand.operations) {
    if (duration_of(op) == Duration{}) continue;
    const auto watch_for = [&](const MachineState* on) {
      if (op.operators == 0) return;
      const auto times_of = times(on, op);
      if (const auto* crew_of = crew(op.operator_class); crew_of != nullptr && !crew_of->load.watches(*times_of))
        write_crew(op.operator_class).load.watch(times_of);
    };
    const auto* of_class = frame->machines(op.equipment_class);
    if (of_class == nullptr) {
      watch_for(nullptr);
      continue;
    }
    for (const auto& id : *of_class) {
      const auto* on = machine(id);
      const auto times_of = times(on, op);
      if (!on->load.watches(*times_of)) write_machine(id).load.watch(times_of);
      watch_for(on);
    }
  }
}

void PlanState::add_job(JobRecord record) {
  const JobName name = record.name.get();
  marks.jobs.set(*name, {});
  names.set(name, {});
  records.set(name, Cow(std::move(record)));
  const auto& added = **records.find(name);
  for (std::size_t i = 0; i < added.job.operations.size(); ++i)
    enter(added.ref(i), added.job.demand.operations[i], added.job.operations[i]);
  for (const auto& r : added.job.reservations)
    write_item(r.item).ledger.reserve(r.at, added.ref(added.index_of(r.op_id)), r.quantity);
}

void PlanState::drop_job(JobName job) {
  marks.jobs.set(*job, {});
  const auto gone = *records.find(job);  // keeps the name until everything that has it is gone
  for (std::size_t i = 0; i < gone->job.operations.size(); ++i) {
    leave(gone->ref(i), gone->job.demand.operations[i], gone->job.operations[i]);
    marks.suspects.erase(gone->ref(i));
  }
  for (const auto& r : gone->job.reservations) {
    auto& stock = write_item(r.item);
    stock.ledger.reserve(r.at, gone->ref(gone->index_of(r.op_id)), -r.quantity);
    ++stock.relief;
  }
  names.erase(job);
  records.erase(job);
}

void PlanState::reserve(const OpRef& op, const Need& need, Time at) {
  auto& job = write(op.job).job;
  job.reservations.push_back({job.operations[op.index].op_id, need.item, need.quantity, at});
  write_item(need.item).ledger.reserve(at, op, need.quantity);
}

void PlanState::release(const OpRef& op, std::string_view item) {
  auto& job = write(op.job).job;
  const auto& op_id = job.operations[op.index].op_id;
  std::erase_if(job.reservations, [&](const Reservation& r) {
    if (r.op_id != op_id || (!item.empty() && r.item != item)) return false;
    write_item(r.item).ledger.reserve(r.at, op, -r.quantity);
    return true;
  });
}

void PlanState::release_all(const OpRef& op) { release(op, {}); }

}  // namespace loomline::planning
