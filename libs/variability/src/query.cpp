#include "query.hpp"

namespace loomline::variability {

Query::Query(const Cnf& cnf, std::size_t features, long budget, const std::vector<Use>& uses)
    : solver_(make_cadical()),
      features_(features),
      budget_(budget),
      first_switch_(cnf.variables + 1),
      variables_(cnf.variables + static_cast<int>(cnf.rules.size())) {
  solver_->reserve(variables_);
  std::vector<int> switched;
  for (std::size_t i = 0; i < cnf.size(); ++i) {
    const std::uint32_t rule = cnf.origins[i];
    const Use use = rule == kNone || uses.empty() ? Use::hard : uses[rule];
    const auto clause = cnf.clause(i);
    if (use == Use::hard) {
      solver_->add(clause);
    } else if (use == Use::switched) {
      switched.assign(clause.begin(), clause.end());
      switched.push_back(-switch_of(rule));
      solver_->add(switched);
    }
  }
}

bool Query::solve(const std::vector<int>& assumptions) {
  const Solver::Answer answer = solver_->solve(assumptions, budget_);
  if (answer == Solver::Answer::unknown) throw BudgetSpent();
  if (answer == Solver::Answer::unsatisfiable) return false;
  values_.resize(features_);
  for (std::size_t i = 0; i < features_; ++i) values_[i] = solver_->value(static_cast<int>(i) + 1);
  return true;
}

bool Query::fix(int literal) {
  const bool kept = holds(literal) || solve({literal});
  add(kept ? literal : -literal);
  return kept;
}

}  // namespace loomline::variability
