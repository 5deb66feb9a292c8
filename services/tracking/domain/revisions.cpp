#include "domain/revisions.hpp"

namespace loomline::tracking::domain {
namespace {

using state::v1::Revision;

// Where the index stands as it did, nothing is written.
void index(const State& state, const Fold& fold, const Standing& standing, bool first, Step& step) {
  const auto& was = state.shown();
  const auto status = fold.status();
  if (first) step.index(std::string(index_all), std::string("all"));
  const bool moved = first || was.status() != status;
  if (moved) step.index(std::string(index_status), v1::JourneyStatus_Name(status));
  if (moved || was.milestone() != standing.milestone)
    step.index(std::string(index_stage), stage_value(status, standing.milestone));
  if (!moved && was.late() == standing.late) return;
  std::vector<std::string> values;
  if (standing.late) values = {"late", late_value(status)};
  step.index(std::string(index_late), std::move(values));
}

template <class Progress>
void add_promises(const Fold& fold, Progress& progress) {
  for (const auto& line : fold.lines)
    if (line->head->shown.has_promise()) *progress.add_promises() = line->head->shown.promise();
}

// What differs from one revision to the next.
void fill(const State& state, const Fold& fold, const Standing& standing, const Effect& effect, const Timestamp& at,
          v1::OrderProgressed& progress) {
  progress.set_revision(state.revision());
  progress.set_status(fold.status());
  progress.set_milestone(standing.milestone);
  progress.set_quantity(standing.quantity);
  progress.set_operations_done(standing.operations_done);
  progress.set_operations_total(standing.operations_total);
  progress.set_held(!fold.holds.empty());
  progress.set_late(standing.late);
  *progress.mutable_occurred_at() = at;
  progress.set_internal_reason(effect.internal_reason);
  if (!effect.entry) return;
  *progress.mutable_entry() = *effect.entry;
  progress.set_reason(effect.entry->reason());
  progress.set_setback(effect.entry->setback());
}

// Of a state of before there were parts.
std::vector<v1::OrderProgressed> old_progress_after(const State& state, std::uint64_t after, std::size_t limit) {
  std::vector<v1::OrderProgressed> out;
  v1::OrderProgressed last;
  for (const auto& kept : state.old_revisions()) {
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

}  // namespace

void note_shown(State& state, const Fold& fold, const Standing& standing) {
  render_head(fold, standing, *state.mutable_shown());
  state.set_digest(digest(fold, standing));
  state.set_milestones_digest(milestones_digest(standing));
  state.set_promises_digest(promises_digest(fold));
}

void publish(State& state, const Fold& fold, const Standing& standing, const Effect& effect, const Timestamp& at,
             Step& step) {
  const bool first = state.revision() == 0;
  const auto was = std::pair(state.milestones_digest(), state.promises_digest());
  state.set_revision(state.revision() + 1);
  index(state, fold, standing, first, step);
  note_shown(state, fold, standing);
  auto& kept = step.parts<Revision>().add(name_of(state.revision()));
  fill(state, fold, standing, effect, at, *kept.mutable_progress());
  auto said = kept.progress();
  said.set_order_id(state.order_id());
  *said.mutable_milestones() = state.shown().milestones();
  add_promises(fold, said);
  if (first || was.first != state.milestones_digest()) {
    state.set_milestones_of(state.revision());
    *kept.mutable_progress()->mutable_milestones() = said.milestones();
  } else {
    kept.set_milestones_of(state.milestones_of());
  }
  if (first || was.second != state.promises_digest()) {
    state.set_promises_of(state.revision());
    *kept.mutable_progress()->mutable_promises() = said.promises();
  } else {
    kept.set_promises_of(state.promises_of());
  }
  step.publish(said);
}

void convert_revisions(State& state, Step& step) {
  auto revisions = step.parts<Revision>();
  for (auto& old : *state.mutable_old_revisions()) {
    const auto number = old.progress().revision();
    auto& kept = revisions.add(name_of(number));
    *kept.mutable_progress() = std::move(*old.mutable_progress());
    if (old.same_milestones())
      kept.set_milestones_of(state.milestones_of());
    else
      state.set_milestones_of(number);
    if (old.same_promises())
      kept.set_promises_of(state.promises_of());
    else
      state.set_promises_of(number);
  }
  state.clear_old_revisions();
}

std::vector<v1::OrderProgressed> progress_after(const eventing::Snapshot& snapshot, std::uint64_t after,
                                                std::size_t limit) {
  const auto& state = snapshot.state<State>();
  if (state.old_revisions_size() > 0) return old_progress_after(state, after, limit);
  const auto revisions = snapshot.parts<Revision>();
  const auto find = [&](std::uint64_t number) -> const v1::OrderProgressed& {
    const auto* kept = revisions.find(name_of(number));
    return kept == nullptr ? v1::OrderProgressed::default_instance() : kept->progress();
  };
  std::vector<v1::OrderProgressed> out;
  for (auto number = after + 1; number <= state.revision() && out.size() < limit; ++number) {
    const auto* kept = revisions.find(name_of(number));
    if (kept == nullptr) continue;
    auto& progress = out.emplace_back(kept->progress());
    progress.set_order_id(state.order_id());
    if (kept->milestones_of() > 0) *progress.mutable_milestones() = find(kept->milestones_of()).milestones();
    if (kept->promises_of() > 0) *progress.mutable_promises() = find(kept->promises_of()).promises();
  }
  return out;
}

}  // namespace loomline::tracking::domain
