// The reader behind read_uvl: lines of the feature tree by indentation, attributes, constraints.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "expression_reader.hpp"
#include "lexer.hpp"
#include "loomline/variability/model.hpp"
#include "loomline/variability/uvl.hpp"

namespace loomline::variability {

class UvlReader {
 public:
  UvlReader(std::string_view source, const UvlLimits& limits) : source_(source), lexer_(source), limits_(limits) {}
  Result<ProductModel> read();

 private:
  // One open level of the feature tree. `child_indent` is fixed by the first child.
  struct Level {
    bool is_group;
    std::uint32_t id;
    int indent;
    int child_indent;
  };
  // A constraint inside an attribute list; read when all names are known.
  struct Deferred {
    Lexer::Place place;
  };

  Status advance() { return lexer_.next(token_); }
  Status expect(std::string_view symbol, std::string_view where);
  Status read_section();
  Status read_namespace();
  Status read_include();
  Status read_features();
  Status read_tree_line(std::vector<Level>& levels);
  Status settle_levels(std::vector<Level>& levels);
  Status read_group(std::vector<Level>& levels);
  Status read_cardinality(Group& group);
  Status read_bound(std::uint32_t& bound, bool& star);
  Status read_feature(std::vector<Level>& levels);
  Status read_feature_head(Feature& feature);
  Status read_feature_tail(Feature& feature);
  Status read_attributes(Attributes& into, std::size_t depth, bool of_feature, Feature* feature);
  Status read_value(AttributeValue& value, std::size_t depth);
  Status read_list(AttributeValue& value, std::size_t depth);
  Status defer_constraints(bool list);
  Status read_constraints();
  Status read_constraint();
  Status read_deferred();
  Status check_groups();
  Result<FeatureId> resolve(const Token& token) const;
  Status take_name(std::string& name, std::string_view what);

  std::string_view source_;
  Lexer lexer_;
  UvlLimits limits_;
  Token token_;
  std::string name_space_;
  std::vector<Feature> features_;
  std::vector<Group> groups_;
  std::vector<Constraint> constraints_;
  std::vector<Deferred> deferred_;
  std::map<std::string, FeatureId, std::less<>> names_;
  std::size_t attributes_ = 0;
  std::size_t nodes_left_ = 0;
  bool has_features_ = false;
  bool has_constraints_ = false;
};

}  // namespace loomline::variability
