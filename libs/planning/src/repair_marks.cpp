// What a repair must look at.
#include <algorithm>

#include "materials.hpp"
#include "repair.hpp"
#include "soundness.hpp"

namespace loomline::planning {
namespace {

// The part of `work` is stretched or cut so that it ends at `finish`.
std::vector<Interval> until(std::vector<Interval> work, Time start, Time finish) {
  std::erase_if(work, [&](const Interval& i) { return i.begin >= finish; });
  if (work.empty()) return {{start, finish}};
  work.back().end = finish;
  return work;
}

template <class Index>
std::vector<OpRef> before(const Index& index, Time at) {
  std::vector<OpRef> found;
  for (auto it = index.begin(); it != index.end() && it.key().at < at; ++it) found.push_back(it.key().op);
  return found;
}

}  // namespace

bool Repair::nothing_to_do() const {
  const auto due = [&](const auto& index) { return !index.empty() && index.front().first->at < reported_; };
  const auto& marks = state_.marks;
  return marks.suspects.empty() && marks.items.empty() && marks.unplaced.empty() && !due(state_.starts) &&
         !due(state_.ends) && marks.reported != kNever && marks.reported <= reported_;
}

void Repair::extend_running() {
  auto late = before(state_.ends, reported_);
  for (const auto [op, nothing] : state_.marks.suspects)
    if (placed(op).state == OperationState::running) late.push_back(op);
  // What was taken to be late up to a later report may not be so late.
  if (reported_ < state_.marks.reported) late = before(state_.ends, kNever);
  // In one order, however they were found.
  const auto by_finish = [&](const OpRef& a, const OpRef& b) {
    return WhenLess{}({placed(a).finish, a}, {placed(b).finish, b});
  };
  std::sort(late.begin(), late.end(), by_finish);
  late.erase(std::unique(late.begin(), late.end()), late.end());
  for (const auto& op : late) extend(op);
}

// A running operation rests while its machine is down, and is not over before it is reported.
void Repair::extend(const OpRef& op) {
  const auto old = placed(op);
  const auto asked = operation(op);
  const auto* machine = state_.machine(old.machine);
  const auto run = run_from(state_, machine, asked, old.start);
  auto finish = run ? run->finish : later(old.start, duration_of(asked));
  if (old.expected) finish = *old.expected;
  const bool overdue = finish < reported_;
  finish = std::max(finish, reported_);
  if (finish == old.finish) return;
  auto place = old;
  place.finish = finish;
  place.work = until(run ? run->work : std::vector<Interval>{}, old.start, finish);
  old_finish_.try_emplace(*op.job, state_.record(op).job.finish());
  state_.place(op, place);
  const bool down = machine != nullptr &&
                    std::any_of(machine->machine->downs.begin(), machine->machine->downs.end(),
                                [&](const Down& d) { return d.period.begin < finish && d.period.end > old.start; });
  why_[op] =
      down && !overdue ? Why{Cause::breakdown, place.machine, *op.job} : Why{Cause::overrun, asked.op_id, *op.job};
  record(op, old);
  moved_ = true;
  enqueue_overlaps(op);  // it may end earlier, and yet work where it was to rest
  if (finish > old.finish) return enqueue_followers(op);
  state_.set_free(asked, old, finish);
  const auto& job = state_.record(op);
  for (const auto k : job.network->followers[op.index])
    if (!begun(job.job.operations[k])) state_.set_free(job.ref(k));
}

// Where an item is short, the operations lose it with which it becomes so: what comes before them is covered.
void Repair::find_short() {
  for (const auto [item, nothing] : PersistentMap(state_.marks.items)) {
    while (state_.item(item) != nullptr) {
      const auto found = state_.item(item)->ledger.first_short();
      if (!found) break;
      state_.release(found->op, item);
      ++state_.write_item(item).relief;
      why_[found->op] = {Cause::material, item, *found->op.job};
      enqueue(found->op);
    }
  }
}

void Repair::find_late() {
  for (const auto& op : before(state_.starts, reported_)) enqueue(op);
}

void Repair::find_marked() {
  std::vector<OpRef> marked;
  for (const auto [op, nothing] : state_.marks.suspects)
    if (placed(op).state == OperationState::planned && !lifted_.contains(op) && !stands(state_, op))
      marked.push_back(op);
  for (const auto& op : marked) enqueue(op);
}

// Judged by the plan as it stands and not by what is remembered of the last try: a plan that was read again remembers
// nothing.
bool Repair::worth_trying(const OpRef& op) const {
  const auto& record = state_.record(op);
  for (const auto k : record.network->predecessors[op.index])
    if (record.job.operations[k].finish == kNever) return false;  // it comes with its predecessor
  return has_capacity(state_, operation(op)) && ever_supplied(state_, op);
}

void Repair::find_unplaced() {
  std::vector<OpRef> found;
  for (const auto [op, nothing] : state_.marks.unplaced)
    if (worth_trying(op)) found.push_back(op);
  for (const auto& op : found) enqueue(op);
}

}  // namespace loomline::planning
