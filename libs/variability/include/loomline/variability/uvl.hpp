// Reads the Universal Variability Language, Boolean level (feature tree, group cardinality, attributes, constraints
// with ! & | => <=>). What the typed and arithmetic levels add is refused by name. Linear in the size of the source,
// no recursion that the source controls.
#pragma once

#include <cstddef>
#include <string_view>

#include "loomline/base/status.hpp"
#include "loomline/variability/model.hpp"

namespace loomline::variability {

struct UvlLimits {
  std::size_t bytes = std::size_t{16} << 20;
  std::size_t features = 200'000;
  std::size_t groups = 200'000;
  std::size_t constraints = 200'000;
  std::size_t expression_nodes = 4'000'000;  // all constraints together
  std::size_t tree_depth = 1'000;
  std::size_t expression_depth = 100'000;  // parentheses open at once
  std::size_t attributes = 1'000'000;
  std::size_t attribute_depth = 16;
  std::size_t name_bytes = 1'000;
  std::size_t cardinality_terms = 4'000'000;  // sum over groups of members x upper bound
};

// Errors are invalid_argument: UVL_SYNTAX, UVL_LEVEL (beyond the Boolean level), UVL_NAME (unknown or twice),
// UVL_LIMIT; each with one Violation whose field is "line L, column C" (column in bytes, from 1).
Result<ProductModel> read_uvl(std::string_view source, const UvlLimits& limits = {});

// One expression in constraint syntax over the features of `model`, e.g. of a BOM line's condition. Blank text is the
// empty expression, which is always true.
Result<Expression> read_expression(std::string_view text, const ProductModel& model, const UvlLimits& limits = {});

}  // namespace loomline::variability
