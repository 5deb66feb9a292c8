#include "loomline/variability/expression.hpp"

#include <algorithm>
#include <array>

#include "lexer.hpp"

namespace loomline::variability {

bool Expression::evaluate(const std::vector<bool>& selected) const {
  if (nodes.empty()) return true;
  std::vector<bool> value(nodes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const Node& node = nodes[i];
    switch (node.op) {
      case Operator::feature:
        value[i] = selected.at(node.left);
        break;
      case Operator::negation:
        value[i] = !value[node.left];
        break;
      case Operator::conjunction:
        value[i] = value[node.left] && value[node.right];
        break;
      case Operator::disjunction:
        value[i] = value[node.left] || value[node.right];
        break;
      case Operator::implication:
        value[i] = !value[node.left] || value[node.right];
        break;
      case Operator::equivalence:
        value[i] = value[node.left] == value[node.right];
        break;
    }
  }
  return value.back();
}

std::vector<FeatureId> Expression::features() const {
  std::vector<FeatureId> found;
  for (const Node& node : nodes)
    if (node.op == Operator::feature) found.push_back(node.left);
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

namespace {

int precedence(Operator op) {
  switch (op) {
    case Operator::equivalence:
      return 1;
    case Operator::implication:
      return 2;
    case Operator::disjunction:
      return 3;
    case Operator::conjunction:
      return 4;
    case Operator::negation:
      return 5;
    case Operator::feature:
      return 6;
  }
  return 6;
}

std::string_view symbol(Operator op) {
  switch (op) {
    case Operator::equivalence:
      return " <=> ";
    case Operator::implication:
      return " => ";
    case Operator::disjunction:
      return " | ";
    default:
      return " & ";
  }
}

// What is still to be written: a node, or a piece of text when node is kText.
struct Pending {
  static constexpr std::uint32_t kText = 0xffffffffU;
  std::uint32_t node;
  std::string_view text;
};

}  // namespace

std::string to_string(const Expression& expression, const std::function<std::string(FeatureId)>& name) {
  std::string out;
  if (expression.empty()) return out;
  std::vector<Pending> stack{{expression.root(), {}}};
  // Left associative: a right operand of the same precedence needs its parentheses.
  const auto push_operand = [&](std::uint32_t index, int outer, bool right) {
    const int inner = precedence(expression.nodes[index].op);
    const bool wrap = inner < outer || (right && inner == outer);
    if (wrap) stack.push_back({Pending::kText, ")"});
    stack.push_back({index, {}});
    if (wrap) stack.push_back({Pending::kText, "("});
  };
  while (!stack.empty()) {
    const Pending next = stack.back();
    stack.pop_back();
    if (next.node == Pending::kText) {
      out += next.text;
      continue;
    }
    const Node& node = expression.nodes[next.node];
    if (node.op == Operator::feature) {
      out += name(node.left);
    } else if (node.op == Operator::negation) {
      out += '!';
      push_operand(node.left, precedence(node.op), false);
    } else {
      push_operand(node.right, precedence(node.op), true);
      stack.push_back({Pending::kText, symbol(node.op)});
      push_operand(node.left, precedence(node.op), false);
    }
  }
  return out;
}

std::string quoted_name(std::string_view name) {
  bool bare = !name.empty() && is_name_start(name.front()) && !is_reserved(name);
  for (const char c : name) bare = bare && is_name_part(c) && c != '\'';
  return bare ? std::string(name) : '"' + std::string(name) + '"';
}

}  // namespace loomline::variability
