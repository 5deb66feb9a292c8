// Why an operation moved.
#include <algorithm>

#include "repair.hpp"

namespace loomline::planning {

void Repair::keep_why(const OpRef& op) {
  if (!why_.contains(op)) why_[op] = why_moved(op);
}

Why Repair::why_moved(const OpRef& op) const {
  const auto& record = state_.record(op);
  const auto& job = record.job;
  const auto& place = placed(op);
  const auto& asked = operation(op);
  const auto root = [&](const OpRef& other) {
    const auto it = why_.find(other);
    return it != why_.end() ? it->second : Why{Cause::overrun, placed(other).op_id, *other.job};
  };
  if (place.start == kNever) return {Cause::added, asked.op_id, *op.job};
  for (const auto k : record.network->predecessors[op.index])
    if (later(job.operations[k].finish, job.demand.operations[k].lag) > place.start) return root(record.ref(k));
  const auto* machine = state_.machine(place.machine);
  const auto run = run_from(state_, machine, asked, place.start);
  if (machine != nullptr && (!run || run->start != place.start || run->finish != place.finish))
    return {Cause::breakdown, place.machine, *op.job};
  if (machine != nullptr)
    if (const auto b = fixed_.blocker(*machine, {place.start, place.finish})) return root(b->op);
  if (run && occupied_until(fixed_, machine, asked, *run)) return {Cause::operators, asked.operator_class, *op.job};
  return {Cause::late_start, asked.op_id, *op.job};
}

void Repair::record(const OpRef& op, const PlacedOperation& old) {
  const auto& now = placed(op);
  if (old.start == now.start && old.finish == now.finish && old.machine == now.machine) return;
  const auto& why = why_[op];
  auto& change = changes_[*op.job];
  change.job_id = *op.job;
  const auto known =
      std::find_if(change.moves.begin(), change.moves.end(), [&](const Move& m) { return m.op_id == now.op_id; });
  if (known == change.moves.end()) {
    change.moves.push_back({now.op_id, old.machine, now.machine, old.start, old.finish, now.start, now.finish, why});
    return;
  }
  // One that moved again moved from where it was at first.
  known->to_machine = now.machine;
  known->start = now.start;
  known->finish = now.finish;
}

std::vector<Change> Repair::changes() {
  std::vector<Change> list;
  for (auto& [id, change] : changes_) {
    std::erase_if(change.moves, [](const Move& m) {
      return m.old_start == m.start && m.old_finish == m.finish && m.from_machine == m.to_machine;
    });
    if (change.moves.empty()) continue;
    change.why = change.moves.front().why;
    change.old_finish = old_finish_.at(id);
    change.finish = state_.record(id)->job.finish();
    list.push_back(std::move(change));
  }
  return list;
}

}  // namespace loomline::planning
