// Semi-active shift to the left, where something came free: what could use it is tried in order of planned start, until
// it is used up or nobody wants it.
#include <algorithm>
#include <functional>
#include <map>

#include "forward_engine.hpp"
#include "materials.hpp"
#include "plan_state.hpp"
#include "slot_search.hpp"

namespace loomline::planning {
namespace {

// After so many in a row that could not use it, what came free is left to new jobs.
constexpr int kMostTries = 4;   // that were tried in vain
constexpr int kMostLooks = 32;  // that could not begin earlier anyway

class Pull {
 public:
  Pull(PlanState& state, Time now, Time until, Duration worthwhile, Budget& budget)
      : state_(state), now_(now), until_(until), least_(std::max(worthwhile, Duration{1})), budget_(budget) {}
  std::vector<Change> run();

 private:
  enum class Outcome { hopeless, in_vain, moved };
  using Next = std::function<std::optional<When>(const When&)>;

  void use(Freed freed);
  void sweep(Freed freed, const Next& next);
  bool used_up(const Freed& freed) const;
  bool spent() const { return budget_.operations == 0 || changes_.size() >= budget_.jobs; }
  Next candidates(const Freed& freed);
  Next of_class(const Freed& freed);

  bool may_gain(const OpRef& op, const Freed& freed) const;
  Outcome pull(const OpRef& op, const Freed& freed);
  bool material_allows(const OpRef& op, Time start) const;
  void move(const OpRef& op, const PlacedOperation& old, Slot slot);

  PlanState& state_;
  Time now_, until_;
  Duration least_;  // gain
  Budget& budget_;
  std::map<std::string, Change> changes_;
};

When after(When when) {
  ++when.op.index;
  return when;
}

std::optional<When> when(const std::optional<Booking>& booking) {
  return booking ? std::optional(booking->when()) : std::nullopt;
}

bool Pull::may_gain(const OpRef& op, const Freed& freed) const {
  const auto& record = state_.record(op);
  const auto& placed = record.job.operations[op.index];
  if (placed.state != OperationState::planned || placed.start <= now_) return false;
  const auto ready = record.ready(op.index, now_);
  if (ready > placed.start - least_ || ready >= freed.to) return false;
  const auto& machines = record.job.demand.operations[op.index].machines;
  return freed.kind != Freed::Kind::machine || machines.empty() ||
         std::find(machines.begin(), machines.end(), freed.id) != machines.end();
}

bool Pull::material_allows(const OpRef& op, Time start) const {
  const auto& record = state_.record(op);
  const auto& op_id = record.job.operations[op.index].op_id;
  return std::all_of(record.job.reservations.begin(), record.job.reservations.end(), [&](const Reservation& r) {
    if (r.op_id != op_id || r.at <= start) return true;
    auto ledger = state_.item(r.item)->ledger;
    ledger.reserve(r.at, op, -r.quantity);
    return ledger.available(start) >= r.quantity;
  });
}

void Pull::move(const OpRef& op, const PlacedOperation& old, Slot slot) {
  auto& job = state_.write(op.job).job;
  auto& change = changes_[*op.job];
  const Why why{Cause::earlier, old.op_id, *op.job};
  if (change.moves.empty()) change = {*op.job, job.finish(), {}, why, {}};
  auto& placed = job.operations[op.index];
  placed = {old.op_id, OperationState::planned, std::move(slot.machine), slot.start, slot.finish, std::move(slot.work),
            {}};
  change.finish = job.finish();
  change.moves.push_back(
      {old.op_id, old.machine, placed.machine, old.start, old.finish, placed.start, placed.finish, why});
}

Pull::Outcome Pull::pull(const OpRef& op, const Freed& freed) {
  if (!may_gain(op, freed)) return Outcome::hopeless;
  const auto old = state_.record(op).job.operations[op.index];
  const auto asked = state_.record(op).job.demand.operations[op.index];
  const auto from = state_.record(op).ready(op.index, now_);
  state_.leave(op, asked, old);
  auto slot = roomy_slot(Occupancy(state_), asked, from, old.machine, old.start - least_ + Duration{1});
  const bool better = slot.ok() && slot->finish <= old.finish && material_allows(op, slot->start);
  if (!better) {
    state_.enter(op, asked, old);
    return Outcome::in_vain;
  }
  move(op, old, *std::move(slot));
  const auto& record = state_.record(op);
  const auto& placed = record.job.operations[op.index];
  state_.enter(op, asked, placed);
  shift_reservations(state_, op, placed.start);
  state_.set_free(asked, old, placed.machine == old.machine ? std::max(old.start, placed.finish) : old.start);
  for (const auto k : record.network->followers[op.index])
    if (!begun(record.job.operations[k])) state_.set_free(record.ref(k));
  return Outcome::moved;
}

// No gap is left of it on the machine that is worth the while.
bool Pull::used_up(const Freed& freed) const {
  if (freed.kind != Freed::Kind::machine) return false;
  const auto& load = state_.machine(freed.id)->load;
  for (auto at = std::max(freed.from, now_); at < freed.to;) {
    const auto gap = load.free_around(at, std::max(now_, at - least_));
    if (gap.begin < freed.to && gap.end - gap.begin >= least_) return false;
    at = gap.end;
  }
  return true;
}

void Pull::sweep(Freed freed, const Next& next) {
  const bool all = freed.kind == Freed::Kind::everything;
  When at{std::max({freed.from, freed.looked, now_}), {}};
  for (int vain = 0, hopeless = 0; all || (vain < kMostTries && hopeless < kMostLooks && !used_up(freed));) {
    const auto found = next(at);
    if (!found) return;
    if (found->at >= until_ || spent()) {
      freed.looked = found->at;
      return state_.marks.freed.add(freed);
    }
    --budget_.operations;
    at = after(*found);
    const auto outcome = pull(found->op, freed);
    if (outcome == Outcome::moved) vain = hopeless = 0;
    if (outcome == Outcome::in_vain) ++vain;
    if (outcome == Outcome::hopeless) ++hopeless;
  }
}

// The bookings of all machines of a class, merged.
Pull::Next Pull::of_class(const Freed& freed) {
  const auto* ids = state_.frame->machines(state_.machine(freed.id)->machine->equipment_class);
  return [this, ids](const When& from) {
    std::optional<When> first;
    for (const auto& id : *ids)
      if (const auto found = when(state_.machine(id)->timeline.first_from(from));
          found && (!first || WhenLess{}(*found, *first)))
        first = found;
    return first;
  };
}

Pull::Next Pull::candidates(const Freed& freed) {
  switch (freed.kind) {
    case Freed::Kind::machine:
      return of_class(freed);
    case Freed::Kind::operators:
      return [this, id = freed.id](const When& from) { return when(state_.crew(id)->attended.first_from(from)); };
    case Freed::Kind::item:
      return [this, id = freed.id](const When& from) { return state_.item(id)->ledger.reservation_from(from); };
    default:
      return [this](const When& from) {
        const auto it = state_.starts.lower_bound(from);
        return it == state_.starts.end() ? std::nullopt : std::optional(it.key());
      };
  }
}

void Pull::use(Freed freed) {
  if (freed.to <= now_) return;
  const bool known = freed.kind == Freed::Kind::machine     ? state_.machine(freed.id) != nullptr
                     : freed.kind == Freed::Kind::operators ? state_.crew(freed.id) != nullptr
                     : freed.kind == Freed::Kind::item      ? state_.item(freed.id) != nullptr
                                                            : true;
  if (!known) return;
  if (freed.kind != Freed::Kind::operation) return sweep(freed, candidates(freed));
  const auto* record = state_.record(freed.id);
  const auto i = record == nullptr ? std::string::npos : record->index_of(freed.op_id);
  if (i == std::string::npos || record->job.operations[i].state != OperationState::planned) return;
  freed.from = record->job.operations[i].start;
  if (freed.from >= until_) return state_.marks.freed.add(freed);
  --budget_.operations;
  (void)pull(record->ref(i), freed);
}

std::vector<Change> Pull::run() {
  auto& freed = state_.marks.freed;
  const auto due = [&] {
    auto first = freed.earliest();
    return first && std::max(first->from, first->looked) < until_ ? first : std::nullopt;
  };
  for (auto next = due(); next && !spent(); next = due()) {
    freed.take(*next);
    use(*std::move(next));
  }
  budget_.more = due().has_value();
  budget_.jobs -= changes_.size();  // no more: spent() stands before each pull
  std::vector<Change> list;
  for (auto& [id, change] : changes_) list.push_back(std::move(change));
  return list;
}

}  // namespace

std::vector<Change> ForwardEngine::pull_forward(Plan& plan, Time now, Time until, Budget& budget) const {
  return Pull(plan.state(), now, until, options_.worthwhile, budget).run();
}

}  // namespace loomline::planning
