// What an operation that has lost its place cannot push: what runs, what comes before it, and what this repair has
// settled.
#pragma once

#include <map>
#include <string>
#include <unordered_set>

#include "slot_search.hpp"

namespace loomline::planning {

// A place in the order of a repair: by the time that an operation may be at, then by when it was planned.
struct Waiting {
  Time at{};
  Time planned{};
  OpRef op;
};
inline bool comes_before(const Waiting& a, const Waiting& b) {
  if (a.at != b.at) return a.at < b.at;
  if (a.planned != b.planned) return a.planned < b.planned;
  if (a.op.job == nullptr || b.op.job == nullptr) return a.op.job == nullptr && b.op.job != nullptr;
  return compare(a.op, b.op) < 0;
}

class Fixed final : public Occupancy {
 public:
  explicit Fixed(const PlanState& s) : Occupancy(s) {}

  // Nothing is settled any more.
  void forget();
  // From now on questions are asked for the operation that waits at `self`, about the time from `from` on.
  void ask_for(const Waiting& self, Time from);
  // `op` has found its new place, and keeps it.
  void settle(const OpRef& op, const Operation& operation, const PlacedOperation& placed);
  bool settled(const OpRef& op) const { return settled_.contains(op); }

  const Load& machine(const MachineState& on) const override;
  const Load& crew(const OperatorState& of, const std::string& operator_class) const override;
  // The booking in the way of `period` that ends last.
  std::optional<Booking> blocker(const MachineState& on, const Interval& period) const;

 private:
  bool before_self(const Booking& b) const;
  void add_work(Load& load, const Booking& b) const;
  Load& machine_base(const MachineState& on) const;
  Load& crew_base(const OperatorState& of, const std::string& operator_class) const;

  Waiting self_;
  Time from_{};
  std::unordered_set<OpRef, OpRefHash> settled_;
  mutable std::map<std::string, Load> machines_, crews_;            // what runs and what is settled
  mutable std::map<std::string, Load> machine_views_, crew_views_;  // for the present question
};

}  // namespace loomline::planning
