#include "domain/folding.hpp"

#include <algorithm>
#include <tuple>

#include "domain/digest.hpp"
#include "loomline/tracking/lives.hpp"
#include "loomline/wire/convert.hpp"
#include "loomline/wire/milestones.hpp"

namespace loomline::tracking::domain {

using namespace production::v1;  // NOLINT: the milestones, by name

v1::JourneyEntry& Folding::entry(std::string_view code) {
  entry_ = std::make_shared<v1::JourneyEntry>();
  entry_->set_code(std::string(code));
  *entry_->mutable_occurred_at() = at;
  entry_->set_event_id(std::string(event_id_));
  return *entry_;
}

v1::JourneyEntry& Folding::setback(std::string_view code, v1::CustomerReason reason) {
  auto& back = entry(code);
  back.set_reason(reason);
  back.set_setback(true);
  return back;
}

void Folding::anomaly(const std::string& what) {
  auto text = std::string(type_.substr(type_.rfind('.') + 1)) + " " + std::string(event_id_) + ": " + what;
  Digest digest;
  if (!fold.anomalies.empty()) digest.add(fold.anomalies.newest().digest);
  digest.add(text);
  fold.anomalies.add({std::move(text), digest.value()});
}

void Folding::become(v1::JourneyStatus status) {
  if (fold.status() == status) return;
  if (!wire::may_follow(journey_life, fold.status(), status))
    return anomaly("status " + v1::JourneyStatus_Name(status) + " cannot follow " +
                   v1::JourneyStatus_Name(fold.status()));
  head([&](Head& changed) { changed.shown.set_status(status); });
}

// Others may hold the line as it was.
Line& Folding::own(std::size_t index) {
  auto& slot = fold.lines[index];
  for (const auto& mine : own_)
    if (mine == slot) return *mine;
  own_.push_back(std::make_shared<Line>(*slot));
  slot = own_.back();
  return *own_.back();
}

Line* Folding::find_line(std::string_view line_id) {
  for (std::size_t i = 0; i < fold.lines.size(); ++i)
    if (fold.lines[i]->line_id() == line_id) return &own(i);
  return nullptr;
}

Line& Folding::line(const std::string& line_id) {
  if (auto* known = find_line(line_id)) return *known;
  anomaly("line " + line_id + " was not ordered");
  auto added = std::make_shared<Line>();
  head(*added, [&](LineHead& shown) { shown.shown.set_line_id(line_id); });
  own_.push_back(added);
  fold.lines.push_back(added);
  return *added;
}

const Unit* Folding::add_unit(Line& line, const std::string& unit_id) {
  auto unit = std::make_shared<Unit>();
  unit->unit_id = unit_id;
  unit->number = static_cast<std::uint32_t>(line.units.size());
  line.numbers.set(unit_id, unit->number);
  put(line, unit, 0);
  return unit.get();
}

const Unit* Folding::unit(Line& line, const std::string& unit_id) {
  const auto* known = line.find(unit_id);
  if (known == nullptr) {
    anomaly("unit " + unit_id + " was not scheduled");
    return add_unit(line, unit_id);
  }
  if (!known->scrapped) return known;
  anomaly("unit " + unit_id + " was scrapped before");
  return nullptr;
}

std::pair<Line*, const Unit*> Folding::find_unit(std::string_view unit_id) {
  for (std::size_t i = 0; i < fold.lines.size(); ++i)
    if (const auto* known = fold.lines[i]->find(unit_id)) return {&own(i), known};
  return {nullptr, nullptr};
}

void Folding::put(Line& line, std::shared_ptr<const Unit> unit, std::uint64_t digest_before) {
  line.units_digest += unit->digest() - digest_before;
  const auto number = unit->number;
  line.units.set(number, std::move(unit));
}

void Folding::reach(Milestone milestone) {
  const auto& reached = fold.head->reached;
  const auto next = std::find_if(reached.begin(), reached.end(),
                                 [&](const auto& one) { return !wire::milestones().before(one.first, milestone); });
  if (next != reached.end() && next->first == milestone) return;
  const auto where = next - reached.begin();
  head([&](Head& changed) { changed.reached.insert(changed.reached.begin() + where, {milestone, wire::to_time(at)}); });
}

void Folding::reach(Line& line, const Unit& unit, Milestone milestone) {
  if (!wire::milestones().before(unit.milestone, milestone)) return;
  change(line, unit, [&](Unit& changed) { changed.reach(milestone, wire::to_time(at)); });
}

void Folding::step_back(Line& line, const Unit& unit, Milestone to) {
  if (!wire::milestones().before(to, unit.milestone)) return;
  change(line, unit, [&](Unit& changed) { changed.step_back(to); });
}

void Folding::finish() {
  const auto order = [](const Timestamp& time) { return std::tuple(time.seconds(), time.nanos()); };
  if (!fold.updated_at || order(*fold.updated_at) < order(at)) fold.updated_at = at;
  if (!entry_) return;
  Digest digest;
  if (!fold.entries.empty()) digest.add(fold.entries.newest().digest);
  digest.add(entry_->code()).add(entry_->occurred_at().seconds()).add(entry_->occurred_at().nanos());
  digest.add(entry_->reason()).add(entry_->setback()).add(entry_->line_id()).add(entry_->unit_id());
  digest.add(entry_->detail().en()).add(entry_->detail().zh()).add(entry_->event_id());
  effect_.entry = entry_;
  fold.entries.add({std::move(entry_), digest.value()});
}

std::uint64_t Folding::digest_of(const Message& shown) { return Digest().add(shown).value(); }

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
