#pragma once

#include "loomline/planning/engine.hpp"

namespace loomline::planning {

class ForwardEngine final : public Engine {
 public:
  explicit ForwardEngine(ForwardOptions options) : options_(options) {}
  Result<Placement> quote(const Plan& plan, const Demand& demand, Time now) const override;
  Result<Placement> place(Plan& plan, const Demand& demand, Time now) const override;
  using Engine::repair;
  std::vector<Change> repair(Plan& plan, Time now, Time reported) const override;
  using Engine::pull_forward;
  std::vector<Change> pull_forward(Plan& plan, Time now, Time until, Budget& budget) const override;

 private:
  ForwardOptions options_;
};

}  // namespace loomline::planning
