// When a partition that brings nothing has the consumer made anew.
#include "src/work/silences.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace loomline::eventing {
namespace {

const std::pair<std::string, int> kOne{"topic", 0}, kOther{"topic", 1};

TEST(SilencesTest, APartitionOfWhichNothingWasReadYetCountsAsAnyOther) {
  Silences silences;
  EXPECT_TRUE(silences.worth_a_new_consumer(kOne, 0, 1'000));
  EXPECT_FALSE(silences.worth_a_new_consumer(kOne, 0, 6'000));
  EXPECT_TRUE(silences.worth_a_new_consumer(kOther, 0, 6'000));
}

TEST(SilencesTest, AtTheSamePositionItIsTriedAgainEverMoreRarely) {
  Silences silences;
  std::vector<std::int64_t> tried;
  for (std::int64_t now_s = 0; now_s < 5 * 3'600; now_s += 5) {
    if (silences.worth_a_new_consumer(kOne, 7, now_s * 1'000)) tried.push_back(now_s);
  }
  EXPECT_EQ(tried, (std::vector<std::int64_t>{0, 60, 180, 420, 900, 1'860, 3'780, 7'380, 10'980, 14'580}));
}

TEST(SilencesTest, AtAnotherPositionAtOnce) {
  Silences silences;
  EXPECT_TRUE(silences.worth_a_new_consumer(kOne, 7, 0));
  EXPECT_FALSE(silences.worth_a_new_consumer(kOne, 7, 5'000));
  EXPECT_TRUE(silences.worth_a_new_consumer(kOne, 9, 10'000));
  EXPECT_FALSE(silences.worth_a_new_consumer(kOne, 9, 69'000));
  EXPECT_TRUE(silences.worth_a_new_consumer(kOne, 9, 70'000)) << "the minute begins anew with the position";
}

}  // namespace
}  // namespace loomline::eventing
