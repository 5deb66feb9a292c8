// Where a machine or a crew is free for operations of one kind, as an index by time: "the first gap with three hours of
// work in it" is O(log n) in the gaps, however long the backlog. Only an accelerator: it rules out, it never promises.
#pragma once

#include <memory>

#include "loomline/base/persistent_map.hpp"
#include "work_times.hpp"

namespace loomline::planning {

// What an operation asks of a gap.
struct Wanted {
  Duration work{};
  bool unbroken = false;  // without a rest
};

class Gaps {
 public:
  explicit Gaps(std::shared_ptr<const WorkTimes> times);
  const WorkTimes& times() const { return *times_; }

  // Within [from, to) exactly `busy` (in order, disjoint) is no longer free. Work that could not go on anyway at `busy`
  // needs no mention.
  void replace(Time from, Time to, const std::vector<Interval>& busy);

  // The first gap that ends after `at` and has room for `wanted` from there on, cut to begin no earlier: no begin
  // before it has. Of gaps that end after `limit` nothing is said: there the work may rest at times that this index
  // does not know. Whatever keeps to a gap, and works at these times, meets nobody.
  Interval next(Time at, const Wanted& wanted, Time limit) const;

 private:
  struct Gap {
    Time end{};
    Duration work{}, longest{};
  };
  struct Most {
    Duration work = Duration::min(), longest = Duration::min();
    Time end = Time::min();
    static Most of(Time, const Gap& g) { return {g.work, g.longest, g.end}; }
    static Most join(const Most& a, const Most& b) {
      return {std::max(a.work, b.work), std::max(a.longest, b.longest), std::max(a.end, b.end)};
    }
  };
  void put(Time begin, Time end);
  bool room(Time at, Time end, const Wanted& wanted) const;

  std::shared_ptr<const WorkTimes> times_;
  PersistentMap<Time, Gap, Most> gaps_;  // by begin; all that is free, however short
};

}  // namespace loomline::planning
