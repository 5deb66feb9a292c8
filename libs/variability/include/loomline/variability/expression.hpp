// Boolean expressions over features. Nodes lie in one array, operands before the node that uses them, so that every
// walk is a loop: the depth of hostile input costs memory, never stack.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace loomline::variability {

using FeatureId = std::uint32_t;  // index in ProductModel::features()

enum class Operator : std::uint8_t { feature, negation, conjunction, disjunction, implication, equivalence };

struct Node {
  Operator op = Operator::feature;
  std::uint32_t left = 0;   // feature: the FeatureId; negation: its operand; else the left operand (node index)
  std::uint32_t right = 0;  // right operand (node index)
  bool operator==(const Node&) const = default;
};

struct Expression {
  std::vector<Node> nodes;  // the root is the last; empty: no condition, always true

  bool empty() const { return nodes.empty(); }
  std::uint32_t root() const { return static_cast<std::uint32_t>(nodes.size() - 1); }
  // `selected[feature]` for every feature that occurs. Linear in the number of nodes.
  bool evaluate(const std::vector<bool>& selected) const;
  // The features that occur, sorted, once each.
  std::vector<FeatureId> features() const;
  bool operator==(const Expression&) const = default;
};

// UVL text with as few parentheses as the precedence (! & | => <=>, left associative) needs.
std::string to_string(const Expression& expression, const std::function<std::string(FeatureId)>& name);

// A feature's name as UVL writes it: bare where the grammar allows it, else in double quotes.
std::string quoted_name(std::string_view name);

}  // namespace loomline::variability
