// The bookkeeping of one chain, and what a tail tells, without a broker.
#include <gtest/gtest.h>

#include "src/publish/chain_tail.hpp"

namespace loomline::eventing {
namespace {

using News = ChainProgress::News;

ChainProgress leased(std::int64_t sent) {
  ChainProgress progress;
  progress.leased = true;
  progress.known = progress.sent = sent;
  return progress;
}

Delivery at(const ChainProgress& progress, std::int64_t seq, std::int64_t offset) {
  return {.seq = seq, .round = progress.round(), .offset = offset};
}

TEST(ChainProgressTest, OnlyWhatHasAPlaceInOrderCounts) {
  auto progress = leased(5);
  const ChainProgress::Clock::time_point now{};
  EXPECT_EQ(progress.delivered(at(progress, 1, 10), now), News::progress);
  EXPECT_EQ(progress.delivered(at(progress, 2, -1001), now), News::unsure) << "acknowledged without a place";
  EXPECT_EQ(progress.delivered(at(progress, 3, 12), now), News::unsure) << "out of order";
  EXPECT_EQ(progress.acked, 1);
  EXPECT_EQ(progress.end, 11);
  EXPECT_EQ(progress.delivered(at(progress, 2, 5), now), News::lost) << "a place that was taken before";
}

TEST(ChainProgressTest, AfterStartingOverEarlierReportsSayNothing) {
  auto progress = leased(5);
  const auto early = at(progress, 1, 10);
  progress.start_over(0);
  EXPECT_EQ(progress.delivered(early, {}), News::stale);
  EXPECT_EQ(progress.acked, 0);
  EXPECT_EQ(progress.delivered(at(progress, 1, 11), {}), News::progress);
}

TEST(ChainProgressTest, TheFirstMessageOfAProducerTravelsAlone) {
  auto progress = leased(0);
  EXPECT_TRUE(progress.may_send({}));
  progress.sent = 1;
  EXPECT_FALSE(progress.may_send({}));
  EXPECT_EQ(progress.delivered(at(progress, 1, 0), {}), News::progress);
  progress.sent = 2;
  EXPECT_TRUE(progress.may_send({}));
  progress.new_producer();
  progress.sent = 2;
  EXPECT_FALSE(progress.may_send({}));
  progress.look_first({});
  EXPECT_FALSE(progress.may_send({})) << "nothing is sent before the tail was looked at";
}

TEST(ReachTest, IsWhereAConsumerWouldStand) {
  const auto reach = [](std::vector<std::int64_t> seqs, std::int64_t after = -1, const Holes& holes = {}) {
    return reach_of(seqs, after, holes);
  };
  EXPECT_EQ(reach({}), 0);
  EXPECT_EQ(reach({7, 8, 9}), 9);
  EXPECT_EQ(reach({7, 7, 8, 7, 8, 9}), 9) << "duplicates";
  EXPECT_EQ(reach({5, 6, 9, 10}), 6) << "a hole";
  EXPECT_EQ(reach({5, 6, 9, 10, 7, 8, 9, 10}), 10) << "refilled";
  EXPECT_EQ(reach({8, 9, 5, 6}), 6) << "a refill that was cut off";
  EXPECT_EQ(reach({8, 9}, 5), 5);
  EXPECT_EQ(reach({8, 9}, 5, {{6, 7}}), 9) << "nobody waits for what is lost for good";
  EXPECT_EQ(reach({8, 9, 12}, 0, {{1, 7}, {10, 11}}), 12);
}

}  // namespace
}  // namespace loomline::eventing
