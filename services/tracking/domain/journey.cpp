#include "domain/journey.hpp"

#include <algorithm>

#include "domain/folded.hpp"
#include "domain/revisions.hpp"
#include "loomline/wire/convert.hpp"
#include "loomline/wire/milestones.hpp"

namespace loomline::tracking::domain {
namespace {

using state::v1::Fact;

Time passed(const State& state) { return Time(Duration(state.passed_us())); }

// A journey of before there were parts: everything in it becomes parts. What it shows stays.
void convert(State& state, Step& step) {
  if (state.old_facts_size() == 0) return;
  auto facts = step.parts<Fact>();
  for (auto& old : *state.mutable_old_facts()) {
    auto& fact = facts.add(name_of(old));
    fact.set_id(old.id());
    fact.set_type(old.type());
    fact.set_body(std::move(*old.mutable_body()));
  }
  state.clear_old_facts();
  state.clear_old_fold();
  convert_revisions(state, step);
  const auto& fold = step.derived<Folded>().fold();
  note_shown(state, fold, standing(fold, passed(state)));
}

// The digest of what was shown last; before the first revision that is an empty journey.
std::uint64_t shown_digest(const State& state) {
  if (state.revision() > 0) return state.digest();
  const Fold nothing;
  return digest(nothing, standing(nothing, passed(state)));
}

// The next end of a first confirmed window that is still to be kept.
void watch_window(State& state, const Fold& fold, Step& step) {
  std::int64_t next = 0;
  if (fold.status() == v1::JOURNEY_STATUS_ACTIVE)
    for (const auto& line : fold.lines) {
      const auto end = window_end(*line);
      if (!end || kept_at(*line) || *end <= passed(state)) continue;
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

// True where something that is shown differs from the last revision: then there is a new one. Facts of other services
// may be heard before the wish: nobody is told of an order that has no status yet.
bool settle(State& state, const Fold& fold, const Effect& effect, const std::optional<Timestamp>& at, Step& step) {
  const auto now = standing(fold, passed(state));
  const bool nothing_yet = state.revision() == 0 && fold.status() == v1::JOURNEY_STATUS_UNSPECIFIED;
  const bool differs = !nothing_yet && digest(fold, now) != shown_digest(state);
  if (differs) publish(state, fold, now, effect, at.value_or(Timestamp()), step);
  watch_window(state, fold, step);
  return differs;
}

}  // namespace

Verdict record(State& state, const Message& event, Step& step) {
  const auto& cause = step.cause();
  convert(state, step);
  auto facts = step.parts<Fact>();
  auto fact = make_fact(event, cause.recorded, cause.source, cause.id);
  const auto name = name_of(fact);
  if (facts.find(name) != nullptr) return Verdict::ignored();
  state.set_order_id(step.key());
  auto& kept = facts.add(name);
  kept.set_id(fact.id());
  kept.set_type(fact.type());
  kept.set_body(std::move(*fact.mutable_body()));
  auto& folded = step.derived<Folded>();
  const auto effect = folded.insert(name, kept, facts);
  const auto& fold = folded.fold();
  settle(state, fold, effect, effect.entry ? effect.entry->occurred_at() : fold.updated_at, step);
  return Verdict::applied();
}

Verdict on_window_passed(State& state, const state::v1::WindowPassed& timer, Step& step) {
  convert(state, step);
  const auto due = wire::to_time(timer.due());
  state.set_passed_us(std::max(state.passed_us(), static_cast<std::int64_t>(due.time_since_epoch().count())));
  state.set_passes_us(0);
  settle(state, step.derived<Folded>().fold(), {{}, "WINDOW_PASSED"}, timer.due(), step);
  return Verdict::applied();
}

Result<state::v1::RebuildResponse> rebuild(State& state, const state::v1::RebuildRequest& request, Step& step) {
  if (!step.existed()) return not_found("ORDER_UNKNOWN", "Nothing was heard of order " + request.order_id() + ".");
  convert(state, step);
  auto& folded = step.derived<Folded>();
  folded = *Folded::of(state, step.parts<Fact>());
  state::v1::RebuildResponse response;
  response.set_changed(settle(state, folded.fold(), {{}, "REBUILT"}, wire::to_timestamp(step.now()), step));
  return response;
}

void declare(eventing::Aggregate<State>& journeys) {
  using eventing::PartStore;
  journeys.parts<Fact>("fact").parts<state::v1::Revision>("revision");
  journeys.derived<Folded>(
      [](const State& state, const PartStore& parts) { return Folded::of(state, Folded::Facts(parts)); },
      [](Folded& folded, const State&, const PartStore& parts, const std::vector<PartStore::Name>& changed) {
        const auto facts = parts.collection_of(Fact::descriptor());
        std::vector<std::string> names;
        for (const auto& [collection, name] : changed)
          if (collection == facts) names.push_back(name);
        folded.follow(names, Folded::Facts(parts));
      });
}

bool begun(const eventing::Snapshot& snapshot) { return snapshot.state<State>().revision() > 0; }

v1::Journey listed(const State& state) {
  auto out = state.shown();
  out.set_order_id(state.order_id());
  out.set_revision(state.revision());
  return out;
}

v1::Journey listed(const eventing::Snapshot& snapshot) {
  const auto& state = snapshot.state<State>();
  const auto& fold = snapshot.derived<Folded>().fold();
  v1::Journey out;
  render_head(fold, standing(fold, passed(state)), out);
  out.set_order_id(state.order_id());
  out.set_revision(state.revision());
  return out;
}

v1::Journey journey(const eventing::Snapshot& snapshot, const Window& window) {
  auto out = listed(snapshot);
  render_rest(snapshot.derived<Folded>().fold(), window, out);
  return out;
}

std::string stage_value(v1::JourneyStatus status, production::v1::Milestone milestone) {
  return v1::JourneyStatus_Name(status) + "/MILESTONE_" + wire::milestones().name(milestone);
}
std::string late_value(v1::JourneyStatus status) { return "late/" + v1::JourneyStatus_Name(status); }

}  // namespace loomline::tracking::domain
