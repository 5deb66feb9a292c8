// What the floor reports, and jobs that change.
#include <algorithm>
#include <set>

#include "materials.hpp"
#include "plan_state.hpp"
#include "slot_search.hpp"
#include "soundness.hpp"

namespace loomline::planning {
namespace {

Status no_job(std::string_view job_id) {
  return not_found("JOB_UNKNOWN", "The plan has no job " + std::string(job_id.substr(0, 80)) + ".");
}

// An operation of a job, by name.
Result<OpRef> find_op(const PlanState& state, std::string_view job_id, std::string_view op_id) {
  const auto* record = state.record(job_id);
  if (record == nullptr) return no_job(job_id);
  const auto i = record->index_of(op_id);
  if (i == std::string::npos) return not_found("OPERATION_UNKNOWN", "The job has no such operation.");
  return record->ref(i);
}

// Material leaves the store: what was promised becomes what was taken.
void issue(PlanState& state, const OpRef& op) {
  state.release_all(op);
  for (const auto& need : state.record(op).job.demand.operations[op.index].materials)
    state.set_on_hand(need.item, state.item(need.item)->ledger.on_hand() - need.quantity);
}

// The operation has another finish than it had: what follows may have to wait, or may come earlier.
void tell_followers(PlanState& state, const OpRef& op, Time old_finish) {
  const auto& record = state.record(op);
  const auto finish = record.job.operations[op.index].finish;
  if (finish == old_finish) return;
  for (const auto k : record.network->followers[op.index]) {
    if (begun(record.job.operations[k])) continue;
    if (finish < old_finish)
      state.set_free(record.ref(k));
    else
      state.suspect(record.ref(k));
  }
}

// What an operation no longer occupies.
void set_free_all(PlanState& state, const JobRecord& record, std::size_t i) {
  const auto& placed = record.job.operations[i];
  if (placed.state == OperationState::planned || placed.state == OperationState::running)
    state.set_free(record.job.demand.operations[i], placed, placed.start);
  for (const auto& r : record.job.reservations)
    if (r.op_id == placed.op_id) state.set_free(r.item, r.at);
}

PlacedOperation running_on(const PlanState& state, const Operation& op, std::string_view machine, Time at) {
  // What runs, runs: it began at `at` even where the calendar rests.
  const auto run = run_from(state, state.machine(machine), op, at);
  const auto finish = run ? run->finish : later(at, duration_of(op));
  return {op.op_id,
          OperationState::running,
          std::string(machine),
          at,
          finish,
          run ? run->work : std::vector<Interval>{{at, finish}},
          {}};
}

}  // namespace

bool Plan::remove(std::string_view job_id) {
  const auto* found = state_->record(job_id);
  if (found == nullptr) return false;
  const auto record = *found;
  for (std::size_t i = 0; i < record.job.operations.size(); ++i) set_free_all(*state_, record, i);
  state_->drop_job(record.name.get());
  drop_purchases(*state_, *record.name);
  return true;
}

std::size_t Plan::remove_unstarted(std::string_view job_id) {
  const auto* found = state_->record(job_id);
  if (found == nullptr) return 0;
  const auto record = *found;
  Job rest{record.job.demand, {}, {}};
  rest.demand.operations.clear();
  std::set<std::string> gone;
  for (std::size_t i = 0; i < record.job.operations.size(); ++i) {
    if (begun(record.job.operations[i])) {
      rest.demand.operations.push_back(record.job.demand.operations[i]);
      rest.operations.push_back(record.job.operations[i]);
      continue;
    }
    gone.insert(record.job.operations[i].op_id);
    set_free_all(*state_, record, i);
  }
  if (gone.empty()) return 0;
  for (const auto& r : record.job.reservations)
    if (!gone.contains(r.op_id)) rest.reservations.push_back(r);
  for (auto& op : rest.demand.operations)
    std::erase_if(op.predecessors, [&](const std::string& p) { return gone.contains(p); });
  state_->drop_job(record.name.get());
  if (!rest.operations.empty()) {
    state_->add_job(JobRecord(std::move(rest), record.name));
    examine(*state_, *state_->record(*record.name));
  }
  drop_purchases(*state_, *record.name);
  return gone.size();
}

Status Plan::insert_operations(std::string_view job_id, const std::vector<Operation>& operations,
                               const std::vector<std::string>& before) {
  const auto* found = state_->record(job_id);
  if (found == nullptr) return no_job(job_id);
  auto job = found->job;
  for (const auto& op : operations) {
    job.demand.operations.push_back(op);
    job.operations.push_back({op.op_id, OperationState::unplaced, {}, kNever, kNever, {}, {}});
  }
  for (const auto& id : before) {
    const auto i = found->index_of(id);
    if (i == std::string::npos)
      return invalid("before[" + id + "]", "is no operation of the job", "name one of its own");
    if (begun(job.operations[i])) continue;
    for (const auto& op : operations) job.demand.operations[i].predecessors.push_back(op.op_id);
  }
  if (auto status = validate(job.demand); !status.ok()) return status;
  if (auto status = state_->knows(job.demand); !status.ok()) return status;
  auto& record = state_->write(found->name.get());
  const auto old = record.job.operations.size();
  record = JobRecord(std::move(job), record.name);
  for (std::size_t i = old; i < record.job.operations.size(); ++i)
    state_->enter(record.ref(i), record.job.demand.operations[i], record.job.operations[i]);
  for (const auto& id : before) state_->suspect(record.ref(record.index_of(id)));
  state_->learn(state_->record(job_id)->job);
  return {};
}

Status Plan::report_start(std::string_view job_id, std::string_view op_id, std::string_view machine, Time at) {
  const auto op = find_op(*state_, job_id, op_id);
  if (!op) return op.status();
  if (!machine.empty() && state_->machine(machine) == nullptr)
    return not_found("EQUIPMENT_UNKNOWN", "The plant has no such machine.");
  const auto old = state_->record(*op).job.operations[op->index];
  const bool running = old.state == OperationState::running;
  if (old.state == OperationState::ended || (running && old.start == at && old.machine == machine)) return {};
  if (!running) issue(*state_, *op);
  const auto operation = state_->record(*op).job.demand.operations[op->index];
  auto placed = running_on(*state_, operation, machine, at);
  placed.expected = old.expected;
  state_->place(*op, placed);
  if (placed.expected) state_->suspect(*op);
  if (placed.machine != old.machine)
    state_->set_free(operation, old, old.start);
  else if (placed.finish < old.finish)
    state_->set_free(operation, old, placed.finish);
  if (old.start != placed.start || old.machine != placed.machine || old.work != placed.work)
    state_->suspect_overlaps(*op, operation, placed);
  tell_followers(*state_, *op, old.finish);
  return {};
}

Status Plan::report_end(std::string_view job_id, std::string_view op_id, Time at) {
  const auto op = find_op(*state_, job_id, op_id);
  if (!op) return op.status();
  const auto old = state_->record(*op).job.operations[op->index];
  if (old.state == OperationState::ended) return {};
  if (old.state != OperationState::running) issue(*state_, *op);
  const auto start = std::min(old.start, at);
  state_->place(*op, {old.op_id, OperationState::ended, old.machine, start, at, {}, {}});
  state_->marks.suspects.erase(*op);
  state_->set_free(state_->record(*op).job.demand.operations[op->index], old, at);
  tell_followers(*state_, *op, old.finish);
  return {};
}

Status Plan::expect_finish(std::string_view job_id, std::string_view op_id, Time finish) {
  const auto op = find_op(*state_, job_id, op_id);
  if (!op) return op.status();
  if (state_->record(*op).job.operations[op->index].state != OperationState::running)
    return failed_precondition("OPERATION_NOT_RUNNING", "Only a running operation has an expected finish.");
  state_->write(op->job).job.operations[op->index].expected = finish;
  state_->suspect(*op);
  return {};
}

}  // namespace loomline::planning
