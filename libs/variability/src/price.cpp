#include "loomline/variability/price.hpp"

#include <algorithm>
#include <array>

namespace loomline::variability {

std::optional<int> minor_digits(std::string_view currency) {
  static constexpr std::array<std::string_view, 22> two{"EUR", "USD", "CNY", "GBP", "CHF", "SEK", "NOK", "DKK",
                                                        "PLN", "CZK", "HUF", "RON", "CAD", "AUD", "NZD", "SGD",
                                                        "HKD", "INR", "BRL", "MXN", "ZAR", "TRY"};
  static constexpr std::array<std::string_view, 4> none{"JPY", "KRW", "VND", "CLP"};
  static constexpr std::array<std::string_view, 4> three{"KWD", "BHD", "OMR", "TND"};
  const auto in = [&](const auto& list) { return std::find(list.begin(), list.end(), currency) != list.end(); };
  if (in(two)) return 2;
  if (in(none)) return 0;
  if (in(three)) return 3;
  return std::nullopt;
}

namespace {

// The price of one feature, 0 where it has none.
Result<std::int64_t> feature_price(const ProductModel& model, FeatureId id, const PriceRule& rule) {
  const AttributeValue* value = find_attribute(model.feature(id).attributes, rule.attribute);
  if (value == nullptr) return std::int64_t{0};
  const auto amount = value->kind == AttributeValue::Kind::number ? value->number.at_scale(rule.scale) : std::nullopt;
  if (amount) return *amount;
  return Status(Code::invalid_argument, "PRICE_NOT_EXACT",
                "The price of \"" + model.name(id) + "\" is not an amount of the currency.")
      .with({"line " + std::to_string(model.feature(id).line),
             "the attribute " + rule.attribute + " of \"" + model.name(id) + "\" is no number of at most " +
                 std::to_string(rule.scale) + " decimals",
             "give the price with at most " + std::to_string(rule.scale) + " decimals"});
}

Status overflow() {
  return {Code::out_of_range, "PRICE_OVERFLOW",
          "The prices add up to more than an amount can hold; correct the prices."};
}

}  // namespace

Result<Price> price_of(const ProductModel& model, const Configuration& configuration, const PriceRule& rule) {
  Price price;
  price.base_minor = price.total_minor = rule.base_minor;
  for (const FeatureId id : configuration.features()) {
    Result<std::int64_t> amount = feature_price(model, id, rule);
    if (!amount.ok()) return amount.status();
    if (*amount == 0) continue;
    price.lines.push_back({id, *amount});
    if (__builtin_add_overflow(price.total_minor, *amount, &price.total_minor)) return overflow();
  }
  return price;
}

Status check_prices(const ProductModel& model, const PriceRule& rule) {
  std::int64_t up = rule.base_minor;
  std::int64_t down = rule.base_minor;
  for (FeatureId id = 0; id < model.features().size(); ++id) {
    Result<std::int64_t> amount = feature_price(model, id, rule);
    if (!amount.ok()) return amount.status();
    std::int64_t& side = *amount > 0 ? up : down;
    if (__builtin_add_overflow(side, *amount, &side)) return overflow();
  }
  return {};
}

}  // namespace loomline::variability
