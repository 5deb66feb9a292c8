// Seeded chance. Every draw is a function of the seed and a name, so the order in which things happen to arrive changes
// nothing: the same seed gives the same operation time to the same operation in every run.
#pragma once

#include <cstdint>
#include <string_view>

namespace loomline::factory {

class Draws {
 public:
  explicit Draws(std::uint64_t seed) : seed_(seed) {}

  std::uint64_t seed() const { return seed_; }
  // All 64 bits, from SHA-256 of the seed and the name.
  std::uint64_t bits(std::string_view name) const;
  // In [0, 1).
  double uniform(std::string_view name) const;
  // In [0, bound); bound above 0.
  std::uint64_t below(std::string_view name, std::uint64_t bound) const;
  bool chance(std::string_view name, unsigned permille) const;
  // Mean 0, standard deviation 1 (Box-Muller), cut at +-4.
  double normal(std::string_view name) const;
  // Log-normal with mean 1 and this coefficient of variation: how working times and transports really spread.
  double spread(std::string_view name, double variation) const;

 private:
  std::uint64_t seed_;
};

}  // namespace loomline::factory
