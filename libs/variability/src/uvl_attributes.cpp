#include <algorithm>

#include "uvl_reader.hpp"

namespace loomline::variability {

Status UvlReader::read_attributes(Attributes& into, std::size_t depth, bool of_feature, Feature* feature) {
  if (depth > limits_.attribute_depth)
    return uvl_error("UVL_LIMIT", token_, "the attributes are nested too deeply", "flatten them");
  if (Status status = advance(); !status.ok()) return status;  // the '{'
  while (!token_.is("}")) {
    const Token key = token_;
    const bool bare = key.kind == TokenKind::name;
    if (of_feature && bare && (key.text == "constraint" || key.text == "constraints")) {
      if (Status status = defer_constraints(key.text == "constraints"); !status.ok()) return status;
    } else {
      std::string name;
      AttributeValue value;
      if (Status status = take_name(name, "the name of an attribute"); !status.ok()) return status;
      if (++attributes_ > limits_.attributes)
        return uvl_error("UVL_LIMIT", key, "there are too many attributes", "split the model");
      if (!token_.is(",") && !token_.is("}"))
        if (Status status = read_value(value, depth); !status.ok()) return status;
      const bool marks_abstract = of_feature && name == "abstract" && value.kind == AttributeValue::Kind::flag;
      if (marks_abstract) feature->abstract = value.flag;
      if (!marks_abstract) into.emplace_back(std::move(name), std::move(value));
    }
    if (token_.is("}")) break;
    if (Status status = expect(",", "between attributes"); !status.ok()) return status;
  }
  const Token close = token_;
  std::sort(into.begin(), into.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (std::size_t i = 1; i < into.size(); ++i)
    if (into[i].first == into[i - 1].first)
      return uvl_error("UVL_NAME", close, "the attribute \"" + into[i].first + "\" is given twice",
                       "remove one of them");
  return advance();
}

Status UvlReader::read_value(AttributeValue& value, std::size_t depth) {
  if (token_.is("{")) {
    value.kind = AttributeValue::Kind::nested;
    return read_attributes(value.fields, depth + 1, false, nullptr);
  }
  if (token_.is("[")) return read_list(value, depth + 1);
  if (token_.kind == TokenKind::number) {
    const auto number = Decimal::parse(token_.text);
    if (!number)
      return uvl_error("UVL_LIMIT", token_, "the number has more than 18 digits", "give a number of at most 18 digits");
    value.kind = AttributeValue::Kind::number;
    value.number = *number;
  } else if (token_.kind == TokenKind::string || token_.kind == TokenKind::quoted) {
    value.kind = AttributeValue::Kind::text;
    value.text = std::string(token_.text);
  } else if (token_.kind == TokenKind::name && (token_.text == "true" || token_.text == "false")) {
    value.kind = AttributeValue::Kind::flag;
    value.flag = token_.text == "true";
  } else {
    return uvl_error("UVL_SYNTAX", token_, "the value of an attribute is expected here, not " + describe(token_),
                     "give a number, true, false, a text in quotes, a list [..] or nested attributes {..}");
  }
  return advance();
}

Status UvlReader::read_list(AttributeValue& value, std::size_t depth) {
  if (depth > limits_.attribute_depth)
    return uvl_error("UVL_LIMIT", token_, "the attributes are nested too deeply", "flatten them");
  value.kind = AttributeValue::Kind::list;
  if (Status status = advance(); !status.ok()) return status;
  while (!token_.is("]")) {
    if (++attributes_ > limits_.attributes)
      return uvl_error("UVL_LIMIT", token_, "there are too many attributes", "split the model");
    AttributeValue item;
    if (Status status = read_value(item, depth); !status.ok()) return status;
    value.items.push_back(std::move(item));
    if (token_.is("]")) break;
    if (Status status = expect(",", "between the items of a list"); !status.ok()) return status;
  }
  return advance();
}

// Remembers where the expressions begin and steps over them: the names in them may stand further down.
Status UvlReader::defer_constraints(bool list) {
  if (list) {
    if (Status status = advance(); !status.ok()) return status;
    if (!token_.is("["))
      return uvl_error("UVL_SYNTAX", token_, "'[' is expected behind \"constraints\"",
                       "write constraints [A => B, ..]");
  }
  std::size_t depth = 0;
  bool begins = true;  // an expression begins behind the token just passed
  for (;;) {
    if (begins) deferred_.push_back({lexer_.place()});
    begins = false;
    if (Status status = advance(); !status.ok()) return status;
    if (token_.kind == TokenKind::end)
      return uvl_error("UVL_SYNTAX", token_, "the attribute list is never closed", "close it with '}'");
    if (token_.is("(")) ++depth;
    if (token_.is(")") && depth > 0) --depth;
    if (depth > 0) continue;
    if (list && token_.is("]")) return advance();
    if (!list && (token_.is(",") || token_.is("}"))) return {};
    begins = list && token_.is(",");
  }
}

Status UvlReader::read_deferred() {
  for (const Deferred& deferred : deferred_) {
    lexer_.go_to(deferred.place);
    if (Status status = advance(); !status.ok()) return status;
    if (token_.is("]")) continue;  // an empty list
    if (Status status = read_constraint(); !status.ok()) return status;
  }
  return {};
}

Status UvlReader::read_constraints() {
  has_constraints_ = true;
  if (!has_features_)
    return uvl_error("UVL_SYNTAX", token_, "the constraints stand before the features", "write the features first");
  if (Status status = advance(); !status.ok()) return status;
  while (token_.kind != TokenKind::end && !(token_.starts_line && token_.indent == 0)) {
    if (!token_.starts_line)
      return uvl_error("UVL_SYNTAX", token_, "the end of the constraint is expected, not " + describe(token_),
                       "write each constraint on a line of its own");
    if (Status status = read_constraint(); !status.ok()) return status;
  }
  return {};
}

Status UvlReader::read_constraint() {
  static constexpr std::size_t kShown = 400;
  const Token first = token_;
  if (constraints_.size() >= limits_.constraints)
    return uvl_error("UVL_LIMIT", first, "there are too many constraints", "split the model");
  Constraint constraint;
  constraint.line = first.line;
  ExpressionReader reader(lexer_, limits_, [this](const Token& token) { return resolve(token); });
  if (Status status = reader.read(token_, constraint.expression, nodes_left_); !status.ok()) return status;
  const std::string_view text = source_.substr(first.offset, reader.end_offset() - first.offset);
  std::size_t cut = std::min(text.size(), kShown);
  while (cut > 0 && cut < text.size() && (static_cast<unsigned char>(text[cut]) & 0xC0U) == 0x80U) --cut;
  constraint.text = std::string(text.substr(0, cut)) + (cut < text.size() ? " ..." : "");
  constraints_.push_back(std::move(constraint));
  return {};
}

Result<FeatureId> UvlReader::resolve(const Token& token) const {
  const auto at = names_.find(token.text);
  if (at != names_.end()) return at->second;
  return uvl_error(
      "UVL_NAME", token,
      "the constraint names the feature \"" + std::string(token.text.substr(0, 100)) + "\", which is not in the tree",
      "add the feature, or correct the name");
}

Result<Expression> read_expression(std::string_view text, const ProductModel& model, const UvlLimits& limits) {
  if (text.size() > limits.bytes) return uvl_error("UVL_LIMIT", 1, 1, "the condition is too long", "shorten it");
  if (Status status = check_text(text); !status.ok()) return status;
  Lexer lexer(text);
  Token token;
  if (Status status = lexer.next(token); !status.ok()) return status;
  Expression expression;
  if (token.kind == TokenKind::end) return expression;
  std::size_t nodes_left = limits.expression_nodes;
  ExpressionReader reader(lexer, limits, [&](const Token& name) -> Result<FeatureId> {
    return model.require(name.text, "column " + std::to_string(name.column));
  });
  if (Status status = reader.read(token, expression, nodes_left); !status.ok()) return status;
  if (token.kind != TokenKind::end)
    return uvl_error("UVL_SYNTAX", token, "the condition should end here, not go on with " + describe(token),
                     "join the parts with '&' or '|'");
  return expression;
}

}  // namespace loomline::variability
