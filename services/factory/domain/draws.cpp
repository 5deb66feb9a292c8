#include "loomline/factory/draws.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "loomline/base/hash.hpp"

namespace loomline::factory {

std::uint64_t Draws::bits(std::string_view name) const {
  std::string text = std::to_string(seed_);
  text += '/';
  text += name;
  const auto digest = sha256(text);
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value = value << 8 | digest[i];
  return value;
}

double Draws::uniform(std::string_view name) const { return static_cast<double>(bits(name) >> 11) * 0x1.0p-53; }

std::uint64_t Draws::below(std::string_view name, std::uint64_t bound) const {
  return std::min(static_cast<std::uint64_t>(uniform(name) * static_cast<double>(bound)), bound - 1);
}

bool Draws::chance(std::string_view name, unsigned permille) const { return below(name, 1000) < permille; }

double Draws::normal(std::string_view name) const {
  const std::string text(name);
  const double radius = std::sqrt(-2 * std::log(1 - uniform(text + "/radius")));
  return std::clamp(radius * std::cos(2 * std::numbers::pi * uniform(text + "/angle")), -4.0, 4.0);
}

double Draws::spread(std::string_view name, double variation) const {
  const double sigma = std::sqrt(std::log1p(variation * variation));
  return std::exp(sigma * normal(name) - sigma * sigma / 2);
}

}  // namespace loomline::factory
