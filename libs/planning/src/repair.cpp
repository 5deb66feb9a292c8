#include "repair.hpp"

#include <algorithm>
#include <utility>

#include "forward_engine.hpp"
#include "materials.hpp"

namespace loomline::planning {
namespace {

// An operation that waits for another again and again is left without a place: a bound, never met so far.
constexpr int kMostTries = 100;
// Passes of one repair: a bound, met by none so far. What is left then stays marked.
constexpr int kMostPasses = 50;

}  // namespace

std::vector<Change> ForwardEngine::repair(Plan& plan, Time now, Time reported) const {
  return Repair(plan.state(), now, reported, options_).run();
}

std::vector<Change> Repair::run() {
  if (nothing_to_do()) return {};
  int passes = 0;
  while (passes < kMostPasses && pass()) ++passes;
  if (passes < kMostPasses) {  // the last one found nothing: what it tried in vain is as it was
    state_.marks.suspects = {};
    state_.marks.items = {};
  }
  return changes();
}

bool Repair::pass() {
  moved_ = false;
  fixed_.forget();
  awaiting_.clear();
  tries_.clear();
  bought_.clear();
  last_ = {Time::min(), Time::min(), {}};
  extend_running();
  find_short();
  find_late();
  find_marked();
  find_unplaced();
  state_.marks.suspects = {};
  state_.marks.items = {};
  state_.marks.reported = reported_;
  while (!queue_.empty()) {
    last_ = *queue_.begin();
    queue_.erase(queue_.begin());
    queued_.erase(last_.op);
    settle(last_);
  }
  return moved_;
}

Time Repair::ready(const OpRef& op) const {
  const auto& record = state_.record(op);
  const auto& job = record.job;
  Time at = std::max(reported_, job.demand.earliest);
  for (const auto k : record.network->predecessors[op.index]) {
    auto finish = job.operations[k].finish;
    // What is in the queue begins no earlier than it stands there.
    if (const auto it = queued_.find(record.ref(k)); it != queued_.end()) {
      const bool in_place = job.operations[k].state == OperationState::planned && !lifted_.contains(record.ref(k));
      const auto least = later(it->second.at, duration_of(job.demand.operations[k]));
      finish = in_place ? std::max(finish, it->second.at) : least;
    }
    at = std::max(at, later(finish, job.demand.operations[k].lag));
  }
  for (const auto& r : job.reservations)
    if (r.op_id == job.operations[op.index].op_id) at = std::max(at, r.at);
  return at;
}

bool Repair::waits_for_queued(const OpRef& op) const {
  const auto& record = state_.record(op);
  const auto& predecessors = record.network->predecessors[op.index];
  return std::any_of(predecessors.begin(), predecessors.end(),
                     [&](std::uint32_t k) { return queued_.contains(record.ref(k)); });
}

void Repair::enqueue(const OpRef& op) {
  const auto& place = placed(op);
  if (begun(place)) return;
  if (fixed_.settled(op)) return state_.suspect(op);  // the next pass's
  const auto from = ready(op);
  const auto planned = place.start;
  if (planned != kNever && from > planned) lift(op);
  const Waiting waiting{std::max(last_.at, planned == kNever ? from : std::max(planned, from)), planned, op};
  const auto [it, fresh] = queued_.try_emplace(op, waiting);
  if (!fresh && it->second.at == waiting.at) return;
  if (!fresh) queue_.erase(it->second);
  it->second = waiting;
  queue_.insert(waiting);
  if (waiting.at == planned) return;
  // Those that wait for it lose their places at once: they must not find others before its turn has come.
  const auto& record = state_.record(op);
  for (const auto k : record.network->followers[op.index])
    if (const auto follower = record.ref(k);
        placed(follower).state == OperationState::planned && ready(follower) > placed(follower).start)
      enqueue(follower);
}

void Repair::enqueue_followers(const OpRef& op) {
  const auto& record = state_.record(op);
  std::vector<OpRef> followers;
  for (const auto k : record.network->followers[op.index]) followers.push_back(record.ref(k));
  for (const auto& follower : followers) {
    const auto& place = placed(follower);
    const bool again = awaiting_.erase(follower) > 0;
    if (again || place.state == OperationState::unplaced || ready(follower) > place.start) enqueue(follower);
  }
}

void Repair::enqueue_overlaps(const OpRef& op) {
  const auto& place = placed(op);
  if (place.start >= place.finish) return;
  std::vector<OpRef> pushed;
  const auto push = [&](const Booking& b) {
    const Waiting at{b.period.begin, b.period.begin, b.op};
    if (!b.running && b.op != op && !comes_before(at, last_)) pushed.push_back(b.op);
  };
  const Interval period{place.start, place.finish};
  if (const auto* on = state_.machine(place.machine); on != nullptr && on->load.conflict(period, 0))
    on->timeline.each_within(period, push);
  const auto& asked = operation(op);
  if (const auto* crew = asked.operators > 0 ? state_.crew(asked.operator_class) : nullptr; crew != nullptr)
    for (const auto& part : place.work)
      if (crew->load.conflict(part, 0)) crew->attended.each_within(part, push);
  for (const auto& other : pushed) enqueue(other);
}

void Repair::settle(const Waiting& next) {
  const auto op = next.op;
  if (waits_for_queued(op)) {
    awaiting_.insert(op);
    return;
  }
  const auto planned = placed(op).start;
  const auto from = ready(op);
  const auto at = planned == kNever ? from : std::max(planned, from);
  fixed_.ask_for(next, planned == kNever ? at : planned);
  if (at == kNever || ++tries_[op] > kMostTries || !has_capacity(state_, operation(op))) {
    keep_why(op);
    return give_up(op);
  }
  const auto material = material_ready(state_, op, at, now_);
  if (!material.ok()) {
    keep_why(op);
    auto& why = why_[op];
    if (why.cause == Cause::late_start) why = {Cause::material, placed(op).op_id, *op.job};
    return give_up(op);
  }
  // It is promised at once: nobody else takes it while this waits for its turn.
  reserve_materials(state_, op, material->ready);
  for (const auto& bought : material->bought) bought_[op].push_back(bought);
  if (material->ready > at) {
    if (placed(op).state == OperationState::planned) keep_why(op);
    if (auto& why = why_[op]; why.cause == Cause::late_start) why = {Cause::material, material->item, *op.job};
    return enqueue(op);
  }
  if (stays(op)) {
    why_.erase(op);
    moved_ = true;
    return enqueue_followers(op);
  }
  keep_why(op);
  move(op, std::max(at, now_));
}

// Where it was, where that still holds.
bool Repair::stays(const OpRef& op) {
  const auto place = placed(op);
  if (place.state != OperationState::planned || lifted_.contains(op)) return false;
  const auto* machine = state_.machine(place.machine);
  if (!place.machine.empty() && machine == nullptr) return false;
  const auto asked = operation(op);
  const auto slot = run_from(state_, machine, asked, place.start);
  if (!slot || slot->start != place.start || slot->finish != place.finish) return false;
  if (occupied_until(fixed_, machine, asked, *slot)) return false;
  shift_reservations(state_, op, place.start);
  if (slot->work != place.work)
    state_.place(op, {place.op_id, place.state, place.machine, place.start, place.finish, slot->work, {}});
  return true;
}

void Repair::lift(const OpRef& op) {
  if (lifted_.insert(op).second) state_.leave(op, operation(op), placed(op));
}

void Repair::put(const OpRef& op, PlacedOperation place) {
  const auto old = placed(op);
  const bool same = old.start == place.start && old.finish == place.finish && old.machine == place.machine;
  if (same && !lifted_.contains(op)) return;
  auto& job = state_.write(op.job).job;
  old_finish_.try_emplace(*op.job, job.finish());
  moved_ = moved_ || !same;
  lift(op);
  job.operations[op.index] = std::move(place);
  state_.enter(op, job.demand.operations[op.index], job.operations[op.index]);
  lifted_.erase(op);
  state_.set_free(job.demand.operations[op.index], old, std::max(old.start, now_));
  record(op, old);
}

void Repair::move(const OpRef& op, Time from) {
  const auto asked = operation(op);
  const auto machine = placed(op).machine;
  lift(op);
  fixed_.ask_for(last_, from);
  auto slot = earliest_slot(fixed_, asked, from, machine);
  if (!slot) return give_up(op);
  const Occupancy everybody(state_);
  bool calm = !occupied_until(everybody, state_.machine(slot->machine), asked, *slot);
  if (!calm) {
    const auto latest = later(slot->finish, options_.tolerance);
    auto gap = earliest_slot(everybody, asked, from, machine, latest);
    calm = gap.ok() && gap->finish <= latest;
    if (calm) slot = std::move(gap);
  }
  put(op, {asked.op_id, OperationState::planned, slot->machine, slot->start, slot->finish, slot->work, {}});
  shift_reservations(state_, op, slot->start);
  fixed_.settle(op, asked, placed(op));
  if (!calm) enqueue_overlaps(op);
  enqueue_followers(op);
}

// Where it had no place before, nothing is left of the attempt: to try in vain changes nothing.
void Repair::give_up(const OpRef& op) {
  const auto& job = state_.record(op).job;
  if (placed(op).state == OperationState::planned)
    for (const auto& r : std::vector<Reservation>(job.reservations))
      if (r.op_id == job.operations[op.index].op_id) state_.set_free(r.item, r.at);
  state_.release_all(op);
  for (const auto& [item, id] : std::exchange(bought_[op], {})) state_.drop_inbound(item, id);
  put(op, {operation(op).op_id, OperationState::unplaced, {}, kNever, kNever, {}, {}});
  enqueue_followers(op);
}

}  // namespace loomline::planning
