// Right-shift repair. All unstarted operations are taken off the plan and put back in order of time, each where it was
// if that still holds; what cannot stay is placed anew, and pushes only what it must.
#include <algorithm>
#include <map>
#include <set>

#include "forward_engine.hpp"
#include "materials.hpp"
#include "plan_state.hpp"
#include "slot_search.hpp"

namespace loomline::planning {
namespace {

using Key = std::pair<std::string, std::string>;  // job, operation

class Repair {
 public:
  Repair(const PlanState& before, Time now, Time reported, ForwardOptions options)
      : now_(now), reported_(std::min(now, reported)), options_(options), full_(before), accepted_(before) {}

  std::vector<Change> run();
  PlanState take() { return std::move(accepted_); }

 private:
  // A job on its way through the repair, with its network by index.
  struct Track {
    Job job;
    Time old_finish = kNever;
    std::vector<std::vector<std::size_t>> predecessors, followers;
    std::vector<bool> settled;

    void connect() {
      std::map<std::string_view, std::size_t> index;
      const auto& operations = job.demand.operations;
      for (std::size_t i = 0; i < operations.size(); ++i) index[operations[i].op_id] = i;
      predecessors.resize(operations.size());
      followers.resize(operations.size());
      settled.resize(operations.size());
      for (std::size_t i = 0; i < operations.size(); ++i)
        for (const auto& p : operations[i].predecessors) {
          predecessors[i].push_back(index.at(p));
          followers[index.at(p)].push_back(i);
        }
    }
  };

  struct Waiting {
    Time at{};
    std::string job_id;
    std::string op_id;
    std::size_t index = 0;
    auto operator<=>(const Waiting&) const = default;
  };

  void take_off();
  void extend_running(Job& job, std::size_t i);
  void enqueue(const Track& track, std::size_t i);
  void settle_and_release(Track& track, std::size_t i);
  void settle(const Waiting& next);
  bool stays(Job& job, std::size_t i, Time ready);
  void move(Job& job, std::size_t i, Time from);
  void give_up(Job& job, std::size_t i);
  void accept(Job& job, std::size_t i, const PlacedOperation& placed);
  Why why_moved(const Job& job, std::size_t i, const MaterialAnswer* material) const;
  Why why_of(const Key& key, const Booking& blocker) const;
  Time ready(const Track& track, std::size_t i) const;
  void record(const Job& job, std::size_t i, const PlacedOperation& old, Why why);

  Time now_;
  Time reported_;
  ForwardOptions options_;
  PlanState full_;      // where everything stands now: accepted, and still as planned
  PlanState accepted_;  // what runs, and what has been put back
  std::map<std::string, Track> tracks_;
  std::set<Waiting> queue_;
  std::map<Key, Why> why_;
  std::map<std::string, Change> changes_;
};

bool begun(const PlacedOperation& op) {
  return op.state == OperationState::running || op.state == OperationState::ended;
}

// The part of `work` is stretched or cut so that it ends at `finish`.
std::vector<Interval> until(std::vector<Interval> work, Time start, Time finish) {
  std::erase_if(work, [&](const Interval& i) { return i.begin >= finish; });
  if (work.empty()) return {{start, finish}};
  work.back().end = finish;
  return work;
}

void Repair::take_off() {
  for (const auto& [id, job] : *full_.jobs) {
    auto& track = tracks_[id];
    track.job = *job;
    track.old_finish = job->finish();
    track.connect();
  }
  for (auto& [id, track] : tracks_) {
    auto& job = track.job;
    for (std::size_t i = 0; i < job.operations.size(); ++i)
      if (!begun(job.operations[i])) accepted_.unbook(id, job.demand.operations[i], job.operations[i]);
    for (const auto& r : job.reservations) accepted_.release(r);
    job.reservations.clear();
  }
  for (auto& [id, track] : tracks_)
    for (std::size_t i = 0; i < track.job.operations.size(); ++i) {
      if (!begun(track.job.operations[i])) continue;
      if (track.job.operations[i].state == OperationState::running) extend_running(track.job, i);
      track.settled[i] = true;
    }
}

// A running operation rests while its machine is down, and is not over before it is reported.
void Repair::extend_running(Job& job, std::size_t i) {
  const auto& op = job.demand.operations[i];
  auto& placed = job.operations[i];
  const auto old = placed;
  const auto* machine = accepted_.machine(placed.machine);
  const auto run = run_from(accepted_, machine, op, old.start);
  auto finish = run ? run->finish : old.start + duration_of(op);
  if (old.expected) finish = *old.expected;
  const bool overdue = finish < reported_;
  finish = std::max(finish, reported_);
  if (finish == old.finish) return;
  accepted_.unbook(job.demand.job_id, op, old);
  full_.unbook(job.demand.job_id, op, old);
  placed.finish = finish;
  placed.work = until(run ? run->work : std::vector<Interval>{}, old.start, finish);
  accepted_.book(job.demand.job_id, op, placed);
  full_.book(job.demand.job_id, op, placed);
  const bool down = machine != nullptr &&
                    std::any_of(machine->machine.downs.begin(), machine->machine.downs.end(),
                                [&](const Down& d) { return d.period.begin < finish && d.period.end > old.start; });
  record(job, i, old,
         down && !overdue ? Why{Cause::breakdown, placed.machine, job.demand.job_id}
                          : Why{Cause::overrun, op.op_id, job.demand.job_id});
}

Time Repair::ready(const Track& track, std::size_t i) const {
  Time at = std::max(reported_, track.job.demand.earliest);
  for (const auto k : track.predecessors[i])
    at = std::max(at, later(track.job.operations[k].finish, track.job.demand.operations[k].lag));
  return at;
}

// Into the queue, where everything before it is settled.
void Repair::enqueue(const Track& track, std::size_t i) {
  if (track.settled[i]) return;
  for (const auto k : track.predecessors[i])
    if (!track.settled[k]) return;
  const auto planned = track.job.operations[i].start;
  const auto from = ready(track, i);
  queue_.insert(
      {planned == kNever ? from : std::max(planned, from), track.job.demand.job_id, track.job.operations[i].op_id, i});
}

void Repair::settle_and_release(Track& track, std::size_t i) {
  track.settled[i] = true;
  for (const auto k : track.followers[i]) enqueue(track, k);
}

void Repair::accept(Job& job, std::size_t i, const PlacedOperation& placed) {
  const auto& op = job.demand.operations[i];
  full_.unbook(job.demand.job_id, op, job.operations[i]);
  job.operations[i] = placed;
  accepted_.book(job.demand.job_id, op, placed);
  full_.book(job.demand.job_id, op, placed);
  reserve_materials(accepted_, job, op, placed.start);
}

// Puts the operation back where it was, where that still holds.
bool Repair::stays(Job& job, std::size_t i, Time from) {
  const auto& op = job.demand.operations[i];
  auto placed = job.operations[i];
  if (placed.state != OperationState::planned || from > placed.start) return false;
  const auto* machine = accepted_.machine(placed.machine);
  const auto slot = run_from(accepted_, machine, op, placed.start);
  if (!slot || slot->start != placed.start || slot->finish != placed.finish) return false;
  if (occupied_until(accepted_, machine, op, *slot)) return false;
  placed.work = slot->work;
  accept(job, i, placed);
  return true;
}

void Repair::move(Job& job, std::size_t i, Time from) {
  const auto& op = job.demand.operations[i];
  const auto old = job.operations[i];
  full_.unbook(job.demand.job_id, op, old);
  from = std::max(from, now_);
  auto gap = earliest_slot(full_, op, from, old.machine);
  auto push = earliest_slot(accepted_, op, from, old.machine);
  full_.book(job.demand.job_id, op, old);
  if (!push) return give_up(job, i);
  const bool calm = gap.ok() && gap->finish <= later(push->finish, options_.tolerance);
  const auto& slot = calm ? *gap : *push;
  accept(job, i, {op.op_id, OperationState::planned, slot.machine, slot.start, slot.finish, slot.work, {}});
}

void Repair::give_up(Job& job, std::size_t i) {
  const auto& op = job.demand.operations[i];
  full_.unbook(job.demand.job_id, op, job.operations[i]);
  job.operations[i] = {op.op_id, OperationState::unplaced, {}, kNever, kNever, {}, {}};
}

Why Repair::why_of(const Key& self, const Booking& blocker) const {
  const auto it = why_.find({blocker.job_id, blocker.op_id});
  if (it != why_.end() && it->first != self) return it->second;
  return {Cause::overrun, blocker.op_id, blocker.job_id};
}

Why Repair::why_moved(const Job& job, std::size_t i, const MaterialAnswer* material) const {
  const auto& op = job.demand.operations[i];
  const auto& placed = job.operations[i];
  const auto& id = job.demand.job_id;
  if (placed.start == kNever) return {Cause::added, op.op_id, id};
  for (std::size_t k = 0; k < job.operations.size(); ++k) {
    const auto& p = job.demand.operations[k];
    if (std::find(op.predecessors.begin(), op.predecessors.end(), p.op_id) == op.predecessors.end()) continue;
    if (later(job.operations[k].finish, p.lag) <= placed.start) continue;
    const auto it = why_.find({id, p.op_id});
    return it != why_.end() ? it->second : Why{Cause::overrun, p.op_id, id};
  }
  const auto* machine = accepted_.machine(placed.machine);
  const auto run = run_from(accepted_, machine, op, placed.start);
  if (machine != nullptr && (!run || run->start != placed.start || run->finish != placed.finish))
    return {Cause::breakdown, placed.machine, id};
  if (machine != nullptr)
    if (const auto* b = machine->timeline.blocker({placed.start, placed.finish}, machine->machine.capacity))
      return why_of({id, op.op_id}, *b);
  if (material != nullptr && !material->item.empty()) return {Cause::material, material->item, id};
  if (run && occupied_until(accepted_, machine, op, *run)) return {Cause::operators, op.operator_class, id};
  return {Cause::late_start, op.op_id, id};
}

void Repair::record(const Job& job, std::size_t i, const PlacedOperation& old, Why why) {
  const auto& now = job.operations[i];
  if (old.start == now.start && old.finish == now.finish && old.machine == now.machine) return;
  const auto& id = job.demand.job_id;
  why_[{id, now.op_id}] = why;
  auto& change = changes_[id];
  if (change.moves.empty()) change.why = why;
  change.job_id = id;
  change.moves.push_back({now.op_id, old.machine, now.machine, old.start, old.finish, now.start, now.finish, why});
}

void Repair::settle(const Waiting& next) {
  auto& track = tracks_.find(next.job_id)->second;
  auto& job = track.job;
  const auto i = next.index;
  const auto& op = job.demand.operations[i];
  const auto old = job.operations[i];
  auto material = next.at == kNever ? Result<MaterialAnswer>(MaterialAnswer{})
                                    : material_ready(accepted_, next.job_id, op, next.at, now_);
  if (material.ok() && material->ready > next.at) {
    // Later than others that are still waiting: they go first. What it is waiting for is looked at again then.
    if (old.state == OperationState::planned) why_[{next.job_id, op.op_id}] = why_moved(job, i, &*material);
    queue_.insert({material->ready, next.job_id, op.op_id, i});
    return;
  }
  if (material.ok() && next.at != kNever && stays(job, i, next.at)) {
    why_.erase({next.job_id, op.op_id});
  } else {
    const auto known = why_.find({next.job_id, op.op_id});
    auto why = known != why_.end() ? known->second : why_moved(job, i, material.ok() ? &*material : nullptr);
    if (!material.ok() && why.cause == Cause::late_start) why = {Cause::material, op.op_id, next.job_id};
    if (!material.ok() || next.at == kNever)
      give_up(job, i);
    else
      move(job, i, next.at);
    record(job, i, old, std::move(why));
  }
  settle_and_release(track, i);
}

std::vector<Change> Repair::run() {
  take_off();
  for (const auto& [id, track] : tracks_)
    for (std::size_t i = 0; i < track.settled.size(); ++i) enqueue(track, i);
  while (!queue_.empty()) {
    const auto next = *queue_.begin();
    queue_.erase(queue_.begin());
    settle(next);
  }
  auto& stored = accepted_.jobs.write();
  std::vector<Change> changes;
  for (auto& [id, track] : tracks_) {
    auto& job = track.job;
    const auto it = changes_.find(id);
    if (it != changes_.end()) {
      it->second.old_finish = track.old_finish;
      it->second.finish = job.finish();
      changes.push_back(std::move(it->second));
    }
    if (!(*stored.find(id)->second == job)) stored.find(id)->second.write() = std::move(job);
  }
  return changes;
}

}  // namespace

std::vector<Change> ForwardEngine::repair(Plan& plan, Time now, Time reported) const {
  Repair repair(plan.state(), now, reported, options_);
  auto changes = repair.run();
  plan.state() = repair.take();
  return changes;
}

}  // namespace loomline::planning
