// From the fold to what is shown.
#include "domain/render.hpp"

#include <algorithm>
#include <set>

#include "domain/digest.hpp"
#include "loomline/wire/convert.hpp"
#include "loomline/wire/milestones.hpp"

namespace loomline::tracking::domain {
namespace {

using production::v1::MILESTONE_DELIVERED;
using production::v1::MILESTONE_UNSPECIFIED;
using Tallies = std::vector<Tally>;  // by line

std::int64_t pieces(const Line& line, const Tally& tally) {
  return std::max(line.head->shown.quantity(), tally.counting);
}

std::int64_t pieces(const Fold& fold, const Tallies& tallies) {
  if (tallies.empty()) return fold.head->wished;
  std::int64_t total = 0;
  for (std::size_t i = 0; i < tallies.size(); ++i) total += pieces(*fold.lines[i], tallies[i]);
  return total;
}

// Which milestone the order as a whole reached, and when: this one, or the next one that it did. Null where neither.
const std::pair<Milestone, Time>* of_order(const Fold& fold, Milestone milestone) {
  for (const auto& reached : fold.head->reached)
    if (wire::milestones().reached(reached.first, milestone)) return &reached;
  return nullptr;
}

// An optional milestone is on the way of a line whose routing has it, or of which a unit has been there.
bool on_its_way(const Line& line, const Tally& tally, Milestone milestone) {
  const auto& steps = line.head->steps;
  return !wire::milestones().optional(milestone) || tally.has_been(milestone) ||
         std::any_of(steps.begin(), steps.end(), [&](const RoutingStep& step) { return step.milestone == milestone; });
}

// None where it is optional, was not reached by the order as a whole, and is on no line's way.
std::optional<Standing::Mark> mark(const Fold& fold, const Tallies& tallies, Milestone milestone, std::int64_t total) {
  const bool optional = wire::milestones().optional(milestone);
  const auto* whole = of_order(fold, milestone);
  if (whole && (!optional || whole->first == milestone)) return Standing::Mark{milestone, total, whole->second};
  Standing::Mark mark{milestone, 0, {}};
  std::int64_t due = tallies.empty() && !optional ? total : 0;
  Time last{};
  for (std::size_t i = 0; i < tallies.size(); ++i) {
    if (!on_its_way(*fold.lines[i], tallies[i], milestone)) continue;
    due += pieces(*fold.lines[i], tallies[i]);
    mark.quantity += tallies[i].reached(milestone);
    last = std::max(last, tallies[i].last_reached(milestone));
  }
  if (optional && due == 0) return {};
  if (whole) return Standing::Mark{milestone, due, whole->second};
  if (due > 0 && mark.quantity >= due) mark.reached = last;
  return mark;
}

void render_milestones(const Standing& standing, v1::Journey& out) {
  out.clear_milestones();
  for (const auto& mark : standing.marks) {
    auto& shown = *out.add_milestones();
    shown.set_milestone(mark.milestone);
    shown.set_quantity(mark.quantity);
    if (mark.reached) *shown.mutable_reached_at() = wire::to_timestamp(*mark.reached);
  }
}

void render_units(const Line& line, const std::set<std::string_view>& held, const Window& window,
                  v1::JourneyLine& out) {
  out.set_units_total(static_cast<std::uint32_t>(line.units.size()));
  auto it = line.units.lower_bound(window.units_after);
  for (std::size_t shown = 0; it != line.units.end() && shown < most_units; ++it, ++shown) {
    const auto& unit = *it.value();
    auto& one = *out.add_units();
    one.set_unit_id(unit.unit_id);
    one.set_serial(unit.serial);
    one.set_milestone(unit.milestone);
    one.set_scrapped(unit.scrapped);
    one.set_held(held.contains(unit.unit_id));
  }
}

void render_entries(const Fold& fold, const Window& window, v1::Journey& out) {
  out.set_entries_total(static_cast<std::uint32_t>(fold.entries.size()));
  fold.entries.each_back([&](std::size_t number, const Entry& entry) {
    if (window.entries_before == 0 || number < window.entries_before) *out.add_entries() = *entry.shown;
    return static_cast<std::size_t>(out.entries_size()) < most_entries;
  });
  std::reverse(out.mutable_entries()->pointer_begin(), out.mutable_entries()->pointer_end());
}

// In the order in which they were placed. Gives the units that they hold.
std::set<std::string_view> render_holds(const Fold& fold, v1::Journey& out) {
  std::set<std::string_view> held;
  std::map<std::uint64_t, std::string_view> ids;
  for (const auto entry : fold.holds) {
    held.insert(entry.value.unit_id);
    ids.emplace(entry.value.number, entry.key);
  }
  for (const auto& [number, id] : ids) {
    if (static_cast<std::size_t>(out.hold_ids_size()) == most_holds) break;
    out.add_hold_ids(std::string(id));
  }
  return held;
}

}  // namespace

std::optional<Time> window_end(const Line& line) {
  const auto& window = line.head->shown.first_promise().window();
  if (!window.has_latest()) return {};
  return wire::to_time(window.latest());
}

std::optional<Time> kept_at(const Line& line) {
  const auto of_promise = line.head->shown.first_promise().milestone();
  const auto promised = of_promise == MILESTONE_UNSPECIFIED ? MILESTONE_DELIVERED : of_promise;
  const auto tally = line.units.summary();
  const auto all = std::max(line.head->shown.quantity(), tally.counting);
  if (all == 0 || tally.reached(promised) < all) return {};
  return tally.last_reached(promised);
}

bool late(const Fold& fold, Time passed) {
  if (fold.status() == v1::JOURNEY_STATUS_CANCELLED) return false;
  return std::any_of(fold.lines.begin(), fold.lines.end(), [&](const auto& line) {
    const auto end = window_end(*line);
    return end && kept_at(*line).value_or(passed) >= *end;
  });
}

Standing standing(const Fold& fold, Time passed) {
  Standing out;
  Tallies tallies;
  for (const auto& line : fold.lines) {
    tallies.push_back(line->units.summary());
    out.operations_done += line->operations_done;
    out.operations_total += line->operations_total;
  }
  out.quantity = pieces(fold, tallies);
  bool all_before = true;
  for (const auto milestone : wire::milestones().all()) {
    const auto of_it = mark(fold, tallies, milestone, out.quantity);
    if (!of_it) continue;
    out.marks.push_back(*of_it);
    if (all_before && of_it->reached) out.milestone = milestone;
    all_before = all_before && (of_it->reached || wire::milestones().optional(milestone));
  }
  out.late = late(fold, passed);
  return out;
}

std::uint64_t milestones_digest(const Standing& standing) {
  Digest digest;
  for (const auto& mark : standing.marks)
    digest.add(mark.milestone).add(mark.quantity).add(mark.reached ? mark.reached->time_since_epoch().count() : -1);
  return digest.value();
}

std::uint64_t promises_digest(const Fold& fold) {
  Digest digest;
  for (const auto& line : fold.lines) digest.add(line->head->promise_digest);
  return digest.value();
}

std::uint64_t digest(const Fold& fold, const Standing& standing) {
  Digest digest;
  digest.add(fold.head->digest).add(standing.quantity).add(standing.late).add(fold.holds_digest);
  digest.add(milestones_digest(standing));
  for (const auto& line : fold.lines) digest.add(line->head->digest).add(line->certified).add(line->units_digest);
  digest.add(standing.operations_done).add(standing.operations_total);
  digest.add(fold.entries.empty() ? 0 : fold.entries.newest().digest);
  digest.add(fold.anomalies.empty() ? 0 : fold.anomalies.newest().digest);
  return digest.value();
}

void render_head(const Fold& fold, const Standing& standing, v1::Journey& out) {
  out = fold.head->shown;
  out.set_milestone(standing.milestone);
  out.set_quantity(standing.quantity);
  out.set_operations_done(standing.operations_done);
  out.set_operations_total(standing.operations_total);
  out.set_late(standing.late);
  if (fold.updated_at) *out.mutable_updated_at() = *fold.updated_at;
  render_milestones(standing, out);
  for (const auto& line : fold.lines) {
    *out.add_lines() = line->head->shown;
    if (line->certified) out.set_certificate_available(true);
  }
  if (fold.holds.empty()) return;
  const auto first = fold.holds.begin();
  out.add_hold_ids(first.key());
}

void render_rest(const Fold& fold, const Window& window, v1::Journey& out) {
  out.clear_hold_ids();
  const auto held = render_holds(fold, out);
  for (std::size_t i = 0; i < fold.lines.size(); ++i)
    render_units(*fold.lines[i], held, window, *out.mutable_lines(static_cast<int>(i)));
  render_entries(fold, window, out);
  fold.anomalies.each_back([&](std::size_t, const Anomaly& anomaly) {
    out.add_anomalies(anomaly.text);
    return static_cast<std::size_t>(out.anomalies_size()) < most_anomalies;
  });
  std::reverse(out.mutable_anomalies()->begin(), out.mutable_anomalies()->end());
}

}  // namespace loomline::tracking::domain
