// Lanes that stand still are told by readiness, metric and activity alike.
#include "src/stall.hpp"

#include "loomline/postgres/transaction.hpp"
#include "loomline/telemetry/metrics.hpp"
#include "tests/rig.hpp"

namespace loomline::eventing {
namespace {

TEST(Stall, is_told_in_words) {
  StalledLane lane{3, "t.box", std::chrono::steady_clock::now(), {}, "", "", ""};
  EXPECT_NE(describe({lane}).find("lane 3 (t.box) has committed nothing for"), std::string::npos);
  lane.key = "box_1";
  lane.message = "BoxFilled";
  lane.reason = "the disk is full";
  const auto text = describe({lane, lane});
  EXPECT_NE(text.find("BoxFilled of box_1"), std::string::npos);
  EXPECT_NE(text.find(": the disk is full (and 1 more)"), std::string::npos) << text;
  const auto now = std::chrono::steady_clock::now();
  EXPECT_FALSE(is_stalled(now - stalled_after + std::chrono::milliseconds(1), now));
  EXPECT_TRUE(is_stalled(now - stalled_after, now));
}

class StallTest : public RigTest {
 protected:
  // Nobody can move a position of beta's until `free` is called.
  void lock_positions() {
    postgres::Options options;
    options.conninfo = postgres::with_database(options_.postgres, options_.installation + "beta");
    options.idle_in_transaction_timeout = std::chrono::milliseconds(0);
    options.statement_timeout = std::chrono::milliseconds(0);
    connection_.emplace(options);
    connection_->exec_script("BEGIN; SELECT 1 FROM consumer_offset FOR UPDATE");
  }
  void free() { connection_.reset(); }
  void TearDown() override {
    free();
    RigTest::TearDown();
  }
  std::optional<postgres::Connection> connection_;
};

std::string gauge() {
  const auto text = telemetry::render_metrics();
  const auto at = text.find("loomline_stalled{service=\"beta\"} ");
  return at == std::string::npos ? "" : text.substr(at, text.find('\n', at) - at);
}

TEST_F(StallTest, ALaneThatCommitsNothingIsNamedWithWhatIsFirstAndWhy) {
  auto says = start(alpha());
  auto hears = start(beta());
  ASSERT_TRUE(says->execute<FillResponse>("Fill", fill("box_1", 1), {}).ok());
  ASSERT_TRUE(eventually([&] { return state_of(*hears, "shadow", "box_1").total() == 1; }));
  EXPECT_EQ(hears->activity()->stalled_lanes_size(), 0);
  lock_positions();
  const auto before = wall_now();
  ASSERT_TRUE(says->execute<FillResponse>("Fill", fill("box_1", 2), {}).ok());
  ASSERT_TRUE(eventually([&] { return hears->activity()->stalled_lanes_size() == 1; }, 40));
  const auto lane = hears->activity()->stalled_lanes(0);
  EXPECT_EQ(lane.lane(), lane_of("box_1", options_.partitions));
  EXPECT_EQ(lane.source(), "t.box");
  EXPECT_EQ(lane.key(), "box_1");
  EXPECT_EQ(lane.message(), "loomline.kerneltest.v1.BoxFilled");
  EXPECT_GE(lane.since().seconds(), before.time_since_epoch().count() / 1'000'000);
  std::string why;
  EXPECT_FALSE(hears->ready(&why));
  EXPECT_NE(why.find("lane " + std::to_string(lane.lane()) + " (t.box) has committed nothing"), std::string::npos)
      << why;
  EXPECT_NE(why.find("box_1"), std::string::npos) << why;
  EXPECT_TRUE(eventually([] { return gauge().ends_with(" 1"); })) << gauge();
  // The statement gave up meanwhile, or will: what stood in the way is told, and since when it did stays.
  ASSERT_TRUE(eventually(
      [&] {
        const auto now = hears->activity();
        return now->stalled_lanes_size() == 1 && !now->stalled_lanes(0).reason().empty();
      },
      40));
  EXPECT_EQ(hears->activity()->stalled_lanes(0).since().SerializeAsString(), lane.since().SerializeAsString());
  EXPECT_TRUE(says->ready(nullptr)) << "others are not stalled by it";
  free();
  EXPECT_TRUE(eventually([&] { return state_of(*hears, "shadow", "box_1").total() == 3; }, 40));
  EXPECT_TRUE(eventually([&] { return hears->activity()->stalled_lanes_size() == 0 && hears->ready(nullptr); }));
  EXPECT_TRUE(eventually([] { return gauge().ends_with(" 0"); })) << gauge();
}

TEST_F(StallTest, ACommandThatCannotBeCommittedStallsItsLane) {
  auto runs = start(alpha());
  ASSERT_TRUE(runs->execute<FillResponse>("Fill", fill("box_1", 1), {}).ok());
  postgres::Options options;
  options.conninfo = postgres::with_database(options_.postgres, options_.installation + "alpha");
  options.idle_in_transaction_timeout = std::chrono::milliseconds(0);
  connection_.emplace(options);
  connection_->exec_script("BEGIN; SELECT 1 FROM key_state FOR UPDATE");
  std::thread caller([&] { EXPECT_TRUE(runs->execute<FillResponse>("Fill", fill("box_1", 2), {}).ok()); });
  EXPECT_TRUE(eventually([&] { return runs->activity()->stalled_lanes_size() == 1; }, 40));
  const auto activity = *runs->activity();
  free();
  caller.join();
  ASSERT_EQ(activity.stalled_lanes_size(), 1);
  EXPECT_EQ(activity.stalled_lanes(0).source(), "commands");
  EXPECT_EQ(activity.stalled_lanes(0).key(), "box_1");
  EXPECT_EQ(activity.stalled_lanes(0).message(), "Fill");
  EXPECT_TRUE(eventually([&] { return runs->activity()->stalled_lanes_size() == 0; }));
}

}  // namespace
}  // namespace loomline::eventing
