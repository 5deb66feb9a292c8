// The model as clauses, linear in its size (sequential counters for large groups, one definition a nested operator),
// with the rule of the model that each clause comes from.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "loomline/variability/model.hpp"

namespace loomline::variability {

enum class RuleKind : std::uint8_t { parent, mandatory, group, constraint };

// A rule of the model that a person can be shown. parent: a feature needs its parent. mandatory: a parent needs its
// mandatory child. group: how many members the owner needs. constraint: a cross-tree constraint.
struct Rule {
  RuleKind kind = RuleKind::constraint;
  std::uint32_t subject = 0;  // the child feature, the group, or the index of the constraint
  bool operator==(const Rule&) const = default;
};

int line_of(const Rule& rule, const ProductModel& model);
// English, e.g. `"Drive" is exactly one of Fixed, VSD` or the constraint's text.
std::string text_of(const Rule& rule, const ProductModel& model);
std::vector<FeatureId> features_of(const Rule& rule, const ProductModel& model);

// Variable f + 1 is feature f; later variables are auxiliary. A definition clause (rule == kNone) only defines
// auxiliaries: it never excludes a selection by itself, so an explanation need not mention it.
struct Cnf {
  int variables = 0;
  std::vector<int> literals;           // all clauses one after the other
  std::vector<std::uint32_t> ends;     // end of each clause in `literals`
  std::vector<std::uint32_t> origins;  // per clause: index in `rules`, or kNone
  std::vector<Rule> rules;             // tree rules in document order, then constraints

  std::size_t size() const { return ends.size(); }
  std::span<const int> clause(std::size_t index) const {
    const std::size_t begin = index == 0 ? 0 : ends[index - 1];
    return std::span<const int>(literals).subspan(begin, ends[index] - begin);
  }
};

inline int literal(FeatureId feature, bool selected = true) {
  return selected ? static_cast<int>(feature) + 1 : -static_cast<int>(feature) - 1;
}

// The root is required by a definition clause: every product has it.
Cnf encode(const ProductModel& model);

// Asserts that at most `bound` of `inputs` hold, where `guard` (0: always) holds; the asserting clauses carry `origin`.
void at_most(Cnf& cnf, std::span<const int> inputs, std::uint32_t bound, int guard, std::uint32_t origin);

}  // namespace loomline::variability
