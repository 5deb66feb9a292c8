#include "load.hpp"

namespace loomline::planning {
namespace {

// More kinds of work than this on one resource are searched without an index.
constexpr std::size_t kMostWatched = 12;
// Shifts further ahead are not looked at: operators whom a wrong date keeps busy for longer are taken to be busy.
constexpr std::chrono::days kFurthest{8 * 366};

}  // namespace

void Load::step(Time at, int delta) {
  const auto* known = steps_.find(at);
  const int sum = delta + (known == nullptr ? 0 : *known);
  if (sum != 0)
    steps_.set(at, sum);
  else if (known != nullptr)
    steps_.erase(at);
}

void Load::add(const Interval& period, int count) {
  if (count == 0 || period.begin >= period.end) return;
  step(period.begin, count);
  step(period.end, -count);
  for (auto& gaps : gaps_) gaps.replace(period.begin, period.end, busy(period, gaps.times()));
}

int Load::level(Time at) const { return steps_.summary_before(at + Duration{1}).sum; }

std::optional<Time> Load::first_above(Time from, Time to, int level) const {
  if (this->level(from) > level) return from;
  const auto found = steps_.first_where(
      from + Duration{1}, [&](const Levels& before, const Levels& part) { return before.sum + part.most > level; });
  return found.first == nullptr || *found.first >= to ? std::nullopt : std::optional(*found.first);
}

Time Load::first_at_most(Time from, Time to, int level) const {
  const auto found = steps_.first_where(
      from + Duration{1}, [&](const Levels& before, const Levels& part) { return before.sum + part.least <= level; });
  return found.first == nullptr ? to : std::min(to, *found.first);
}

std::optional<Time> Load::conflict(const Interval& period, int count) const {
  if (presence_ == nullptr) {
    const auto over = first_above(period.begin, period.end, capacity_ - count);
    return over ? std::optional(first_at_most(*over, kNever, capacity_ - count)) : std::nullopt;
  }
  std::optional<Time> until;
  const auto end = std::min(period.end, period.begin + kFurthest);
  presence_->each(period.begin, end, [&](const Interval& step, int present) {
    const auto over = first_above(step.begin, step.end, present - count);
    if (over) until = first_at_most(*over, step.end, present - count);
    return !over;
  });
  return until;
}

// By the steps and not by a watched index: what is watched depends on what has ever been planned.
Interval Load::free_around(Time at, Time since) const {
  auto begin = level(at) < capacity_ ? at : first_at_most(at, kNever, capacity_ - 1);
  if (begin == kNever) return {kNever, kNever};
  const auto end = first_above(begin, kNever, capacity_ - 1).value_or(kNever);
  while (begin > since) {
    const auto* step = steps_.last_before(begin);
    if (step != nullptr && level(*step) >= capacity_) break;
    begin = step == nullptr ? since : std::max(since, *step);
  }
  return {begin, end};
}

std::vector<Interval> Load::busy(const Interval& period, const WorkTimes& times) const {
  std::vector<Interval> found;
  const auto add = [&](const Interval& stretch) {
    if (!found.empty() && found.back().end == stretch.begin)
      found.back().end = stretch.end;
    else
      found.push_back(stretch);
  };
  const auto look = [&](const Interval& step, int most, const auto& visit) {
    for (auto over = first_above(step.begin, step.end, most); over;) {
      const auto end = first_at_most(*over, step.end, most);
      visit(Interval{*over, end});
      over = end < step.end ? first_above(end, step.end, most) : std::nullopt;
    }
    return true;
  };
  if (presence_ == nullptr) {  // a machine is held while the work rests
    look(period, capacity_ - 1, add);
    return found;
  }
  // Operators who are busy while this work rests do not matter: exactly the instants count at which it would go on, so
  // that it is of no consequence in which order they became busy.
  const auto end = std::min(period.end, period.begin + kFurthest);
  presence_->each(period.begin, end, [&](const Interval& step, int present) {
    return look(step, present - times.count(), [&](const Interval& over) { times.each(over.begin, over.end, add); });
  });
  if (end < period.end) found.push_back({end, period.end});
  return found;
}

bool Load::watches(const WorkTimes& times) const {
  return gaps_.size() == kMostWatched ||
         std::any_of(gaps_.begin(), gaps_.end(), [&](const Gaps& g) { return &g.times() == &times; });
}

void Load::watch(const std::shared_ptr<const WorkTimes>& times) {
  if (watches(*times)) return;
  gaps_.emplace_back(times);
  if (steps_.empty()) return;
  const Interval all{*steps_.front().first, *steps_.last_before(kNever)};
  gaps_.back().replace(all.begin, all.end, busy(all, *times));
}

Interval Load::next_gap(Time at, const WorkTimes& times, const Wanted& wanted, Time limit) const {
  for (const auto& gaps : gaps_)
    if (&gaps.times() == &times) return gaps.next(at, wanted, limit);
  return {at, at};
}

void Load::set_presence(std::shared_ptr<const Presence> presence) {
  presence_ = std::move(presence);
  gaps_.clear();
}

void Load::set_capacity(int capacity) {
  capacity_ = capacity;
  gaps_.clear();
}

}  // namespace loomline::planning
