#include "loomline/variability/model.hpp"

#include <algorithm>

#include "canonical.hpp"
#include "loomline/base/hash.hpp"

namespace loomline::variability {

ProductModel::ProductModel(std::string name_space, std::vector<Feature> features, std::vector<Group> groups,
                           std::vector<Constraint> constraints)
    : name_space_(std::move(name_space)),
      features_(std::move(features)),
      groups_(std::move(groups)),
      constraints_(std::move(constraints)) {
  for (FeatureId id = 0; id < features_.size(); ++id) by_name_.emplace(features_[id].name, id);
  canonical_ = canonical_text(*this);
  hash_ = sha256_hex(canonical_);
}

FeatureId ProductModel::parent(FeatureId id) const {
  const GroupId group = features_[id].group;
  return group == kNone ? kNone : groups_[group].owner;
}

std::optional<FeatureId> ProductModel::find(std::string_view name) const {
  const auto at = by_name_.find(name);
  return at == by_name_.end() ? std::nullopt : std::optional(at->second);
}

Result<FeatureId> ProductModel::require(std::string_view name, std::string_view field) const {
  if (const auto id = find(name)) return *id;
  std::string remedy;
  for (const std::string& candidate : nearest(name, 3)) remedy += (remedy.empty() ? "\"" : ", \"") + candidate + "\"";
  const std::string shown(name.substr(0, 100));
  return Status(Code::invalid_argument, "FEATURE_UNKNOWN", "The product has no feature \"" + shown + "\".")
      .with({std::string(field), "\"" + shown + "\" is no feature of this product",
             remedy.empty() ? "name a feature of the model" : "did you mean " + remedy + "?"});
}

namespace {

char folded(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Levenshtein distance over the first 64 bytes; `row` is scratch.
std::size_t distance(std::string_view a, std::string_view b, std::vector<std::size_t>& row) {
  a = a.substr(0, 64);
  b = b.substr(0, 64);
  row.resize(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitute = diagonal + (folded(a[i - 1]) == folded(b[j - 1]) ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substitute});
    }
  }
  return row[b.size()];
}

}  // namespace

std::vector<std::string> ProductModel::nearest(std::string_view name, std::size_t count) const {
  std::vector<std::pair<std::size_t, FeatureId>> ranked;
  std::vector<std::size_t> row;
  // What has less than half of its letters in common was not meant.
  for (FeatureId id = 0; id < features_.size(); ++id)
    if (const auto far = distance(name, features_[id].name, row); 2 * far <= std::min<std::size_t>(name.size(), 64) + 1)
      ranked.emplace_back(far, id);
  std::sort(ranked.begin(), ranked.end());
  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::min(count, ranked.size()); ++i) names.push_back(features_[ranked[i].second].name);
  return names;
}

std::optional<Decimal> ProductModel::number(FeatureId id, std::string_view attribute) const {
  const AttributeValue* value = find_attribute(features_[id].attributes, attribute);
  if (value == nullptr || value->kind != AttributeValue::Kind::number) return std::nullopt;
  return value->number;
}

}  // namespace loomline::variability
