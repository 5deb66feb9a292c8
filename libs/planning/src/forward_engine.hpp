#pragma once

#include "loomline/planning/engine.hpp"

namespace loomline::planning {

class ForwardEngine final : public Engine {
 public:
  explicit ForwardEngine(ForwardOptions options) : options_(options) {}
  Result<Placement> place(Plan& plan, const Demand& demand, Time now) const override;
  std::vector<Change> repair(Plan& plan, Time now) const override;

 private:
  ForwardOptions options_;
};

}  // namespace loomline::planning
