#include "domain/journey.hpp"

#include <algorithm>

#include "domain/render.hpp"
#include "loomline/wire/convert.hpp"
#include "loomline/wire/milestones.hpp"

namespace loomline::tracking::domain {
namespace {

using google::protobuf::Timestamp;

Time passed(const State& state) { return Time(Duration(state.passed_us())); }
v1::Journey shown(const State& state) { return render(state.fold(), passed(state)); }

// updated_at alone is no change that anybody sees.
bool differ(v1::Journey a, v1::Journey b) {
  a.clear_updated_at();
  b.clear_updated_at();
  return a.SerializeAsString() != b.SerializeAsString();
}

template <class List>
bool equal(const List& a, const List& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& x, const auto& y) { return x.SerializeAsString() == y.SerializeAsString(); });
}

// Keeps the revision without what equals the one before.
void keep(State& state, const v1::OrderProgressed& progress, const v1::OrderProgressed& previous) {
  auto& kept = *state.add_revisions();
  *kept.mutable_progress() = progress;
  kept.mutable_progress()->clear_order_id();
  if (state.revision() == 1) return;
  if (equal(progress.milestones(), previous.milestones())) {
    kept.set_same_milestones(true);
    kept.mutable_progress()->clear_milestones();
  }
  if (equal(progress.promises(), previous.promises())) {
    kept.set_same_promises(true);
    kept.mutable_progress()->clear_promises();
  }
}

void index(const v1::Journey& journey, Step& step) {
  step.index(std::string(index_all), std::string("all"));
  step.index(std::string(index_status), v1::JourneyStatus_Name(journey.status()));
  step.index(std::string(index_stage), stage_value(journey.status(), journey.milestone()));
  std::vector<std::string> values;
  if (journey.late()) values = {"late", late_value(journey.status())};
  step.index(std::string(index_late), std::move(values));
}

// Says what has changed, as a new revision.
void publish(State& state, const v1::Journey& before, const v1::Journey& after, const Effect& effect,
             const Timestamp& at, Step& step) {
  state.set_revision(state.revision() + 1);
  auto progress = progress_of(after);
  progress.set_revision(state.revision());
  *progress.mutable_occurred_at() = at;
  progress.set_internal_reason(effect.internal_reason);
  if (effect.entry) {
    *progress.mutable_entry() = *effect.entry;
    progress.set_reason(effect.entry->reason());
    progress.set_setback(effect.entry->setback());
  }
  keep(state, progress, progress_of(before));
  step.publish(progress);
  index(after, step);
}

// The next end of a first confirmed window that is still to be kept.
void watch_window(State& state, Step& step) {
  std::int64_t next = 0;
  if (state.fold().status() == v1::JOURNEY_STATUS_ACTIVE)
    for (const auto& line : state.fold().lines()) {
      const auto end = window_end(line);
      if (!end || kept_at(line) || *end <= passed(state)) continue;
      const auto at = end->time_since_epoch().count();
      next = next == 0 ? at : std::min(next, at);
    }
  if (next == state.passes_us()) return;
  state.set_passes_us(next);
  if (next == 0) return step.cancel_timer("window");
  state::v1::WindowPassed due;
  *due.mutable_due() = wire::to_timestamp(Time(Duration(next)));
  step.timer("window", Time(Duration(next)), due);
}

// Folds every fact again; gives the effect of the one of interest.
Effect refold(State& state, const state::v1::Fact* of_interest) {
  Effect found;
  state::v1::Fold fold;
  fold.set_order_id(state.order_id());
  for (const auto& fact : state.facts()) {
    Effect effect;
    apply(fold, fact, effect);
    if (&fact == of_interest) found = std::move(effect);
  }
  *state.mutable_fold() = std::move(fold);
  return found;
}

// Puts the fact in its place; null where it is there already.
const state::v1::Fact* insert(State& state, const state::v1::Fact& fact) {
  auto& facts = *state.mutable_facts();
  const auto place = std::lower_bound(facts.begin(), facts.end(), fact, before);
  const int index = static_cast<int>(place - facts.begin());
  if (place != facts.end() && !before(fact, *place)) return nullptr;
  *facts.Add() = fact;
  for (int i = facts.size() - 1; i > index; --i) facts.SwapElements(i, i - 1);
  return &facts[index];
}

Timestamp occurred_at(const State& state, const Effect& effect) {
  return effect.entry ? effect.entry->occurred_at() : state.fold().updated_at();
}

}  // namespace

Verdict record(State& state, const state::v1::Fact& fact, Step& step) {
  const auto was = shown(state);
  state.set_order_id(step.key());
  state.mutable_fold()->set_order_id(step.key());
  const auto* placed = insert(state, fact);
  if (!placed) return Verdict::ignored();
  Effect effect;
  if (placed == &state.facts(state.facts_size() - 1))
    apply(*state.mutable_fold(), fact, effect);
  else
    effect = refold(state, placed);
  const auto is = shown(state);
  if (differ(was, is)) publish(state, was, is, effect, occurred_at(state, effect), step);
  watch_window(state, step);
  return Verdict::applied();
}

Verdict on_window_passed(State& state, const state::v1::WindowPassed& timer, Step& step) {
  const auto was = shown(state);
  const auto due = wire::to_time(timer.due());
  state.set_passed_us(std::max(state.passed_us(), static_cast<std::int64_t>(due.time_since_epoch().count())));
  state.set_passes_us(0);
  const auto is = shown(state);
  if (differ(was, is)) publish(state, was, is, {{}, "WINDOW_PASSED"}, timer.due(), step);
  watch_window(state, step);
  return Verdict::applied();
}

Result<state::v1::RebuildResponse> rebuild(State& state, const state::v1::RebuildRequest& request, Step& step) {
  if (!step.existed()) return not_found("ORDER_UNKNOWN", "Nothing was heard of order " + request.order_id() + ".");
  const auto was = shown(state);
  refold(state, nullptr);
  const auto is = shown(state);
  state::v1::RebuildResponse response;
  response.set_changed(differ(was, is));
  if (response.changed()) publish(state, was, is, {{}, "REBUILT"}, wire::to_timestamp(step.now()), step);
  watch_window(state, step);
  return response;
}

v1::Journey journey(const State& state, bool with_entries) {
  auto out = render(state.fold(), passed(state), with_entries);
  out.set_revision(state.revision());
  return out;
}

std::vector<v1::OrderProgressed> progress_after(const State& state, std::uint64_t after, std::size_t limit) {
  std::vector<v1::OrderProgressed> out;
  v1::OrderProgressed last;
  for (const auto& kept : state.revisions()) {
    auto progress = kept.progress();
    progress.set_order_id(state.order_id());
    if (kept.same_milestones()) *progress.mutable_milestones() = last.milestones();
    if (kept.same_promises()) *progress.mutable_promises() = last.promises();
    if (progress.revision() > after) {
      if (out.size() == limit) break;
      out.push_back(progress);
    }
    last = std::move(progress);
  }
  return out;
}

std::string stage_value(v1::JourneyStatus status, production::v1::Milestone milestone) {
  return v1::JourneyStatus_Name(status) + "/MILESTONE_" + wire::milestones().name(milestone);
}
std::string late_value(v1::JourneyStatus status) { return "late/" + v1::JourneyStatus_Name(status); }

}  // namespace loomline::tracking::domain
