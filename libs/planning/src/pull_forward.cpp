// Semi-active shift to the left: in order of time, each operation to the earliest place that is free as the plan
// stands.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "forward_engine.hpp"
#include "materials.hpp"
#include "plan_state.hpp"
#include "slot_search.hpp"

namespace loomline::planning {
namespace {

struct Candidate {
  Time start{};
  std::string job_id;
  std::size_t index = 0;
  auto operator<=>(const Candidate&) const = default;
};

Time ready(const Job& job, std::size_t i, Time now) {
  Time at = std::max(now, job.demand.earliest);
  const auto& operations = job.demand.operations;
  for (const auto& p : operations[i].predecessors)
    for (std::size_t k = 0; k < operations.size(); ++k)
      if (operations[k].op_id == p) at = std::max(at, later(job.operations[k].finish, operations[k].lag));
  return at;
}

// Moves its reservations with it; false where the material is not there so early.
bool material_allows(PlanState& state, Job& job, const Operation& op, Time start) {
  std::vector<Reservation> own;
  for (const auto& r : job.reservations)
    if (r.op_id == op.op_id) own.push_back(r);
  for (const auto& r : own) state.release(r);
  const bool enough = std::all_of(own.begin(), own.end(), [&](const Reservation& r) {
    return state.item(r.item)->ledger.available(start) >= r.quantity;
  });
  for (auto& r : job.reservations)
    if (enough && r.op_id == op.op_id) r.at = start;
  for (const auto& r : job.reservations)
    if (r.op_id == op.op_id) state.reserve(r);
  return enough;
}

// nullopt where the operation stays.
std::optional<Move> pull(PlanState& state, const Candidate& candidate, Time now) {
  auto job = *state.job(candidate.job_id);
  const auto& op = job.demand.operations[candidate.index];
  auto& placed = job.operations[candidate.index];
  const auto old = placed;
  const auto from = ready(job, candidate.index, now);
  if (from >= old.start) return std::nullopt;
  state.unbook(candidate.job_id, op, old);
  const auto slot = earliest_slot(state, op, from, old.machine);
  const bool better = slot.ok() && slot->start < old.start && slot->finish <= old.finish;
  if (!better || !material_allows(state, job, op, slot->start)) {
    state.book(candidate.job_id, op, old);
    return std::nullopt;
  }
  placed = {op.op_id, OperationState::planned, slot->machine, slot->start, slot->finish, slot->work, {}};
  state.book(candidate.job_id, op, placed);
  state.write_job(candidate.job_id) = job;
  return Move{op.op_id,   old.machine,  placed.machine, old.start,
              old.finish, placed.start, placed.finish,  {Cause::earlier, op.op_id, candidate.job_id}};
}

}  // namespace

std::vector<Change> ForwardEngine::pull_forward(Plan& plan, Time now, Time until) const {
  auto& state = plan.state();
  std::set<Candidate> candidates;
  for (const auto& [id, job] : *state.jobs)
    for (std::size_t i = 0; i < job->operations.size(); ++i)
      if (job->operations[i].state == OperationState::planned && job->operations[i].start > now &&
          job->operations[i].start < until)
        candidates.insert({job->operations[i].start, id, i});
  std::map<std::string, Change> changes;
  for (const auto& candidate : candidates) {
    const auto before = state.job(candidate.job_id)->finish();
    auto move = pull(state, candidate, now);
    if (!move) continue;
    auto& change = changes[candidate.job_id];
    if (change.moves.empty()) change = {candidate.job_id, before, {}, move->why, {}};
    change.finish = state.job(candidate.job_id)->finish();
    change.moves.push_back(std::move(*move));
  }
  std::vector<Change> list;
  for (auto& [id, change] : changes) list.push_back(std::move(change));
  return list;
}

}  // namespace loomline::planning
