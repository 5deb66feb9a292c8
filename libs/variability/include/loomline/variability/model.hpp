// A product model: a tree of features, groups with cardinalities, attributes and cross-tree constraints. Immutable once
// built (read_uvl), so one instance may be read by any number of threads.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loomline/base/status.hpp"
#include "loomline/variability/attribute.hpp"
#include "loomline/variability/expression.hpp"

namespace loomline::variability {

using GroupId = std::uint32_t;
inline constexpr std::uint32_t kNone = 0xffffffffU;

struct Feature {
  std::string name;
  GroupId group = kNone;        // the group that it is a member of; kNone for the root
  std::vector<GroupId> groups;  // the groups below it, in the order of the source
  Attributes attributes;
  bool abstract = false;  // structure only: nothing is built for it
  int line = 0;           // in the source, from 1
};

enum class GroupKind : std::uint8_t { mandatory, optional, alternative, any_of, cardinality };  // any_of: UVL's `or`

struct Group {
  GroupKind kind = GroupKind::optional;
  FeatureId owner = 0;
  std::vector<FeatureId> members;
  std::uint32_t lower = 0;  // of the members, when the owner is selected
  std::uint32_t upper = 0;
  int line = 0;
};

struct Constraint {
  Expression expression;
  std::string text;  // as in the source, shortened past 400 bytes
  int line = 0;
};

class ProductModel {
 public:
  // Use read_uvl; this only takes what a reader has checked (features in document order, the root first).
  ProductModel(std::string name_space, std::vector<Feature> features, std::vector<Group> groups,
               std::vector<Constraint> constraints);

  const std::string& name_space() const { return name_space_; }
  const std::vector<Feature>& features() const { return features_; }
  const std::vector<Group>& groups() const { return groups_; }
  const std::vector<Constraint>& constraints() const { return constraints_; }
  const Feature& feature(FeatureId id) const { return features_[id]; }
  const std::string& name(FeatureId id) const { return features_[id].name; }
  FeatureId root() const { return 0; }
  FeatureId parent(FeatureId id) const;  // kNone for the root

  std::optional<FeatureId> find(std::string_view name) const;
  // The feature, or invalid_argument FEATURE_UNKNOWN that names the nearest feature names; `field` locates the input.
  Result<FeatureId> require(std::string_view name, std::string_view field) const;
  // At most `count` names, nearest first (edit distance, case ignored); none that is farther than half the length of
  // `name`.
  std::vector<std::string> nearest(std::string_view name, std::size_t count) const;

  // A number attribute of a feature ("Power_kW"), empty where it has none.
  std::optional<Decimal> number(FeatureId id, std::string_view attribute) const;

  // The model without layout and comments, itself UVL that reads back to the same model; and the SHA-256 of that text
  // as 64 hex digits. Two sources with the same content have the same hash.
  const std::string& canonical() const { return canonical_; }
  const std::string& hash() const { return hash_; }

 private:
  std::string name_space_;
  std::vector<Feature> features_;
  std::vector<Group> groups_;
  std::vector<Constraint> constraints_;
  std::map<std::string, FeatureId, std::less<>> by_name_;
  std::string canonical_;
  std::string hash_;
};

}  // namespace loomline::variability
