// The parts of the Reasoner that search: each works on a Query and may throw BudgetSpent.
#pragma once

#include "loomline/variability/reasoner.hpp"
#include "query.hpp"

namespace loomline::variability {

struct Engine {
  const Reasoner& reasoner;
  const std::vector<std::int64_t>& price;
  const std::vector<FeatureId>& drop_order;

  Query query() const;
  Query query(const std::vector<Query::Use>& uses) const;

  // The literals of features that hold in every solution; the query must be satisfiable and solved once.
  std::vector<int> backbone(Query& query) const;
  // The query must be satisfiable; it is used up.
  Configuration default_completion(Query& query) const;
  Configuration random_completion(Query& query, std::uint64_t seed) const;
  // The selection must not be satisfiable.
  Conflict explain(const Selection& selection) const;
  std::vector<Repair> repairs(const Selection& selection, std::size_t most) const;
  std::int64_t price_of(const Configuration& configuration) const;
};

inline int literal(const Choice& choice) { return literal(choice.feature, choice.selected); }

}  // namespace loomline::variability
