// Answers about a product model. A Reasoner is immutable: any number of threads may ask. Every question starts from
// the same clauses with a solver of its own, so answers depend on the question only, never on what was asked before.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "loomline/base/status.hpp"
#include "loomline/variability/cnf.hpp"
#include "loomline/variability/model.hpp"

namespace loomline::variability {

struct Choice {
  FeatureId feature = 0;
  bool selected = true;
  bool operator==(const Choice&) const = default;
};
using Selection = std::vector<Choice>;  // sorted by feature, each once (make_selection)

struct NamedChoice {
  std::string feature;
  bool selected = true;
};

// Resolves names. invalid_argument FEATURE_UNKNOWN (with the nearest names) or CHOICE_TWICE (selected and deselected);
// every wrong choice is named, as `selection[i].feature`.
Result<Selection> make_selection(const ProductModel& model, const std::vector<NamedChoice>& choices);

// A complete configuration: every feature decided.
struct Configuration {
  std::vector<bool> selected;  // by FeatureId

  std::vector<FeatureId> features() const;
  // SHA-256 over the model hash and the sorted names of the selected features: equal for equal products of one model.
  std::string hash(const ProductModel& model) const;
  bool operator==(const Configuration&) const = default;
};

// An irreducible conflict: the choices and rules together cannot hold, and without any single one of them they can.
// `rules` lists the cross-tree constraints and the tree rules that take part, by source line.
struct Conflict {
  std::vector<Choice> choices;
  std::vector<Rule> rules;
};

// Choices to turn round so that the rest can be kept. `changes` holds the new values. `result` is the product that the
// customer would get: the choices after the changes, completed by default.
struct Repair {
  std::vector<Choice> changes;
  Configuration result;
  std::int64_t price_minor = 0;
};

struct Validation {
  bool buildable = false;
  bool complete = false;        // the selection itself decided every feature
  Configuration configuration;  // when buildable
  Conflict conflict;            // when not
  std::vector<Repair> repairs;  // when not: fewest changes first, then cheapest, then by feature
};

struct ReasonerOptions {
  std::string price_attribute = "Price";
  int price_scale = 2;             // minor units are 10^-scale
  std::size_t max_repairs = 5;     // that are answered, where the call does not say
  std::size_t repair_pool = 24;    // that are compared by price
  long conflict_budget = 500'000;  // of one call of the solver; spent: resource_exhausted REASONING_BUDGET
};

struct CoreAndDead {
  std::vector<FeatureId> core;  // in every product
  std::vector<FeatureId> dead;  // in none
};

// What a partial selection forces, for a configurator's screen.
struct Implications {
  bool buildable = false;
  std::vector<FeatureId> forced_in;
  std::vector<FeatureId> forced_out;
};

class Reasoner {
 public:
  explicit Reasoner(std::shared_ptr<const ProductModel> model, ReasonerOptions options = {});

  const ProductModel& model() const { return *model_; }
  std::shared_ptr<const ProductModel> model_ptr() const { return model_; }
  const Cnf& cnf() const { return cnf_; }
  const ReasonerOptions& options() const { return options_; }

  Result<bool> satisfiable() const;
  Result<CoreAndDead> core_and_dead() const;
  Result<Implications> implications(const Selection& selection) const;

  // The default completion decides what the customer left open: features are dropped one by one, dearest first and
  // within a price last in the source first, wherever the rest still allows it. So nothing in it could be left out, no
  // option is added that neither the customer nor a rule asks for, and of equal alternatives the first in the source
  // stays.
  Result<Validation> validate(const Selection& selection) const { return validate(selection, options_.max_repairs); }
  Result<Validation> validate(const Selection& selection, std::size_t max_repairs) const;

  // A random product that keeps the selection: top down, a fair coin for an option, a uniform draw for an alternative,
  // as far as the constraints allow. The same seed gives the same product. failed_precondition NOT_BUILDABLE where
  // the selection cannot be kept.
  Result<Configuration> complete(const Selection& selection, std::uint64_t seed) const;

  // True where every rule of the model holds; a plain walk, independent of the solver.
  bool holds(const Configuration& configuration) const;

 private:
  std::shared_ptr<const ProductModel> model_;
  ReasonerOptions options_;
  Cnf cnf_;
  std::vector<std::int64_t> price_;  // by feature, 0 where none or not exact
  std::vector<FeatureId> drop_order_;
};

}  // namespace loomline::variability
