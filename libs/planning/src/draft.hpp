// One job on its way into a plan: what it would occupy, on top of the plan as it stands. The plan is only read, so that
// a question costs no copy of anything and a refusal leaves nothing behind.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "slot_search.hpp"

namespace loomline::planning {

class Draft final : private Occupancy {
 public:
  Draft(const PlanState& state, const Demand& demand, Time now);
  // Finds a place for every operation. Errors as Engine::place.
  Status place_all();
  Placement take();

 private:
  struct Busy {
    Interval period;
    int count = 1;
  };
  const Load& machine(const MachineState& on) const override;
  const Load& crew(const OperatorState& of, const std::string& operator_class) const override;
  const Load& with_own(const Load& base, const std::vector<Busy>& own, const std::string& id,
                       std::map<std::string, Load>& views) const;
  const Ledger& ledger(const std::string& item) const;

  Status place(std::size_t i);
  Result<Time> material_ready(std::size_t i, Time from);
  void reserve(std::size_t i, Time at);
  void book(std::size_t i, Slot slot);

  Time from_;
  Time now_;
  JobRecord record_;
  std::vector<std::pair<std::string, Inbound>> purchases_;
  Time material_ready_;
  std::map<std::string, std::vector<Busy>> machines_, crews_;       // by id: what this job occupies
  mutable std::map<std::string, Load> machine_views_, crew_views_;  // the plan's and this job's together
  Time asked_from_{};
  std::map<std::string, Ledger> ledgers_;  // of the items that this job has touched
};

}  // namespace loomline::planning
