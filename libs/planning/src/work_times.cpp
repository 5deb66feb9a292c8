#include "work_times.hpp"

namespace loomline::planning {
namespace {

constexpr std::chrono::days kReaches[] = {std::chrono::days{30}, std::chrono::days{210}, std::chrono::days{3 * 366}};

// What both have in common; each in order and disjoint.
std::vector<Interval> common(const std::vector<Interval>& a, const std::vector<Interval>& b) {
  std::vector<Interval> found;
  for (std::size_t i = 0, k = 0; i < a.size() && k < b.size();) {
    const Interval both{std::max(a[i].begin, b[k].begin), std::min(a[i].end, b[k].end)};
    if (both.begin < both.end) found.push_back(both);
    a[i].end < b[k].end ? ++i : ++k;
  }
  return found;
}

}  // namespace

WorkTimes::WorkTimes(CalendarPtr calendar, std::shared_ptr<const Presence> presence, int count)
    : calendar_(std::move(calendar)), presence_(std::move(presence)), count_(count) {}

std::size_t WorkTimes::Table::at(Time t) const {
  const auto it =
      std::upper_bound(stretches.begin(), stretches.end(), t, [](Time x, const Interval& i) { return x < i.end; });
  return static_cast<std::size_t>(it - stretches.begin());
}

Duration WorkTimes::Table::until(Time t) const {
  const auto i = at(t);
  if (i == stretches.size()) return stretches.empty() ? Duration{} : before.back() + stretches.back().length();
  return before[i] + std::max(Duration{}, t - stretches[i].begin);
}

const WorkTimes::Table& WorkTimes::covering(Time from, Time to) const {
  return table_.covering(from, to, [this](Time a, Time b) { return expand(a, b); });
}

WorkTimes::Table WorkTimes::expand(Time from, Time to) const {
  Table table{from, to, calendar_->stretches(from, to), {}};
  if (presence_ != nullptr) {
    std::vector<Interval> present;
    presence_->each(from, to, [&](const Interval& period, int count) {
      if (count < count_) return true;
      if (!present.empty() && present.back().end == period.begin)
        present.back().end = period.end;
      else
        present.push_back(period);
      return true;
    });
    table.stretches = common(table.stretches, present);
  }
  Duration sum{};
  for (const auto& stretch : table.stretches) {
    table.before.push_back(sum);
    sum += stretch.length();
  }
  return table;
}

std::optional<Interval> WorkTimes::window(Time at, Duration need) const {
  if (at >= kNever - std::chrono::days{4 * 366} - need) return std::nullopt;
  for (const auto reach : kReaches) {
    const auto& table = covering(at, at + need + reach);
    const auto i = table.at(at);
    if (i == table.stretches.size()) continue;
    const Interval found{std::max(at, table.stretches[i].begin), table.stretches[i].end};
    // What ends with the table may go on.
    if (found.length() >= need || found.end < table.to) return found;
  }
  return std::nullopt;
}

std::optional<Time> WorkTimes::unbroken(Time at, Duration need, Time limit) const {
  while (at < limit) {
    const auto found = window(at, need);
    if (!found || found->begin >= limit) return std::nullopt;
    if (found->length() >= need) return found->begin;
    at = found->end;
  }
  return std::nullopt;
}

Duration WorkTimes::between(Time from, Time to) const {
  if (from >= to) return {};
  const auto& table = covering(from, to);
  return table.until(to) - table.until(from);
}

Duration WorkTimes::longest(Time from, Time to) const {
  Duration longest{};
  const auto& table = covering(from, to);
  for (auto i = table.at(from); i < table.stretches.size() && table.stretches[i].begin < to; ++i)
    longest = std::max(longest, std::min(to, table.stretches[i].end) - std::max(from, table.stretches[i].begin));
  return longest;
}

}  // namespace loomline::planning
