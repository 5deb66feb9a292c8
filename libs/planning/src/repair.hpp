// Right-shift repair. Looked at is only what facts have marked, what should have begun or ended by now, and what those
// push; everything else stands. In order of time, what cannot stay goes into a gap that disturbs nobody or, where that
// is much later, pushes what comes after it. What has found its place keeps it for one pass; where that broke it
// meanwhile, or set free what another waits for, there is another pass: nothing is left for the next repair.
#pragma once

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "fixed.hpp"
#include "loomline/planning/engine.hpp"

namespace loomline::planning {

class Repair {
 public:
  Repair(PlanState& state, Time now, Time reported, ForwardOptions options)
      : state_(state), now_(now), reported_(std::min(now, reported)), options_(options), fixed_(state) {}

  std::vector<Change> run();

 private:
  struct WaitingLess {
    bool operator()(const Waiting& a, const Waiting& b) const { return comes_before(a, b); }
  };

  // One look at all that must be looked at, and what comes of it. False: nothing came of it.
  bool pass();

  // What must be looked at (repair_marks.cpp).
  bool nothing_to_do() const;
  void extend_running();
  void extend(const OpRef& op);
  void find_short();
  void find_late();
  void find_marked();
  void find_unplaced();
  bool worth_trying(const OpRef& op) const;

  // The queue.
  void enqueue(const OpRef& op);
  void enqueue_followers(const OpRef& op);
  void enqueue_overlaps(const OpRef& op);
  Time ready(const OpRef& op) const;
  bool waits_for_queued(const OpRef& op) const;

  // One operation.
  void settle(const Waiting& next);
  bool stays(const OpRef& op);
  void move(const OpRef& op, Time from);
  void give_up(const OpRef& op);
  void lift(const OpRef& op);
  void put(const OpRef& op, PlacedOperation placed);

  // What is said about it (repair_why.cpp).
  void keep_why(const OpRef& op);
  Why why_moved(const OpRef& op) const;
  void record(const OpRef& op, const PlacedOperation& old);
  std::vector<Change> changes();

  const PlacedOperation& placed(const OpRef& op) const { return state_.record(op).job.operations[op.index]; }
  const Operation& operation(const OpRef& op) const { return state_.record(op).job.demand.operations[op.index]; }

  PlanState& state_;
  Time now_;
  Time reported_;
  ForwardOptions options_;
  // Of one pass.
  bool moved_ = false;
  Fixed fixed_;
  std::set<Waiting, WaitingLess> queue_;
  std::unordered_map<OpRef, Waiting, OpRefHash> queued_;
  std::unordered_set<OpRef, OpRefHash> awaiting_;  // looked at again when a predecessor has been
  std::unordered_set<OpRef, OpRefHash> lifted_;    // off the plan, though their records still say where they were
  std::unordered_map<OpRef, int, OpRefHash> tries_;
  std::unordered_map<OpRef, std::vector<std::pair<std::string, std::string>>, OpRefHash> bought_;  // item, inbound id
  Waiting last_{Time::min(), Time::min(), {}};
  // Of all.
  std::unordered_map<OpRef, Why, OpRefHash> why_;
  std::map<std::string, Change> changes_;
  std::map<std::string, Time> old_finish_;
};

}  // namespace loomline::planning
