#include "occupancy.hpp"

#include <algorithm>

namespace loomline::planning {

void Timeline::add(Booking booking) {
  longest_ = std::max(longest_, booking.period.length());
  bookings_.insert(std::upper_bound(bookings_.begin(), bookings_.end(), booking), std::move(booking));
}

void Timeline::remove(const Booking& booking) {
  const auto it = std::lower_bound(bookings_.begin(), bookings_.end(), booking);
  if (it != bookings_.end() && *it == booking) bookings_.erase(it);
}

std::size_t Timeline::first_reaching(Time at) const {
  const auto earliest = at - longest_;
  const auto it = std::lower_bound(bookings_.begin(), bookings_.end(), earliest,
                                   [](const Booking& b, Time t) { return b.period.begin < t; });
  return static_cast<std::size_t>(it - bookings_.begin());
}

std::optional<Time> Timeline::conflict(const Interval& period, int capacity) const {
  std::vector<Time> ends;  // of the bookings active at the present point of the sweep
  for (auto i = first_reaching(period.begin); i < bookings_.size(); ++i) {
    const auto& b = bookings_[i].period;
    if (b.begin >= period.end) break;
    if (b.end <= period.begin) continue;
    const auto point = std::max(b.begin, period.begin);
    std::erase_if(ends, [&](Time end) { return end <= point; });
    ends.push_back(b.end);
    // Until one of them ends, any period that begins here or later and reaches this point meets them all.
    if (static_cast<int>(ends.size()) >= capacity) return *std::min_element(ends.begin(), ends.end());
  }
  return std::nullopt;
}

const Booking* Timeline::blocker(const Interval& period, int capacity) const {
  if (!conflict(period, capacity)) return nullptr;
  const Booking* last = nullptr;
  for (auto i = first_reaching(period.begin); i < bookings_.size(); ++i) {
    const auto& b = bookings_[i];
    if (b.period.begin >= period.end) break;
    if (b.period.end > period.begin && (last == nullptr || b.period.end > last->period.end)) last = &b;
  }
  return last;
}

Time Timeline::next_gap(Time at, Duration length) const {
  for (auto i = first_reaching(at); i < bookings_.size(); ++i) {
    const auto& b = bookings_[i].period;
    if (b.end <= at) continue;
    if (b.begin >= at + length) break;
    at = b.end;
  }
  return at;
}

void Usage::split(Time at) {
  const auto it = steps_.lower_bound(at);
  if (it != steps_.end() && it->first == at) return;
  steps_.emplace_hint(it, at, it == steps_.begin() ? 0 : std::prev(it)->second);
}

void Usage::join(Time at) {
  const auto it = steps_.find(at);
  if (it == steps_.end()) return;
  const int before = it == steps_.begin() ? 0 : std::prev(it)->second;
  if (it->second == before) steps_.erase(it);
}

void Usage::add(const Interval& period, int count) {
  if (count == 0 || period.begin >= period.end) return;
  split(period.begin);
  split(period.end);
  for (auto it = steps_.find(period.begin); it->first < period.end; ++it) it->second += count;
  join(period.end);
  join(period.begin);
}

int Usage::level(Time at) const {
  const auto it = steps_.upper_bound(at);
  return it == steps_.begin() ? 0 : std::prev(it)->second;
}

Time Usage::next_change(Time at) const {
  const auto it = steps_.upper_bound(at);
  return it == steps_.end() ? kNever : it->first;
}

}  // namespace loomline::planning
