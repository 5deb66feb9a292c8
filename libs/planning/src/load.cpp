#include "load.hpp"

namespace loomline::planning {
namespace {

// More kinds of work than this on one resource are searched without an index.
constexpr std::size_t kMostWatched = 12;
// Nothing that is planned takes longer. The index rules nothing out beyond, so that a wrong date costs no more than
// that.
constexpr std::chrono::days kLongest{4 * 366};

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
  const auto end = std::min(period.end, period.begin + kLongest);
  presence_->each(period.begin, end, [&](const Interval& step, int present) {
    const auto over = first_above(step.begin, step.end, present - count);
    if (over) until = first_at_most(*over, step.end, present - count);
    return !over;
  });
  return until;
}

std::vector<Interval> Load::busy(const Interval& period, const WorkTimes& times) const {
  std::vector<Interval> found;
  const auto look = [&](const Interval& step, int most) {
    for (auto at = step.begin; at < step.end;) {
      const auto over = first_above(at, step.end, most);
      if (!over) break;
      at = first_at_most(*over, step.end, most);
      if (times.between(*over, at) == Duration{}) continue;
      if (!found.empty() && found.back().end == *over)
        found.back().end = at;
      else
        found.push_back({*over, at});
    }
    return true;
  };
  const auto end = std::min(period.end, period.begin + kLongest);
  if (presence_ == nullptr)
    look({period.begin, end}, capacity_ - 1);
  else
    presence_->each(period.begin, end,
                    [&](const Interval& step, int present) { return look(step, present - times.count()); });
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

Time Load::next_gap(Time at, const WorkTimes& times, const Wanted& wanted, Time limit) const {
  for (const auto& gaps : gaps_)
    if (&gaps.times() == &times) return gaps.next(at, wanted, limit);
  return at;
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
