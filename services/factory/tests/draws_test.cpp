#include "loomline/factory/draws.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

namespace loomline::factory {
namespace {

TEST(Draws, AreFunctionsOfSeedAndName) {
  EXPECT_EQ(Draws(7).bits("a"), Draws(7).bits("a"));
  EXPECT_NE(Draws(7).bits("a"), Draws(8).bits("a"));
  EXPECT_NE(Draws(7).bits("a"), Draws(7).bits("b"));
}

TEST(Draws, ShareOfChancesIsTheOneAsked) {
  const Draws draws(1);
  int hits = 0;
  for (int i = 0; i < 10'000; ++i) hits += draws.chance("c" + std::to_string(i), 100) ? 1 : 0;
  EXPECT_NEAR(hits, 1000, 100);
  EXPECT_FALSE(draws.chance("never", 0));
  EXPECT_TRUE(draws.chance("always", 1000));
}

TEST(Draws, SpreadHasMeanOneAndTheAskedVariation) {
  const Draws draws(2);
  double sum = 0, squares = 0;
  constexpr int kCount = 20'000;
  for (int i = 0; i < kCount; ++i) {
    const double value = draws.spread(std::to_string(i), 0.2);
    ASSERT_GT(value, 0);
    sum += value;
    squares += value * value;
  }
  const double mean = sum / kCount;
  EXPECT_NEAR(mean, 1.0, 0.01);
  EXPECT_NEAR(std::sqrt(squares / kCount - mean * mean), 0.2, 0.01);
}

TEST(Draws, BelowStaysBelow) {
  const Draws draws(3);
  for (int i = 0; i < 1000; ++i) EXPECT_LT(draws.below(std::to_string(i), 3), 3U);
  EXPECT_EQ(draws.below("one", 1), 0U);
}

}  // namespace
}  // namespace loomline::factory
