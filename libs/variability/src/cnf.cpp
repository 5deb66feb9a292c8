#include "loomline/variability/cnf.hpp"

#include <algorithm>

namespace loomline::variability {

namespace {

class Encoder {
 public:
  explicit Encoder(const ProductModel& model) : model_(model) {
    cnf_.variables = static_cast<int>(model.features().size());
  }

  Cnf run() {
    add({literal(model_.root())}, kNone);
    for (GroupId id = 0; id < model_.groups().size(); ++id) add_group(id);
    for (std::uint32_t i = 0; i < model_.constraints().size(); ++i) add_constraint(i);
    return std::move(cnf_);
  }

 private:
  // A node under an even or odd number of negations.
  struct Signed {
    std::uint32_t node;
    bool positive;
  };
  struct Gate {
    int variable;
    std::uint32_t node;
  };

  void add(std::initializer_list<int> clause, std::uint32_t origin) { add(std::vector<int>(clause), origin); }
  void add(const std::vector<int>& clause, std::uint32_t origin) {
    cnf_.literals.insert(cnf_.literals.end(), clause.begin(), clause.end());
    cnf_.ends.push_back(static_cast<std::uint32_t>(cnf_.literals.size()));
    cnf_.origins.push_back(origin);
  }
  std::uint32_t rule(RuleKind kind, std::uint32_t subject) {
    cnf_.rules.push_back({kind, subject});
    return static_cast<std::uint32_t>(cnf_.rules.size() - 1);
  }

  void add_group(GroupId id) {
    const Group& group = model_.groups()[id];
    const int owner = literal(group.owner);
    for (const FeatureId member : group.members) add({-literal(member), owner}, rule(RuleKind::parent, member));
    if (group.kind == GroupKind::mandatory) {
      for (const FeatureId member : group.members) add({-owner, literal(member)}, rule(RuleKind::mandatory, member));
      return;
    }
    const auto count = static_cast<std::uint32_t>(group.members.size());
    if (group.lower == 0 && group.upper >= count) return;
    const std::uint32_t origin = rule(RuleKind::group, id);
    if (group.lower == 1) {
      std::vector<int> clause{-owner};
      for (const FeatureId member : group.members) clause.push_back(literal(member));
      add(clause, origin);
    } else if (group.lower > 1) {  // at least n selected: at most count - n not selected
      std::vector<int> inputs;
      for (const FeatureId member : group.members) inputs.push_back(-literal(member));
      at_most(cnf_, inputs, count - group.lower, owner, origin);
    }
    if (group.upper < count) {
      std::vector<int> inputs;
      for (const FeatureId member : group.members) inputs.push_back(literal(member));
      at_most(cnf_, inputs, group.upper, 0, origin);
    }
  }

  // A feature's literal, or a variable defined as equivalent to the node (its clauses follow from the queue).
  int literal_of(Signed item) {
    const std::vector<Node>& nodes = expression_->nodes;
    while (nodes[item.node].op == Operator::negation) item = {nodes[item.node].left, !item.positive};
    if (nodes[item.node].op == Operator::feature) return literal(nodes[item.node].left, item.positive);
    const int variable = ++cnf_.variables;
    gates_.push_back({variable, item.node});
    return item.positive ? variable : -variable;
  }

  // Splits a node into the parts that are joined by AND (`conjunction`) or by OR, whatever operators say so under their
  // signs: !(a | b) is !a AND !b; a => b is !a OR b.
  void flatten(Signed top, bool conjunction, std::vector<Signed>& parts) const {
    const std::vector<Node>& nodes = expression_->nodes;
    std::vector<Signed> stack{top};
    while (!stack.empty()) {
      const Signed item = stack.back();
      stack.pop_back();
      const Node& node = nodes[item.node];
      const bool joins_and = (node.op == Operator::conjunction) == item.positive;
      switch (node.op) {
        case Operator::negation:
          stack.push_back({node.left, !item.positive});
          break;
        case Operator::conjunction:
        case Operator::disjunction:
        case Operator::implication:
          if (joins_and == conjunction) {
            stack.push_back({node.right, item.positive});
            const bool left_positive = node.op == Operator::implication ? !item.positive : item.positive;
            stack.push_back({node.left, left_positive});
            break;
          }
          [[fallthrough]];
        default:
          parts.push_back(item);
      }
    }
  }

  void add_constraint(std::uint32_t index) {
    expression_ = &model_.constraints()[index].expression;
    const std::uint32_t origin = rule(RuleKind::constraint, index);
    std::vector<Signed> conjuncts;
    flatten({expression_->root(), true}, true, conjuncts);
    for (const Signed& conjunct : conjuncts) assert_part(conjunct, origin);
    for (std::size_t i = 0; i < gates_.size(); ++i) define(gates_[i]);
    gates_.clear();
  }

  void assert_part(Signed part, std::uint32_t origin) {
    const Node& node = expression_->nodes[part.node];
    if (node.op == Operator::equivalence) {
      const int left = literal_of({node.left, true});
      const int right = literal_of({node.right, part.positive});
      add({-left, right}, origin);
      add({left, -right}, origin);
      return;
    }
    add(disjunction_of(part), origin);
  }

  std::vector<int> disjunction_of(Signed part) {
    std::vector<Signed> disjuncts;
    flatten(part, false, disjuncts);
    std::vector<int> clause;
    for (const Signed& disjunct : disjuncts) clause.push_back(literal_of(disjunct));
    return clause;
  }

  void define(const Gate gate) {
    const Node& node = expression_->nodes[gate.node];
    const int g = gate.variable;
    if (node.op == Operator::equivalence) {
      const int left = literal_of({node.left, true});
      const int right = literal_of({node.right, true});
      add({-g, -left, right}, kNone);
      add({-g, left, -right}, kNone);
      add({g, left, right}, kNone);
      add({g, -left, -right}, kNone);
      return;
    }
    // An AND gate is the negation of an OR gate over the negated parts.
    const bool conjunction = node.op == Operator::conjunction;
    const int out = conjunction ? -g : g;
    std::vector<int> clause = disjunction_of({gate.node, !conjunction});
    for (const int input : clause) add({out, -input}, kNone);
    clause.push_back(-out);
    add(clause, kNone);
  }

  const ProductModel& model_;
  Cnf cnf_;
  const Expression* expression_ = nullptr;
  std::vector<Gate> gates_;
};

void append(Cnf& cnf, std::initializer_list<int> clause, std::uint32_t origin) {
  for (const int item : clause)
    if (item != 0) cnf.literals.push_back(item);
  cnf.ends.push_back(static_cast<std::uint32_t>(cnf.literals.size()));
  cnf.origins.push_back(origin);
}

}  // namespace

// Sinz 2005, "Towards an Optimal CNF Encoding of Boolean Cardinality Constraints" (the sequential counter): s[i][j]
// holds when at least j + 1 of the inputs 0..i hold. Small at-most-one groups are cheaper pairwise.
void at_most(Cnf& cnf, std::span<const int> inputs, std::uint32_t bound, int guard, std::uint32_t origin) {
  constexpr std::size_t kPairwise = 5;
  const std::size_t count = inputs.size();
  if (bound >= count) return;
  if (bound == 0 || (bound == 1 && count <= kPairwise)) {
    for (std::size_t i = 0; i < count; ++i) {
      if (bound == 0) append(cnf, {-guard, -inputs[i]}, origin);
      for (std::size_t j = i + 1; bound == 1 && j < count; ++j) append(cnf, {-guard, -inputs[i], -inputs[j]}, origin);
    }
    return;
  }
  std::vector<int> previous(bound, 0);
  for (std::size_t i = 0; i < count; ++i) {
    const int x = inputs[i];
    const std::size_t reachable = std::min<std::size_t>(i, bound);  // counts that inputs 0..i-1 can reach
    if (i >= bound) append(cnf, {-guard, -x, -previous[bound - 1]}, origin);
    if (i + 1 == count) break;
    std::vector<int> now(bound, 0);
    for (std::size_t j = 0; j < std::min<std::size_t>(i + 1, bound); ++j) {
      now[j] = ++cnf.variables;
      if (j < reachable) append(cnf, {-previous[j], now[j]}, kNone);
      if (j == 0) append(cnf, {-x, now[0]}, kNone);
      if (j > 0) append(cnf, {-x, -previous[j - 1], now[j]}, kNone);
    }
    previous = std::move(now);
  }
}

Cnf encode(const ProductModel& model) { return Encoder(model).run(); }

namespace {

std::string listed(const ProductModel& model, const std::vector<FeatureId>& features) {
  constexpr std::size_t kShown = 8;
  std::string out;
  for (std::size_t i = 0; i < std::min(features.size(), kShown); ++i)
    out += (i == 0 ? "" : ", ") + quoted_name(model.name(features[i]));
  if (features.size() > kShown) out += " and " + std::to_string(features.size() - kShown) + " more";
  return out;
}

std::string group_text(const Group& group, const ProductModel& model) {
  const std::string owner = quoted_name(model.name(group.owner));
  std::string many = "between " + std::to_string(group.lower) + " and " + std::to_string(group.upper);
  if (group.lower == group.upper) many = "exactly " + std::to_string(group.lower);
  if (group.lower == 1 && group.upper == 1) many = "exactly one";
  if (group.lower == 1 && group.upper == group.members.size()) many = "at least one";
  return owner + " needs " + many + " of " + listed(model, group.members);
}

}  // namespace

int line_of(const Rule& rule, const ProductModel& model) {
  switch (rule.kind) {
    case RuleKind::constraint:
      return model.constraints()[rule.subject].line;
    case RuleKind::group:
      return model.groups()[rule.subject].line;
    default:
      return model.feature(rule.subject).line;
  }
}

std::string text_of(const Rule& rule, const ProductModel& model) {
  switch (rule.kind) {
    case RuleKind::constraint:
      return model.constraints()[rule.subject].text;
    case RuleKind::group:
      return group_text(model.groups()[rule.subject], model);
    case RuleKind::parent:
      return quoted_name(model.name(rule.subject)) + " needs " + quoted_name(model.name(model.parent(rule.subject)));
    case RuleKind::mandatory:
      return quoted_name(model.name(model.parent(rule.subject))) + " always has " +
             quoted_name(model.name(rule.subject));
  }
  return {};
}

std::vector<FeatureId> features_of(const Rule& rule, const ProductModel& model) {
  if (rule.kind == RuleKind::constraint) return model.constraints()[rule.subject].expression.features();
  if (rule.kind != RuleKind::group) return {model.parent(rule.subject), rule.subject};
  const Group& group = model.groups()[rule.subject];
  std::vector<FeatureId> found{group.owner};
  found.insert(found.end(), group.members.begin(), group.members.end());
  return found;
}

}  // namespace loomline::variability
