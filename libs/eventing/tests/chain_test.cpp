// Holes in chains, topics that are wiped or made anew: what can be refilled is, what cannot is said and passed over.
#include "tests/rig.hpp"

namespace loomline::eventing {
namespace {

class ChainTest : public RigTest {
 protected:
  static void fill_boxes(Runtime& from, int count, int times) {
    for (int i = 0; i < times; ++i) {
      for (int box = 0; box < count; ++box) {
        ASSERT_TRUE(from.execute<FillResponse>("Fill", fill("box_" + std::to_string(box), 1), {}).ok());
      }
    }
  }
  // Every box counts `total`, and each of its events once.
  static bool all_count(Runtime& to, int count, int total, int seconds = 60) {
    return eventually(
        [&] {
          for (int box = 0; box < count; ++box) {
            if (state_of(to, "shadow", "box_" + std::to_string(box)).tags_size() < total) return false;
          }
          return true;
        },
        seconds);
  }
  static void expect_exactly(Runtime& to, int count, int total) {
    for (int box = 0; box < count; ++box) {
      const auto state = state_of(to, "shadow", "box_" + std::to_string(box));
      EXPECT_EQ(state.total(), total);
      EXPECT_EQ(state.tags_size(), total);
    }
  }
};

TEST_F(ChainTest, AHoleBehindALostTailIsRefilledOnLease) {
  auto from = start(alpha());
  auto to = start(beta());
  fill_boxes(*from, 1, 1);
  ASSERT_TRUE(all_count(*to, 1, 1));
  to.reset();
  fill_boxes(*from, 1, 3);  // seqs 3 to 5
  from.reset();
  make_anew("t.box");
  say("t.box", "alpha", "box_0", 5, make<BoxFilled>("box_0", 1, "t"));  // newer than what was lost
  to = start(beta());
  from = start(alpha());
  ASSERT_TRUE(all_count(*to, 1, 4));
  fill_boxes(*from, 1, 1);
  ASSERT_TRUE(all_count(*to, 1, 5));
  expect_exactly(*to, 1, 5);
}

TEST_F(ChainTest, AGapThatAConsumerReportsIsRefilled) {
  auto from = start(alpha());
  auto to = start(beta());
  fill_boxes(*from, 1, 1);
  ASSERT_TRUE(all_count(*to, 1, 1));
  to.reset();
  fill_boxes(*from, 1, 3);
  ASSERT_TRUE(eventually([&] { return from->activity()->outbox_pending() == 0; }));
  delete_records("t.box", "box_0");
  fill_boxes(*from, 1, 1);
  to = start(beta());
  ASSERT_TRUE(all_count(*to, 1, 5));
  expect_exactly(*to, 1, 5);
  EXPECT_TRUE(eventually([&] { return to->activity()->alarms_size() == 0; }));
}

TEST_F(ChainTest, ATopicThatIsMadeAnewUnderwayIsRefilledAndReadFromItsStart) {
  auto from = start(alpha());
  auto to = start(beta());
  fill_boxes(*from, 8, 5);
  ASSERT_TRUE(all_count(*to, 8, 5));
  make_anew("t.box");
  fill_boxes(*from, 8, 1);
  ASSERT_TRUE(all_count(*to, 8, 6, 120));
  expect_exactly(*to, 8, 6);
  // What a new reader finds is the whole story.
  std::mutex mutex;
  std::set<std::string> ids;
  const auto reader = tail(options_.kafka, options_.installation, {"t.box"}, true, [&](const TailedEvent& event) {
    const std::lock_guard lock(mutex);
    ids.insert(event.id);
  });
  EXPECT_TRUE(eventually([&] {
    const std::lock_guard lock(mutex);
    return ids.size() == 8 * 7;  // an opening and six fills each
  })) << ids.size();
  EXPECT_TRUE(eventually([&] { return quiet({from.get(), to.get()}); }));
}

TEST_F(ChainTest, ATopicThatIsMadeAnewInTheNightIsRefilledAndReadFromItsStart) {
  auto from = start(alpha());
  auto to = start(beta());
  fill_boxes(*from, 8, 5);
  ASSERT_TRUE(all_count(*to, 8, 5));
  from.reset();
  to.reset();
  make_anew("t.box");
  to = start(beta());
  from = start(alpha());
  fill_boxes(*from, 8, 1);
  ASSERT_TRUE(all_count(*to, 8, 6));
  expect_exactly(*to, 8, 6);
}

// Neither its end nor its beginning tells that it is another topic: the numbers of the chain do.
TEST_F(ChainTest, ATopicThatWasMadeAnewAndHasOutgrownThePositionIsReadFromTheGapOn) {
  auto from = start(alpha());
  auto to = start(beta());
  fill_boxes(*from, 1, 1);  // seqs 1 and 2
  ASSERT_TRUE(all_count(*to, 1, 1));
  from.reset();
  to.reset();
  make_anew("t.box");
  for (int seq = 3; seq <= 12; ++seq) say("t.box", "alpha", "box_0", seq, make<BoxFilled>("box_0", 1, "t"));
  to = start(beta());
  ASSERT_TRUE(all_count(*to, 1, 11));
  expect_exactly(*to, 1, 11);
  EXPECT_EQ(to->activity()->alarms_size(), 0);
}

TEST_F(ChainTest, WhatTheOutboxNoLongerHoldsIsSaidAndPassedOverByAnOperator) {
  auto from = start(alpha());
  auto to = start(beta());
  fill_boxes(*from, 1, 1);
  ASSERT_TRUE(all_count(*to, 1, 1));
  to.reset();
  fill_boxes(*from, 1, 3);  // seqs 3 to 5
  ASSERT_TRUE(eventually([&] { return from->activity()->outbox_pending() == 0; }));
  delete_records("t.box", "box_0");
  database("alpha").exec_script("DELETE FROM outbox WHERE seq <= 4");
  fill_boxes(*from, 1, 1);  // 6
  to = start(beta());
  ASSERT_TRUE(eventually([&] { return to->activity()->alarms_size() == 1; }));
  EXPECT_NE(to->activity()->alarms(0).find("t.box/"), std::string::npos);
  const int partition = lane_of("box_0", options_.partitions);
  const auto hole = [&] {
    const auto listed = from->chains("t.box");
    for (const auto& chain : listed->chains()) {
      if (chain.partition() == partition && chain.holes_size() > 0) return chain.holes(0);
    }
    return common::v1::ChainHole();
  };
  ASSERT_TRUE(eventually([&] { return hole().first_seq() == 3; }));
  EXPECT_EQ(hole().last_seq(), 4);
  EXPECT_EQ(state_of(*to, "shadow", "box_0").total(), 1) << "nothing beyond a gap is applied";

  common::v1::RefillChainRequest refill;
  refill.set_topic("t.box");
  refill.set_partition(partition);
  refill.set_from_seq(3);
  EXPECT_EQ(from->refill(refill).status().reason(), "OUTBOX_TRIMMED");
  common::v1::SkipChainRequest skip;
  skip.set_topic("t.box");
  skip.set_partition(partition);
  skip.set_source("alpha");
  skip.set_epoch(1);
  skip.set_to_seq(4);
  EXPECT_EQ(to->skip(skip).status().violations().at(0).field, "note");
  skip.set_note("the disk of 7 May");
  const auto skipped = to->skip(skip);
  ASSERT_TRUE(skipped.ok()) << skipped.status().to_string();
  EXPECT_EQ(skipped->reached(), 4);
  EXPECT_EQ(skipped->skips(0).after_seq(), 2);
  EXPECT_EQ(skipped->skips(0).note(), "the disk of 7 May");
  ASSERT_TRUE(all_count(*to, 1, 3)) << "5 and 6";
  expect_exactly(*to, 1, 3);
  EXPECT_EQ(to->skip(skip).status().reason(), "CHAIN_ALREADY_THERE");
  EXPECT_TRUE(eventually([&] { return to->activity()->alarms_size() == 0; }));
}

TEST_F(ChainTest, AnOperatorMaySendAChainAgain) {
  auto from = start(alpha());
  fill_boxes(*from, 1, 3);
  ASSERT_TRUE(eventually([&] { return from->activity()->outbox_pending() == 0; }));
  delete_records("t.box", "box_0");
  common::v1::RefillChainRequest refill;
  refill.set_topic("t.box");
  refill.set_partition(lane_of("box_0", options_.partitions));
  refill.set_from_seq(2);
  ASSERT_TRUE(from->refill(refill).ok());
  std::atomic<int> events = 0;
  const auto reader =
      tail(options_.kafka, options_.installation, {"t.box"}, true, [&](const TailedEvent&) { ++events; });
  EXPECT_TRUE(eventually([&] { return events == 3; })) << events;
  refill.set_partition(99);
  EXPECT_EQ(from->refill(refill).status().reason(), "CHAIN_UNKNOWN");
}

// A broker that refuses a chain's events must be heard of, and hold up nothing else.
TEST_F(ChainTest, AChainThatPublishesNothingSaysSo) {
  auto from = start(alpha());
  auto to = start(beta());
  fill_boxes(*from, 8, 1);
  ASSERT_TRUE(all_count(*to, 8, 1));
  const auto client = kafka::Config(options_.kafka, "test").producer();
  auto* config = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, (options_.installation + "t.box").c_str());
  rd_kafka_ConfigResource_set_config(config, "max.message.bytes", "1000");
  const kafka::Queue queue(rd_kafka_queue_new(client.get()));
  rd_kafka_AlterConfigs(client.get(), &config, 1, nullptr, queue.get());
  if (auto* event = rd_kafka_queue_poll(queue.get(), 10000); event != nullptr) rd_kafka_event_destroy(event);
  rd_kafka_ConfigResource_destroy(config);
  // The broker may take a moment to do as it was told: what is heard came before.
  for (int large = 1; large <= 20; ++large) {
    ASSERT_TRUE(from->execute<FillResponse>("Fill", fill("box_0", 1, std::string(2000, 'x')), {}).ok());
    if (!eventually([&] { return state_of(*to, "shadow", "box_0").total() == 1 + large; }, 1)) break;
  }
  ASSERT_TRUE(eventually([&] { return from->activity()->alarms_size() == 1; }, 40));
  EXPECT_NE(from->activity()->alarms(0).find("has published nothing since"), std::string::npos);
  // Another partition's box goes on.
  std::string other = "box_1";
  for (int i = 2; lane_of(other, options_.partitions) == lane_of("box_0", options_.partitions); ++i)
    other = "box_" + std::to_string(i);
  ASSERT_TRUE(from->execute<FillResponse>("Fill", fill(other, 1), {}).ok());
  EXPECT_TRUE(eventually([&] { return state_of(*to, "shadow", other).total() == 2; }));
}

}  // namespace
}  // namespace loomline::eventing
