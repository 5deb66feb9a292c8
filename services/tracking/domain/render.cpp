// From the fold to what is shown.
#include "domain/render.hpp"

#include <algorithm>

#include "domain/folding.hpp"
#include "loomline/wire/convert.hpp"
#include "loomline/wire/milestones.hpp"

namespace loomline::tracking::domain {
namespace {

using production::v1::MILESTONE_DELIVERED;
using production::v1::MILESTONE_UNSPECIFIED;

// When it, or what comes after it, was first reached; the list rises.
const state::v1::Reached* find_reached(const google::protobuf::RepeatedPtrField<state::v1::Reached>& reached,
                                       Milestone milestone) {
  for (const auto& one : reached)
    if (wire::milestones().reached(one.milestone(), milestone)) return &one;
  return nullptr;
}

// An optional milestone is on the way of a line whose routing has it, or of which a unit has been there.
bool on_its_way(const state::v1::Line& line, Milestone milestone) {
  if (!wire::milestones().optional(milestone)) return true;
  const auto is_it = [milestone](const auto& one) { return one.milestone() == milestone; };
  return std::any_of(line.steps().begin(), line.steps().end(), is_it) ||
         std::any_of(line.units().begin(), line.units().end(), [&](const state::v1::Unit& unit) {
           return std::any_of(unit.reached().begin(), unit.reached().end(), is_it);
         });
}

std::int64_t counting(const state::v1::Line& line) {
  return std::count_if(line.units().begin(), line.units().end(), [](const auto& unit) { return !unit.scrapped(); });
}

// Pieces that have reached a milestone, of how many, and when the last did.
struct Tally {
  std::int64_t reached = 0;
  Time last{};
  std::int64_t due = 0;
  bool all() const { return due > 0 && reached >= due; }
};

void add(Tally& tally, const state::v1::Reached* reached) {
  if (!reached) return;
  ++tally.reached;
  tally.last = std::max(tally.last, wire::to_time(reached->at()));
}

Tally tally_units(const state::v1::Line& line, Milestone milestone) {
  Tally tally;
  for (const auto& unit : line.units())
    if (!unit.scrapped()) add(tally, find_reached(unit.reached(), milestone));
  return tally;
}

std::int64_t pieces(const state::v1::Line& line) { return std::max(line.quantity(), counting(line)); }

std::int64_t pieces(const state::v1::Fold& fold) {
  if (fold.lines().empty()) return fold.wished();
  std::int64_t total = 0;
  for (const auto& line : fold.lines()) total += pieces(line);
  return total;
}

Tally tally(const state::v1::Fold& fold, Milestone milestone) {
  const auto total = pieces(fold);
  if (const auto* of_order = find_reached(fold.reached(), milestone); of_order)
    return {total, wire::to_time(of_order->at()), std::max<std::int64_t>(total, 1)};
  Tally sum;
  if (fold.lines().empty() && !wire::milestones().optional(milestone)) sum.due = total;
  for (const auto& line : fold.lines()) {
    if (!on_its_way(line, milestone)) continue;
    const auto of_line = tally_units(line, milestone);
    sum = {sum.reached + of_line.reached, std::max(sum.last, of_line.last), sum.due + pieces(line)};
  }
  return sum;
}

void render_milestones(const state::v1::Fold& fold, v1::Journey& out) {
  out.set_quantity(pieces(fold));
  bool all_before = true;
  for (const auto milestone : wire::milestones().all()) {
    const auto of_it = tally(fold, milestone);
    if (of_it.due == 0 && wire::milestones().optional(milestone)) continue;
    auto& shown = *out.add_milestones();
    shown.set_milestone(milestone);
    shown.set_quantity(of_it.reached);
    all_before = all_before && of_it.all();
    if (!of_it.all()) continue;
    *shown.mutable_reached_at() = wire::to_timestamp(of_it.last);
    if (all_before) out.set_milestone(milestone);
  }
}

void render_line(const state::v1::Fold& fold, const state::v1::Line& line, v1::JourneyLine& out) {
  out.set_line_id(line.line_id());
  *out.mutable_product_name() = line.product_name();
  out.set_model_id(line.model_id());
  out.set_quantity(line.quantity());
  *out.mutable_features() = line.features();
  if (line.has_first_promise()) *out.mutable_first_promise() = line.first_promise();
  if (line.has_promise()) *out.mutable_promise() = line.promise();
  out.set_plant_id(line.plant_id());
  for (const auto& unit : line.units()) {
    auto& shown = *out.add_units();
    shown.set_unit_id(unit.unit_id());
    shown.set_serial(unit.serial());
    shown.set_milestone(milestone_of(unit));
    shown.set_scrapped(unit.scrapped());
    shown.set_held(std::any_of(fold.holds().begin(), fold.holds().end(),
                               [&](const auto& hold) { return hold.unit_id() == unit.unit_id(); }));
  }
}

}  // namespace

std::optional<Time> window_end(const state::v1::Line& line) {
  if (!line.first_promise().window().has_latest()) return {};
  return wire::to_time(line.first_promise().window().latest());
}

std::optional<Time> kept_at(const state::v1::Line& line) {
  const auto promised = line.first_promise().milestone() == MILESTONE_UNSPECIFIED ? MILESTONE_DELIVERED
                                                                                  : line.first_promise().milestone();
  auto of_line = tally_units(line, promised);
  of_line.due = pieces(line);
  if (!of_line.all()) return {};
  return of_line.last;
}

bool late(const state::v1::Fold& fold, Time passed) {
  if (fold.status() == v1::JOURNEY_STATUS_CANCELLED) return false;
  return std::any_of(fold.lines().begin(), fold.lines().end(), [&](const state::v1::Line& line) {
    const auto end = window_end(line);
    return end && kept_at(line).value_or(passed) >= *end;
  });
}

v1::Journey render(const state::v1::Fold& fold, Time passed, bool with_entries) {
  v1::Journey out;
  out.set_order_id(fold.order_id());
  out.set_status(fold.status());
  render_milestones(fold, out);
  for (const auto& line : fold.lines()) {
    render_line(fold, line, *out.add_lines());
    out.set_operations_done(out.operations_done() + line.operations_done());
    out.set_operations_total(out.operations_total() + line.operations_total());
    out.set_certificate_available(out.certificate_available() || line.certified());
  }
  for (const auto& hold : fold.holds()) out.add_hold_ids(hold.hold_id());
  if (with_entries) *out.mutable_entries() = fold.entries();
  out.set_zone(fold.zone());
  out.set_country(fold.country());
  if (fold.has_placed_at()) *out.mutable_placed_at() = fold.placed_at();
  if (fold.has_delivered_at()) *out.mutable_delivered_at() = fold.delivered_at();
  if (fold.has_total_net()) *out.mutable_total_net() = fold.total_net();
  out.set_late(late(fold, passed));
  out.set_survey_open(fold.survey_open());
  out.set_survey_answered(fold.survey_answered());
  *out.mutable_tickets() = fold.tickets();
  if (fold.has_waybill()) *out.mutable_waybill() = fold.waybill();
  out.set_carrier(fold.carrier());
  *out.mutable_anomalies() = fold.anomalies();
  if (fold.has_updated_at()) *out.mutable_updated_at() = fold.updated_at();
  if (fold.has_refusal()) *out.mutable_refusal() = fold.refusal();
  return out;
}

v1::OrderProgressed progress_of(const v1::Journey& journey) {
  v1::OrderProgressed out;
  out.set_order_id(journey.order_id());
  out.set_status(journey.status());
  out.set_milestone(journey.milestone());
  *out.mutable_milestones() = journey.milestones();
  out.set_quantity(journey.quantity());
  out.set_operations_done(journey.operations_done());
  out.set_operations_total(journey.operations_total());
  for (const auto& line : journey.lines())
    if (line.has_promise()) *out.add_promises() = line.promise();
  out.set_held(!journey.hold_ids().empty());
  out.set_late(journey.late());
  return out;
}

}  // namespace loomline::tracking::domain
