// Reads one Boolean expression from a token stream, with stacks of its own instead of recursion.
#pragma once

#include <functional>
#include <vector>

#include "lexer.hpp"
#include "loomline/variability/expression.hpp"
#include "loomline/variability/uvl.hpp"

namespace loomline::variability {

class ExpressionReader {
 public:
  using Resolve = std::function<Result<FeatureId>(const Token&)>;
  ExpressionReader(Lexer& lexer, const UvlLimits& limits, Resolve resolve)
      : lexer_(lexer), limits_(limits), resolve_(std::move(resolve)) {}

  // `token` is the first of the expression on entry and the first behind it on return. The expression ends before a
  // token that starts a line (outside of parentheses), a ',' a ']' or a '}', or the end. `nodes_left` is counted down.
  Status read(Token& token, Expression& out, std::size_t& nodes_left);
  // Offset behind the last token of the expression just read.
  std::size_t end_offset() const { return end_offset_; }

 private:
  enum class Mark : std::uint8_t { open, negation, conjunction, disjunction, implication, equivalence };
  struct Pending {
    Mark mark;
    Token token;
  };

  bool ends(const Token& token) const;
  Status take_operand(const Token& token, bool& operand_wanted);
  Status take_operator(const Token& token, bool& operand_wanted);
  Status close(const Token& token);
  Status push(Mark mark, const Token& token);
  Status reduce_while(int precedence, bool right_associative);
  Status add_node(const Node& node, const Token& token);
  Status beyond_level(const Token& token) const;

  Lexer& lexer_;
  const UvlLimits& limits_;
  Resolve resolve_;
  Expression expression_;
  std::vector<Pending> operators_;
  std::vector<std::uint32_t> operands_;
  std::size_t open_ = 0;
  std::size_t end_offset_ = 0;
  std::size_t* nodes_left_ = nullptr;
};

}  // namespace loomline::variability
