// How busy a resource is, as steps over time: a machine (operations at once against its capacity) or an operator class
// (operators busy against those present). Changes are O(log n); so is every question, but for the shifts it spans.
#pragma once

#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "gaps.hpp"

namespace loomline::planning {

class Load {
 public:
  explicit Load(int capacity) : capacity_(capacity) {}
  explicit Load(std::shared_ptr<const Presence> presence) : presence_(std::move(presence)) {}

  // `count` more in `period`; fewer where it is negative.
  void add(const Interval& period, int count);
  int level(Time at) const;

  // Where `count` more are too many somewhere in `period`: an instant up to which every later begin of the same work
  // meets too many as well. With a count of 0: where there are too many already.
  std::optional<Time> conflict(const Interval& period, int count) const;

  // Of a machine: the stretch in which there is room for one more that holds `at`, cut to begin no earlier than
  // `since`, or the one that comes next.
  Interval free_around(Time at, Time since) const;

  // Keeps an index of gaps for work at these times from now on.
  void watch(const std::shared_ptr<const WorkTimes>& times);
  bool watches(const WorkTimes& times) const;  // or may watch no more
  // As Gaps::next; [at, at) where these times are not watched.
  Interval next_gap(Time at, const WorkTimes& times, const Wanted& wanted, Time limit) const;

  // The same busy times against another presence or capacity. Nothing is watched any more.
  void set_presence(std::shared_ptr<const Presence> presence);
  void set_capacity(int capacity);

 private:
  struct Levels {
    int sum = 0;
    int most = std::numeric_limits<int>::min() / 2;   // the highest sum up to an entry
    int least = std::numeric_limits<int>::max() / 2;  // the lowest
    static Levels of(Time, int delta) { return {delta, delta, delta}; }
    static Levels join(const Levels& a, const Levels& b) {
      return {a.sum + b.sum, std::max(a.most, a.sum + b.most), std::min(a.least, a.sum + b.least)};
    }
  };
  void step(Time at, int delta);
  std::optional<Time> first_above(Time from, Time to, int level) const;
  Time first_at_most(Time from, Time to, int level) const;
  std::vector<Interval> busy(const Interval& period, const WorkTimes& times) const;

  int capacity_ = 0;
  std::shared_ptr<const Presence> presence_;  // instead of the capacity
  PersistentMap<Time, int, Levels> steps_;    // by how much the level changes there
  std::vector<Gaps> gaps_;
};

}  // namespace loomline::planning
