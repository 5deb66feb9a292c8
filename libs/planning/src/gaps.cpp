#include "gaps.hpp"

namespace loomline::planning {
namespace {

// A longer gap is taken to have room for anything: it is looked at when it is used.
constexpr std::chrono::days kAnything{60};

}  // namespace

Gaps::Gaps(std::shared_ptr<const WorkTimes> times) : times_(std::move(times)) { put(Time::min(), kNever); }

void Gaps::put(Time begin, Time end) {
  if (begin >= end) return;
  Gap gap{end, Duration::max(), Duration::max()};
  if (begin != Time::min() && end != kNever && end - begin <= kAnything) {
    gap.work = times_->between(begin, end);
    gap.longest = gap.work == Duration{} ? Duration{} : times_->longest(begin, end);
  }
  gaps_.set(begin, gap);
}

void Gaps::replace(Time from, Time to, const std::vector<Interval>& busy) {
  auto low = from, high = to;
  if (const auto [begin, gap] = gaps_.last_entry_before(from); begin != nullptr && gap->end >= from) {
    low = *begin;
    high = std::max(high, gap->end);
    gaps_.erase(low);
  }
  for (auto it = gaps_.lower_bound(from); it != gaps_.end() && it.key() <= to; it = gaps_.lower_bound(from)) {
    high = std::max(high, it.value().end);
    gaps_.erase(Time(it.key()));
  }
  for (const auto& stretch : busy) {
    put(low, stretch.begin);
    low = stretch.end;
  }
  put(low, high);
}

bool Gaps::room(Time at, Time end, const Wanted& wanted) const {
  if (end == kNever || end - at > kAnything) return true;
  if (!wanted.unbroken) return times_->between(at, end) >= wanted.work;
  return times_->unbroken(at, wanted.work, end - wanted.work + Duration{1}).has_value();
}

Interval Gaps::next(Time at, const Wanted& wanted, Time limit) const {
  const auto [begin, gap] = gaps_.last_entry_before(at + Duration{1});
  if (begin != nullptr && gap->end > at && (gap->end > limit || room(at, gap->end, wanted))) return {at, gap->end};
  const auto found = gaps_.find_from(at + Duration{1}, [&](const Most& most) {
    return (wanted.unbroken ? most.longest : most.work) >= wanted.work || most.end > limit;
  });
  return found.first == nullptr ? Interval{kNever, kNever} : Interval{*found.first, found.second->end};
}

}  // namespace loomline::planning
