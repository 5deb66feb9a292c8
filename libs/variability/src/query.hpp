// One question to the solver: the clauses of a model, some of its rules perhaps switchable, and the last answer.
#pragma once

#include <memory>
#include <stdexcept>
#include <vector>

#include "loomline/variability/cnf.hpp"
#include "loomline/variability/solver.hpp"

namespace loomline::variability {

// Thrown when the solver gives up; turned into a Status where the Reasoner is left.
struct BudgetSpent : std::runtime_error {
  BudgetSpent() : std::runtime_error("the conflict budget of the solver is spent") {}
};

class Query {
 public:
  // What becomes of the clauses of a rule: they hold, they hold under the rule's switch, or they are left out.
  enum class Use : std::uint8_t { hard, switched, absent };

  Query(const Cnf& cnf, std::size_t features, long budget) : Query(cnf, features, budget, {}) {}
  // `uses` by rule; empty: all hard.
  Query(const Cnf& cnf, std::size_t features, long budget, const std::vector<Use>& uses);

  int switch_of(std::uint32_t rule) const { return first_switch_ + static_cast<int>(rule); }
  int fresh_variable() { return ++variables_; }
  int last_variable() const { return variables_; }

  void add(std::span<const int> clause) { solver_->add(clause); }
  void add(int literal) { solver_->add(literal); }
  void prefer(int literal) { solver_->prefer(literal); }
  // True and the values are those of a solution, or false and failed() tells.
  bool solve(const std::vector<int>& assumptions = {});
  bool failed(int literal) const { return solver_->failed(literal); }

  // Of the last solution.
  bool selected(FeatureId feature) const { return values_[feature]; }
  bool holds(int literal) const {
    return literal > 0 ? values_[static_cast<std::size_t>(literal) - 1]
                       : !values_[static_cast<std::size_t>(-literal) - 1];
  }
  const std::vector<bool>& values() const { return values_; }

  // After a solution: makes the feature literal permanent if the rest allows it, else its opposite; true if it did.
  bool fix(int literal);

 private:
  std::unique_ptr<Solver> solver_;
  std::size_t features_;
  long budget_;
  int first_switch_;
  int variables_;
  std::vector<bool> values_;
};

}  // namespace loomline::variability
