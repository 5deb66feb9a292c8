#include "uvl_reader.hpp"

#include <algorithm>

namespace loomline::variability {

Result<ProductModel> read_uvl(std::string_view source, const UvlLimits& limits) {
  if (source.size() > limits.bytes)
    return uvl_error("UVL_LIMIT", 1, 1, "the text has more than " + std::to_string(limits.bytes) + " bytes",
                     "split the model, or raise the limit");
  if (Status status = check_text(source); !status.ok()) return status;
  return UvlReader(source, limits).read();
}

Result<ProductModel> UvlReader::read() {
  nodes_left_ = limits_.expression_nodes;
  if (Status status = advance(); !status.ok()) return status;
  while (token_.kind != TokenKind::end)
    if (Status status = read_section(); !status.ok()) return status;
  if (!has_features_)
    return uvl_error("UVL_SYNTAX", token_, "there is no section \"features\"",
                     "begin the tree with a line \"features\" and the root feature indented below it");
  if (Status status = read_deferred(); !status.ok()) return status;
  if (Status status = check_groups(); !status.ok()) return status;
  return ProductModel(std::move(name_space_), std::move(features_), std::move(groups_), std::move(constraints_));
}

Status UvlReader::expect(std::string_view symbol, std::string_view where) {
  if (!token_.is(symbol))
    return uvl_error("UVL_SYNTAX", token_,
                     "'" + std::string(symbol) + "' is expected " + std::string(where) + ", not " + describe(token_),
                     "write '" + std::string(symbol) + "' here");
  return advance();
}

Status UvlReader::read_section() {
  const bool heading = token_.kind == TokenKind::name && token_.starts_line && token_.indent == 0;
  if (heading && token_.text == "namespace") return read_namespace();
  if (heading && token_.text == "include") return read_include();
  if (heading && token_.text == "features" && !has_features_) return read_features();
  if (heading && token_.text == "constraints" && !has_constraints_) return read_constraints();
  if (heading && token_.text == "imports")
    return uvl_error("UVL_LEVEL", token_, "\"imports\" composes several models, which is not read yet",
                     "write the imported features into this file");
  if (heading && (token_.text == "features" || token_.text == "constraints"))
    return uvl_error("UVL_SYNTAX", token_, "the section \"" + std::string(token_.text) + "\" stands here a second time",
                     "join the two sections");
  return uvl_error(
      "UVL_SYNTAX", token_,
      "a section (namespace, include, features or constraints) is expected at the margin, not " + describe(token_),
      "write the section's name without indentation, and its content indented below it");
}

Status UvlReader::take_name(std::string& name, std::string_view what) {
  const bool named = token_.kind == TokenKind::quoted || token_.kind == TokenKind::name;
  if (!named)
    return uvl_error("UVL_SYNTAX", token_, std::string(what) + " is expected here, not " + describe(token_),
                     "give a name, in double quotes where it has spaces or special characters");
  if (token_.text.empty() || token_.text.size() > limits_.name_bytes)
    return uvl_error("UVL_LIMIT", token_, token_.text.empty() ? "the name is empty" : "the name is too long",
                     "give a name of 1 to " + std::to_string(limits_.name_bytes) + " bytes");
  name = std::string(token_.text);
  return advance();
}

Status UvlReader::read_namespace() {
  if (Status status = advance(); !status.ok()) return status;
  if (token_.starts_line)
    return uvl_error("UVL_SYNTAX", token_, "\"namespace\" has no name", "write the name behind it on the same line");
  if (Status status = take_name(name_space_, "the name of the namespace"); !status.ok()) return status;
  while (!token_.starts_line) {  // a dotted name
    name_space_ += std::string(token_.text);
    if (name_space_.size() > limits_.name_bytes)
      return uvl_error("UVL_LIMIT", token_, "the namespace is too long", "shorten it");
    if (Status status = advance(); !status.ok()) return status;
  }
  return {};
}

Status UvlReader::read_include() {
  if (Status status = advance(); !status.ok()) return status;
  bool level_start = true;
  while (token_.kind != TokenKind::end && !(token_.starts_line && token_.indent == 0)) {
    if ((token_.starts_line || level_start) && token_.text != "Boolean")
      return uvl_error("UVL_LEVEL", token_, "the language level " + describe(token_) + " is not read yet",
                       "state the model on the Boolean level (Boolean, Boolean.group-cardinality)");
    level_start = false;
    if (Status status = advance(); !status.ok()) return status;
  }
  return {};
}

Status UvlReader::read_features() {
  has_features_ = true;
  if (Status status = advance(); !status.ok()) return status;
  if (!token_.starts_line || token_.indent == 0)
    return uvl_error("UVL_SYNTAX", token_, "the root feature is expected below \"features\", not " + describe(token_),
                     "write the root feature on the next line, indented");
  std::vector<Level> levels;
  while (token_.kind != TokenKind::end && token_.indent > 0)
    if (Status status = read_tree_line(levels); !status.ok()) return status;
  return {};
}

// Closes the levels that this line is not below, and checks that it stands under its siblings.
Status UvlReader::settle_levels(std::vector<Level>& levels) {
  while (!levels.empty() && levels.back().indent >= token_.indent) levels.pop_back();
  if (levels.empty()) {
    if (features_.empty()) return {};
    return uvl_error("UVL_SYNTAX", token_, "there is a second root: " + describe(token_),
                     "indent it below a group of \"" + features_.front().name + "\"");
  }
  Level& parent = levels.back();
  if (parent.child_indent < 0) parent.child_indent = token_.indent;
  if (parent.child_indent != token_.indent)
    return uvl_error("UVL_SYNTAX", token_, "the indentation fits no line above",
                     "indent it exactly as its siblings (a tab reaches to the next multiple of 8)");
  if (levels.size() >= limits_.tree_depth)
    return uvl_error("UVL_LIMIT", token_, "the tree is deeper than " + std::to_string(limits_.tree_depth) + " levels",
                     "flatten the tree");
  return {};
}

Status UvlReader::read_tree_line(std::vector<Level>& levels) {
  if (!token_.starts_line)
    return uvl_error("UVL_SYNTAX", token_, "the end of the line is expected, not " + describe(token_),
                     "begin a new line; put names with spaces in double quotes");
  if (Status status = settle_levels(levels); !status.ok()) return status;
  const bool below_feature = !levels.empty() && !levels.back().is_group;
  return below_feature ? read_group(levels) : read_feature(levels);
}

Status UvlReader::read_group(std::vector<Level>& levels) {
  Group group;
  group.owner = levels.back().id;
  group.line = token_.line;
  const Token head = token_;
  const std::string_view word = head.kind == TokenKind::name ? head.text : std::string_view{};
  if (word == "mandatory") {
    group.kind = GroupKind::mandatory;
  } else if (word == "optional") {
    group.kind = GroupKind::optional;
  } else if (word == "alternative") {
    group.kind = GroupKind::alternative;
  } else if (word == "or") {
    group.kind = GroupKind::any_of;
  } else if (head.is("[")) {
    if (Status status = read_cardinality(group); !status.ok()) return status;
  } else {
    return uvl_error("UVL_SYNTAX", head,
                     "a group (mandatory, optional, or, alternative, [n..m]) is expected below the feature \"" +
                         features_[levels.back().id].name + "\", not " + describe(head),
                     "write the group on a line of its own and its features indented below it");
  }
  if (!word.empty())
    if (Status status = advance(); !status.ok()) return status;
  if (groups_.size() >= limits_.groups)
    return uvl_error("UVL_LIMIT", head, "there are too many groups", "split the model");
  const auto id = static_cast<GroupId>(groups_.size());
  features_[group.owner].groups.push_back(id);
  levels.push_back({true, id, head.indent, -1});
  groups_.push_back(std::move(group));
  return {};
}

Status UvlReader::read_bound(std::uint32_t& bound, bool& star) {
  star = token_.is("*");
  const auto value = token_.kind == TokenKind::number ? Decimal::parse(token_.text) : std::nullopt;
  const bool whole = value && value->scale == 0 && value->mantissa >= 0 && value->mantissa <= 1'000'000;
  if (!star && !whole)
    return uvl_error("UVL_SYNTAX", token_, "a number of features or '*' is expected here, not " + describe(token_),
                     "write a cardinality as [n..m], [n] or [n..*]");
  if (whole) bound = static_cast<std::uint32_t>(value->mantissa);
  return advance();
}

Status UvlReader::read_cardinality(Group& group) {
  const Token head = token_;
  group.kind = GroupKind::cardinality;
  if (Status status = advance(); !status.ok()) return status;
  bool lower_star = false;
  if (Status status = read_bound(group.lower, lower_star); !status.ok()) return status;
  bool upper_star = lower_star;
  group.upper = group.lower;
  if (token_.is("..")) {
    if (lower_star) return uvl_error("UVL_SYNTAX", head, "the lower bound is '*'", "give the lower bound a number");
    if (Status status = advance(); !status.ok()) return status;
    if (Status status = read_bound(group.upper, upper_star); !status.ok()) return status;
  }
  if (upper_star) group.upper = kNone;  // settled when the members are known
  if (group.lower > group.upper)
    return uvl_error("UVL_SYNTAX", head, "the lower bound of the cardinality is above its upper bound",
                     "write the smaller number first");
  return expect("]", "behind a cardinality");
}

Status UvlReader::read_feature(std::vector<Level>& levels) {
  const int indent = token_.indent;
  Feature feature;
  feature.line = token_.line;
  if (!levels.empty()) feature.group = levels.back().id;
  if (Status status = read_feature_head(feature); !status.ok()) return status;
  if (Status status = read_feature_tail(feature); !status.ok()) return status;
  const auto id = static_cast<FeatureId>(features_.size());
  if (feature.group != kNone) groups_[feature.group].members.push_back(id);
  names_.emplace(feature.name, id);
  features_.push_back(std::move(feature));
  levels.push_back({false, id, indent, -1});
  return {};
}

Status UvlReader::read_feature_head(Feature& feature) {
  Token head = token_;
  if (features_.size() >= limits_.features)
    return uvl_error("UVL_LIMIT", head, "there are more than " + std::to_string(limits_.features) + " features",
                     "split the model");
  const bool bare = head.kind == TokenKind::name;
  const bool type =
      bare && (head.text == "Boolean" || head.text == "Integer" || head.text == "Real" || head.text == "String");
  if (type) {
    if (head.text != "Boolean")
      return uvl_error("UVL_LEVEL", head,
                       "a feature of the type " + std::string(head.text) +
                           " belongs to the type level of UVL, which is not read yet",
                       "use Boolean features, for example one for each value, or an attribute {name value}");
    if (Status status = advance(); !status.ok()) return status;
    head = token_;
  } else if (bare && is_reserved(head.text)) {
    return uvl_error("UVL_SYNTAX", head,
                     "a feature name is expected here, not the word \"" + std::string(head.text) + "\"",
                     "name a feature, or put the word in double quotes if it is the feature's name");
  }
  if (Status status = take_name(feature.name, "a feature name"); !status.ok()) return status;
  if (const auto known = names_.find(feature.name); known != names_.end())
    return uvl_error("UVL_NAME", head,
                     "the feature \"" + feature.name + "\" stands in the tree twice, first in line " +
                         std::to_string(features_[known->second].line),
                     "give one of them another name");
  return {};
}

Status UvlReader::read_feature_tail(Feature& feature) {
  if (!token_.starts_line && token_.kind == TokenKind::name && token_.text == "cardinality")
    return uvl_error("UVL_LEVEL", token_,
                     "a feature cardinality belongs to the arithmetic level of UVL, which is not read yet",
                     "use a group [n..m] over several features");
  if (!token_.starts_line && token_.is("."))
    return uvl_error("UVL_LEVEL", token_, "a reference to a feature of another model is not read yet",
                     "put a name with dots in double quotes");
  if (!token_.starts_line && token_.is("{"))
    if (Status status = read_attributes(feature.attributes, 1, true, &feature); !status.ok()) return status;
  return {};
}

Status UvlReader::check_groups() {
  std::size_t terms = 0;
  for (Group& group : groups_) {
    const auto count = static_cast<std::uint32_t>(group.members.size());
    if (count == 0)
      return uvl_error("UVL_SYNTAX", group.line, 1, "the group has no features",
                       "indent its features below it, or remove it");
    const bool upper_one = group.kind == GroupKind::alternative;
    if (group.kind == GroupKind::cardinality) {
      if (group.lower > count)
        return uvl_error(
            "UVL_SYNTAX", group.line, 1,
            "the group asks for " + std::to_string(group.lower) + " of " + std::to_string(count) + " features",
            "lower the bound or add features");
      group.upper = std::min(group.upper, count);
    } else {
      group.lower = group.kind == GroupKind::mandatory ? count : group.kind == GroupKind::optional ? 0 : 1;
      group.upper = upper_one ? 1 : count;
    }
    terms += std::size_t{count} * std::max<std::uint32_t>(1, std::min(group.upper, count - group.lower + 1));
    if (terms > limits_.cardinality_terms)
      return uvl_error("UVL_LIMIT", group.line, 1, "the cardinalities together are too large", "split the group");
  }
  return {};
}

}  // namespace loomline::variability
