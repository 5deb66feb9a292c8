#include "domain/folding.hpp"

#include <algorithm>

#include "loomline/tracking/lives.hpp"
#include "loomline/wire/milestones.hpp"

namespace loomline::tracking::domain {

using namespace production::v1;  // NOLINT: the milestones, by name

v1::JourneyEntry& Folding::entry(std::string_view code) {
  auto& entry = *fold.add_entries();
  entry.set_code(std::string(code));
  *entry.mutable_occurred_at() = at;
  entry.set_event_id(fact_.id());
  return entry;
}

v1::JourneyEntry& Folding::setback(std::string_view code, v1::CustomerReason reason) {
  auto& back = entry(code);
  back.set_reason(reason);
  back.set_setback(true);
  return back;
}

void Folding::anomaly(const std::string& what) {
  const auto type = fact_.type().substr(fact_.type().rfind('.') + 1);
  fold.add_anomalies(type + " " + fact_.id() + ": " + what);
}

void Folding::become(v1::JourneyStatus status) {
  if (fold.status() == status) return;
  if (!wire::may_follow(journey_life, fold.status(), status))
    return anomaly("status " + v1::JourneyStatus_Name(status) + " cannot follow " +
                   v1::JourneyStatus_Name(fold.status()));
  fold.set_status(status);
}

state::v1::Line& Folding::line(const std::string& line_id) {
  for (auto& known : *fold.mutable_lines())
    if (known.line_id() == line_id) return known;
  anomaly("line " + line_id + " was not ordered");
  auto& added = *fold.add_lines();
  added.set_line_id(line_id);
  return added;
}

state::v1::Unit* Folding::unit(state::v1::Line& line, const std::string& unit_id) {
  for (auto& known : *line.mutable_units()) {
    if (known.unit_id() != unit_id) continue;
    if (!known.scrapped()) return &known;
    anomaly("unit " + unit_id + " was scrapped before");
    return nullptr;
  }
  anomaly("unit " + unit_id + " was not scheduled");
  auto* added = line.add_units();
  added->set_unit_id(unit_id);
  return added;
}

state::v1::Unit* Folding::find_unit(std::string_view unit_id) {
  for (auto& line : *fold.mutable_lines())
    for (auto& known : *line.mutable_units())
      if (known.unit_id() == unit_id) return &known;
  return nullptr;
}

namespace {

using Reached = google::protobuf::RepeatedPtrField<state::v1::Reached>;

// The list rises; a milestone that is passed over is not in it.
void add(Reached& list, Milestone milestone, const Timestamp& at) {
  auto& added = *list.Add();
  added.set_milestone(milestone);
  *added.mutable_at() = at;
}

}  // namespace

void Folding::reach(Milestone milestone) {
  const auto& list = fold.reached();
  if (list.empty() || wire::milestones().before(list.rbegin()->milestone(), milestone))
    add(*fold.mutable_reached(), milestone, at);
}

void Folding::reach(state::v1::Unit& unit, Milestone milestone) {
  if (wire::milestones().before(milestone_of(unit), milestone)) add(*unit.mutable_reached(), milestone, at);
}

Milestone milestone_of(const state::v1::Unit& unit) {
  return unit.reached_size() ? unit.reached(unit.reached_size() - 1).milestone() : MILESTONE_CONFIRMED;
}

void step_back(state::v1::Unit& unit, Milestone to) {
  auto& list = *unit.mutable_reached();
  Timestamp passed;
  while (!list.empty() && wire::milestones().before(to, list.rbegin()->milestone())) {
    passed = list.rbegin()->at();
    list.RemoveLast();
  }
  // It had passed `to` on its way.
  const bool was_later = passed.seconds() != 0 || passed.nanos() != 0;
  if (was_later && wire::milestones().before(milestone_of(unit), to)) add(list, to, passed);
}

const state::v1::Step* find_step(const state::v1::Line& line, std::string_view op_id) {
  for (const auto& step : line.steps())
    if (step.op_id() == op_id) return &step;
  return nullptr;
}

// What comes after IN_PRODUCTION is reached when the operation has ended; until then it is production.
Milestone when_started(Milestone of_operation) {
  const bool earlier =
      of_operation != MILESTONE_UNSPECIFIED && wire::milestones().before(of_operation, MILESTONE_IN_PRODUCTION);
  return earlier ? of_operation : MILESTONE_IN_PRODUCTION;
}
Milestone when_ended(Milestone of_operation) {
  return wire::milestones().later(when_started(of_operation), of_operation);
}

}  // namespace loomline::tracking::domain
