// Prices in integer minor units, added exactly; an amount that does not fit is refused, never rounded.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loomline/base/status.hpp"
#include "loomline/variability/reasoner.hpp"

namespace loomline::variability {

// ISO 4217: the digits behind the point of a currency (EUR 2, JPY 0, KWD 3); empty for a code not listed.
std::optional<int> minor_digits(std::string_view currency);

struct PriceLine {
  FeatureId feature = 0;
  std::int64_t amount_minor = 0;
};

struct Price {
  std::int64_t base_minor = 0;
  std::vector<PriceLine> lines;  // features with a price that is not zero, in document order
  std::int64_t total_minor = 0;
};

struct PriceRule {
  std::string attribute = "Price";
  int scale = 2;
  std::int64_t base_minor = 0;  // added once, besides what the root feature carries
};

// out_of_range PRICE_OVERFLOW; invalid_argument PRICE_NOT_EXACT where an attribute is no number or finer than the
// currency, naming the feature and its line.
Result<Price> price_of(const ProductModel& model, const Configuration& configuration, const PriceRule& rule);

// The same checks over every feature, for the import of a model: the first that is wrong, else ok.
Status check_prices(const ProductModel& model, const PriceRule& rule);

}  // namespace loomline::variability
