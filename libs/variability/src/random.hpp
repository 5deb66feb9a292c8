// SplitMix64 (Steele, Lea, Flood 2014): a fixed sequence for a seed on every platform.
#pragma once

#include <cstdint>

namespace loomline::variability {

class SplitMix {
 public:
  explicit SplitMix(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31U);
  }
  // 0 .. bound - 1; the bias at bounds of this size (below 2^20) is under 2^-44.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  bool coin() { return (next() >> 63U) != 0; }

 private:
  std::uint64_t state_;
};

}  // namespace loomline::variability
