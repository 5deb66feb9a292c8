#include "domain/work.hpp"

#include <algorithm>

#include "domain/network.hpp"
#include "domain/plan_store.hpp"

namespace loomline::scheduling::domain {
namespace {

// How far ahead operations are pulled into what came free.
constexpr std::chrono::hours kPull{72};
constexpr std::chrono::days kPullAll{366};
// A floor that has been silent for longer than this is taken to be late rather than early.
constexpr std::chrono::hours kSilence{12};

v1::PromiseReason reason_of(planning::Cause cause) {
  switch (cause) {
    case planning::Cause::breakdown:
      return v1::PROMISE_REASON_EQUIPMENT_BREAKDOWN;
    case planning::Cause::material:
      return v1::PROMISE_REASON_MATERIAL_LATE;
    case planning::Cause::added:
      return v1::PROMISE_REASON_REWORK;
    case planning::Cause::earlier:
      return v1::PROMISE_REASON_EARLIER;
    default:
      return v1::PROMISE_REASON_OPERATION_LATE;
  }
}

// What ran when its unit was recalled is taken to be over when it was to end, if nobody has said so: a floor that just
// stopped it must not keep a machine busy for ever.
void end_recalled(PlantState& state, Time now) {
  for (auto& order : *state.mutable_orders())
    for (auto& line : *order.mutable_lines())
      for (auto& unit : *line.mutable_units()) {
        if (counts(unit)) continue;
        for (auto& work_order : *unit.mutable_work_orders())
          for (auto& op : *work_order.mutable_operations())
            if (running(op) && op.finish() < micros(now)) {
              move(op, production::v1::OPERATION_STATE_ABORTED);
              op.set_actual_end(op.finish());
              op.set_in_plan(false);
            }
      }
}

void forget_cancelled(PlantState& state) {
  std::vector<std::string> over;
  for (const auto& order : state.orders())
    if (order.cancelled()) over.push_back(order.order_id());
  for (const auto& id : over) forget_order(state, id);
}

}  // namespace

const planning::Engine& engine() {
  static const auto forward = planning::make_forward_engine();
  return *forward;
}

Work::Work(PlantState& s, Step& st) : state(s), step(st), now(st.now()), published(s.revision() > 0) {
  if (!published) return;
  tidy(state, now);
  end_recalled(state, now);
  load_plan();
}

void Work::load_plan() { plan = load(state); }
void Work::save_plan() { save(*plan, state); }

void Work::touch(const std::string& order_id, v1::PromiseReason reason) { touched_.emplace(order_id, reason); }

void Work::note(const std::vector<planning::Change>& changes) {
  std::map<std::string, const planning::Change*> by_job;
  for (const auto& change : changes) by_job[change.job_id] = &change;
  for (const auto& order : state.orders())
    for (const auto& line : order.lines())
      for (const auto& unit : line.units())
        if (const auto it = by_job.find(job_id(unit)); it != by_job.end())
          touch(order.order_id(), reason_of(it->second->why.cause));
}

void Work::settle(bool freed) {
  if (!published) return;
  const auto silent_since = std::max(from_micros(state.reported()), now - kSilence);
  note(engine().repair(*plan, now, std::min(now, silent_since)));
  note(engine().pull_forward(*plan, now, now + (freed ? kPullAll : kPull)));
  place_waiting(*this);
  save_plan();
  for (auto& order : *state.mutable_orders())
    if (const auto it = touched_.find(order.order_id()); it != touched_.end())
      review_promises(*this, order, it->second);
  forget_cancelled(state);
}

}  // namespace loomline::scheduling::domain
