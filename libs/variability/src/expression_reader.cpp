#include "expression_reader.hpp"

#include <algorithm>
#include <array>

namespace loomline::variability {

namespace {

int precedence_of(int mark) { return mark == 0 ? 0 : 6 - mark; }  // open 0, ! 5, & 4, | 3, => 2, <=> 1

Operator operator_of(int mark) {
  static constexpr std::array<Operator, 6> operators{Operator::feature,     Operator::negation,
                                                     Operator::conjunction, Operator::disjunction,
                                                     Operator::implication, Operator::equivalence};
  return operators[static_cast<std::size_t>(mark)];
}

bool is_arithmetic(const Token& token) {
  static constexpr std::array<std::string_view, 10> symbols{"<", ">", "<=", ">=", "==", "!=", "+", "-", "*", "/"};
  return token.kind == TokenKind::symbol && std::find(symbols.begin(), symbols.end(), token.text) != symbols.end();
}

}  // namespace

bool ExpressionReader::ends(const Token& token) const {
  if (token.kind == TokenKind::end) return true;
  if (open_ > 0) return false;
  return token.starts_line || token.is(",") || token.is("]") || token.is("}");
}

Status ExpressionReader::beyond_level(const Token& token) const {
  return uvl_error("UVL_LEVEL", token,
                   describe(token) + " belongs to the arithmetic or type level of UVL, which is not read yet",
                   "state the rule over Boolean features with ! & | => <=>, for example one feature for each value");
}

Status ExpressionReader::add_node(const Node& node, const Token& token) {
  if (*nodes_left_ == 0)
    return uvl_error("UVL_LIMIT", token, "the constraints together are too large",
                     "split the model, or raise the limit of expression nodes");
  --*nodes_left_;
  expression_.nodes.push_back(node);
  operands_.push_back(expression_.root());
  return {};
}

Status ExpressionReader::push(Mark mark, const Token& token) {
  if (operators_.size() >= limits_.expression_depth)
    return uvl_error("UVL_LIMIT", token, "the constraint is nested too deeply", "split it into several constraints");
  operators_.push_back({mark, token});
  return {};
}

Status ExpressionReader::reduce_while(int precedence, bool right_associative) {
  while (!operators_.empty()) {
    const Pending top = operators_.back();
    const int mark = static_cast<int>(top.mark);
    const int own = precedence_of(mark);
    if (own == 0 || own < precedence || (right_associative && own == precedence)) break;
    operators_.pop_back();
    Node node{operator_of(mark), 0, 0};
    if (top.mark != Mark::negation) {
      node.right = operands_.back();
      operands_.pop_back();
    }
    node.left = operands_.back();
    operands_.pop_back();
    if (Status status = add_node(node, top.token); !status.ok()) return status;
  }
  return {};
}

Status ExpressionReader::take_operand(const Token& token, bool& operand_wanted) {
  if (token.is("!")) return push(Mark::negation, token);
  if (token.is("(")) {
    ++open_;
    return push(Mark::open, token);
  }
  if (token.kind == TokenKind::number || token.kind == TokenKind::string || is_arithmetic(token))
    return beyond_level(token);
  if (token.kind != TokenKind::name && token.kind != TokenKind::quoted)
    return uvl_error("UVL_SYNTAX", token, "a feature name, '!' or '(' is expected here, not " + describe(token),
                     "complete the constraint");
  Result<FeatureId> feature = resolve_(token);
  if (!feature.ok()) return feature.status();
  operand_wanted = false;
  return add_node({Operator::feature, *feature, 0}, token);
}

Status ExpressionReader::close(const Token& token) {
  if (open_ == 0)
    return uvl_error("UVL_SYNTAX", token, "')' closes a parenthesis that was never opened",
                     "remove it, or open the parenthesis");
  if (Status status = reduce_while(1, false); !status.ok()) return status;
  operators_.pop_back();
  --open_;
  return {};
}

Status ExpressionReader::take_operator(const Token& token, bool& operand_wanted) {
  if (token.is(")")) return close(token);
  Mark mark = Mark::open;
  if (token.is("&")) mark = Mark::conjunction;
  if (token.is("|")) mark = Mark::disjunction;
  if (token.is("=>")) mark = Mark::implication;
  if (token.is("<=>")) mark = Mark::equivalence;
  if (mark == Mark::open) {
    if (is_arithmetic(token) || token.is(".")) return beyond_level(token);
    return uvl_error("UVL_SYNTAX", token, "'&', '|', '=>', '<=>' or the end is expected here, not " + describe(token),
                     "join the parts with an operator; put names with spaces in double quotes");
  }
  operand_wanted = true;
  const int precedence = precedence_of(static_cast<int>(mark));
  if (Status status = reduce_while(precedence, false); !status.ok()) return status;
  return push(mark, token);
}

Status ExpressionReader::read(Token& token, Expression& out, std::size_t& nodes_left) {
  expression_.nodes.clear();
  operators_.clear();
  operands_.clear();
  open_ = 0;
  nodes_left_ = &nodes_left;
  bool operand_wanted = true;
  bool first = true;
  while (first || !ends(token)) {
    first = false;
    Token after;
    const Token now = token;
    if (now.kind == TokenKind::end) break;
    if (Status status = lexer_.next(after); !status.ok()) return status;
    // A function such as sum( or len( is a name followed by a parenthesis.
    if (operand_wanted && now.kind == TokenKind::name && after.is("(") && (open_ > 0 || !after.starts_line))
      return beyond_level(now);
    Status status = operand_wanted ? take_operand(now, operand_wanted) : take_operator(now, operand_wanted);
    if (!status.ok()) return status;
    end_offset_ = now.offset + now.text.size() + (now.kind == TokenKind::quoted ? 2 : 0);
    token = after;
  }
  if (operand_wanted)
    return uvl_error("UVL_SYNTAX", token, "the constraint ends where a feature name is expected",
                     "complete the constraint on the line where it begins, or put it in parentheses");
  if (open_ > 0) return uvl_error("UVL_SYNTAX", token, "a parenthesis is never closed", "close it with ')'");
  if (Status status = reduce_while(1, false); !status.ok()) return status;
  out = std::move(expression_);
  return {};
}

}  // namespace loomline::variability
