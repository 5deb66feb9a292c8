// Events that a handler ignores are passed over without a commit; their positions are stored a while later, and only
// where nobody else wrote the rows on whose word they were ignored.
#include <atomic>

#include "tests/rig.hpp"

namespace loomline::eventing {
namespace {

class IgnoredTest : public RigTest {
 protected:
  // Opens boxes and ignores what is filled into them, until it is told not to.
  Service picky() {
    Service service("beta");
    service.aggregate<BoxState>("shadow", "box")
        .on<BoxOpened>([](BoxState& state, const BoxOpened&, Step&) {
          state.set_open(true);
          return Verdict::applied();
        })
        .on<BoxFilled>([this](BoxState& state, const BoxFilled& event, Step&) {
          ++calls;
          if (ignore) return Verdict::ignored();
          state.set_total(state.total() + event.amount());
          return Verdict::applied();
        });
    return service;
  }
  std::int64_t stored_position(const std::string& key) {
    auto connection = database("beta");
    return connection
        .exec("SELECT next_offset FROM consumer_offset WHERE topic = 't.box' AND partition = $1::bigint",
              lane_of(key, options_.partitions))
        .one()
        .int64(0);
  }
  void open_box() {
    make_topics();
    say("t.box", "alpha", "box_1", 1, make<BoxOpened>("box_1", 0, ""));
  }
  std::atomic<int> calls = 0;
  std::atomic<bool> ignore = true;
};

TEST_F(IgnoredTest, ArePassedOverAndTheirPositionIsStoredAWhileLater) {
  open_box();
  auto service = start(picky());
  ASSERT_TRUE(eventually([&] { return state_of(*service, "shadow", "box_1").open(); }));
  // A step is counted after its commit, which is what the state shows.
  ASSERT_TRUE(eventually([&] { return service->steps() > 0; }));
  const auto steps = service->steps();
  for (int seq = 2; seq <= 6; ++seq) say("t.box", "alpha", "box_1", seq, make<BoxFilled>("box_1", 1, "a"));
  ASSERT_TRUE(eventually([&] { return calls == 5; }));
  EXPECT_TRUE(eventually([&] { return stored_position("box_1") == 6; }));
  EXPECT_EQ(calls, 5) << "each was heard once";
  EXPECT_EQ(service->steps(), steps) << "nothing was applied";
  ignore = false;
  say("t.box", "alpha", "box_1", 7, make<BoxFilled>("box_1", 10, "b"));
  ASSERT_TRUE(eventually([&] { return state_of(*service, "shadow", "box_1").total() == 10; }));
  EXPECT_EQ(stored_position("box_1"), 7);
  EXPECT_EQ(calls, 6);
}

TEST_F(IgnoredTest, AreHeardAgainAfterARestartThatCameFirst) {
  open_box();
  auto service = start(picky());
  ASSERT_TRUE(eventually([&] { return state_of(*service, "shadow", "box_1").open(); }));
  say("t.box", "alpha", "box_1", 2, make<BoxFilled>("box_1", 1, "a"));
  ASSERT_TRUE(eventually([&] { return calls == 1; }));
  service.reset();
  const bool stored = stored_position("box_1") == 2;  // a slow machine may take so long to stop
  service = start(picky());
  EXPECT_TRUE(eventually([&] { return calls == (stored ? 1 : 2); }));
  EXPECT_TRUE(eventually([&] { return stored_position("box_1") == 2; }));
}

TEST_F(IgnoredTest, AreHeardAgainWhereAnotherWroteWhatTheyWereIgnoredFor) {
  open_box();
  auto service = start(picky());
  ASSERT_TRUE(eventually([&] { return state_of(*service, "shadow", "box_1").open(); }));
  say("t.box", "alpha", "box_1", 2, make<BoxFilled>("box_1", 1, "a"));
  ASSERT_TRUE(eventually([&] { return calls == 1; }));
  // A command that another replica executed, of which nobody tells this one.
  ignore = false;
  database("beta").exec("UPDATE key_state SET version = version + 1 WHERE key = 'box_1'");
  ASSERT_TRUE(eventually([&] { return state_of(*service, "shadow", "box_1").total() == 1; }));
  EXPECT_EQ(stored_position("box_1"), 2);
  EXPECT_EQ(calls, 2);
}

TEST_F(IgnoredTest, AndTheNextCommitOfTheLaneFindsItOutToo) {
  open_box();
  auto service = start(picky());
  ASSERT_TRUE(eventually([&] { return state_of(*service, "shadow", "box_1").open(); }));
  ignore = false;
  say("t.box", "alpha", "box_1", 2, make<BoxFilled>("box_1", 1, "a"));
  ASSERT_TRUE(eventually([&] { return state_of(*service, "shadow", "box_1").total() == 1; }));
  ignore = true;
  say("t.box", "alpha", "box_1", 3, make<BoxFilled>("box_1", 2, "a"));
  ASSERT_TRUE(eventually([&] { return calls == 2; }));
  ignore = false;
  database("beta").exec("UPDATE key_state SET version = version + 1 WHERE key = 'box_1'");
  say("t.box", "alpha", "box_1", 4, make<BoxFilled>("box_1", 4, "a"));
  ASSERT_TRUE(eventually([&] { return state_of(*service, "shadow", "box_1").total() == 7; }));
  EXPECT_EQ(stored_position("box_1"), 4);
}

}  // namespace
}  // namespace loomline::eventing
