#include "engine.hpp"

#include <algorithm>

#include "random.hpp"

namespace loomline::variability {

Query Engine::query() const { return query({}); }
Query Engine::query(const std::vector<Query::Use>& uses) const {
  return Query(reasoner.cnf(), reasoner.model().features().size(), reasoner.options().conflict_budget, uses);
}

Configuration Engine::default_completion(Query& query) const {
  for (const FeatureId id : drop_order) query.fix(literal(id, false));
  return {query.values()};
}

namespace {

// Walks the tree from the root; below an unselected feature nothing is left to decide.
class RandomWalk {
 public:
  RandomWalk(const ProductModel& model, Query& query, std::uint64_t seed)
      : model_(model), query_(query), random_(seed) {}

  void run() {
    std::vector<FeatureId> stack{model_.root()};
    while (!stack.empty()) {
      const FeatureId feature = stack.back();
      stack.pop_back();
      for (const GroupId id : model_.feature(feature).groups) {
        const Group& group = model_.groups()[id];
        decide(group);
        for (auto member = group.members.rbegin(); member != group.members.rend(); ++member)
          if (query_.selected(*member)) stack.push_back(*member);
      }
    }
  }

 private:
  void decide(const Group& group) {
    std::vector<FeatureId> members = group.members;
    shuffle(members);
    const bool one = group.lower == 1 && group.upper == 1;
    bool taken = false;
    for (const FeatureId member : members) {
      const bool want = group.lower == members.size() || (one ? !taken : random_.coin());
      taken = query_.fix(literal(member, want)) == want || taken;
    }
  }
  void shuffle(std::vector<FeatureId>& items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random_.below(i)]);
  }

  const ProductModel& model_;
  Query& query_;
  SplitMix random_;
};

}  // namespace

Configuration Engine::random_completion(Query& query, std::uint64_t seed) const {
  RandomWalk(reasoner.model(), query, seed).run();
  return {query.values()};
}

std::int64_t Engine::price_of(const Configuration& configuration) const {
  std::int64_t total = 0;  // only compared: it stops at the end of the range
  for (const FeatureId id : configuration.features()) {
    std::int64_t next = 0;
    if (__builtin_add_overflow(total, price[id], &next)) break;
    total = next;
  }
  return total;
}

namespace {

// Drops what is not needed from assumptions that cannot hold together (deletion-based MUS extraction); every proof's
// failed assumptions shrink the rest at once. Items before `needed` are proven necessary.
std::vector<int> irreducible(Query& query, std::vector<int> items) {
  const auto keep_failed = [&] { std::erase_if(items, [&](int item) { return !query.failed(item); }); };
  if (query.solve(items)) throw std::logic_error("explain: the conflict can be satisfied");
  keep_failed();
  for (std::size_t needed = 0; needed < items.size();) {
    std::vector<int> rest = items;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(needed));
    if (query.solve(rest)) {
      ++needed;
    } else {
      items = std::move(rest);
      keep_failed();
    }
  }
  return items;
}

}  // namespace

// Two rounds. First with the whole tree taken for granted: which choices and constraints clash. Then with only those:
// which rules of the tree take part. Each member is necessary: without one of the first round even the whole tree
// leaves a solution, and the second round is minimal by construction.
Conflict Engine::explain(const Selection& selection) const {
  const std::vector<Rule>& rules = reasoner.cnf().rules;
  std::vector<Query::Use> uses(rules.size(), Query::Use::hard);
  for (std::size_t i = 0; i < rules.size(); ++i)
    if (rules[i].kind == RuleKind::constraint) uses[i] = Query::Use::switched;
  Query first = query(uses);
  std::vector<int> items;
  for (const Choice& choice : selection) items.push_back(literal(choice));
  for (std::uint32_t i = 0; i < rules.size(); ++i)
    if (uses[i] == Query::Use::switched) items.push_back(first.switch_of(i));
  items = irreducible(first, std::move(items));

  for (std::size_t i = 0; i < rules.size(); ++i)
    uses[i] = rules[i].kind == RuleKind::constraint ? Query::Use::absent : Query::Use::switched;
  Conflict conflict;
  const int features = static_cast<int>(reasoner.model().features().size());
  for (const int item : items) {
    if (std::abs(item) <= features) {
      conflict.choices.push_back({static_cast<FeatureId>(std::abs(item) - 1), item > 0});
    } else {
      const auto rule = static_cast<std::uint32_t>(item - first.switch_of(0));
      uses[rule] = Query::Use::hard;
      conflict.rules.push_back(rules[rule]);
    }
  }
  Query second = query(uses);
  for (const Choice& choice : conflict.choices) second.add(literal(choice));
  std::vector<int> tree;
  for (std::uint32_t i = 0; i < rules.size(); ++i)
    if (uses[i] == Query::Use::switched) tree.push_back(second.switch_of(i));
  for (const int item : irreducible(second, std::move(tree)))
    conflict.rules.push_back(rules[static_cast<std::size_t>(item - second.switch_of(0))]);
  const ProductModel& model = reasoner.model();
  std::stable_sort(conflict.rules.begin(), conflict.rules.end(), [&](const Rule& a, const Rule& b) {
    const bool a_named = a.kind == RuleKind::constraint;
    const bool b_named = b.kind == RuleKind::constraint;
    return a_named != b_named ? a_named : line_of(a, model) < line_of(b, model);
  });
  return conflict;
}

}  // namespace loomline::variability
