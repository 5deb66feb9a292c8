// Replicas that come, go and are killed while others ask.
#include "tests/conformance/conformance.hpp"

namespace loomline::eventing::conformance {
namespace {

TEST_P(Conformance, TwoReplicasShareTheLanesWhileCommandsArriveAtEach) {
  const auto first = only("alpha");
  fill_boxes(6, 3);
  const auto second = at().start("alpha");
  const auto other_beta = at().start("beta");
  for (int i = 0; i < 30; ++i) {
    ask(fill(box(i % 6), "first"), first);
    ask(fill(box(i % 6), "second"), second);
  }
  ASSERT_TRUE(at_rest());
  at().end(first);
  at().end(other_beta);
  fill_boxes(6, 3);
  ASSERT_TRUE(at_rest());
  EXPECT_EQ(tags(box(0)).size(), 3U + 10U + 3U);
}

TEST_P(Conformance, ThreeReplicasAreKilledOneAfterTheOther) {
  const std::vector<Installation::Replica> alphas{only("alpha"), at().start("alpha"), at().start("alpha")};
  const std::vector<Installation::Replica> betas{only("beta"), at().start("beta"), at().start("beta")};
  for (std::size_t round = 0; round < 2; ++round) {
    for (int i = 0; i < 30; ++i) ask(fill(box(i % 5)), alphas[round + static_cast<std::size_t>(i) % (3 - round)]);
    at().kill(alphas[round]);
    at().kill(betas[round]);
  }
  fill_boxes(5, 2);
  ASSERT_TRUE(at_rest());
  for (int i = 0; i < 5; ++i) EXPECT_EQ(tags(box(i)).size(), 6U + 6U + 2U);
}

TEST_P(Conformance, ACrashBetweenCommitAndPublishLosesNothing) {
  fill_boxes(2, 2);
  ASSERT_TRUE(at_rest());
  for (const std::string service : {"alpha", "beta"}) {
    at().end_after_commit(only(service));
    fill_boxes(2, 1, service);
    ASSERT_TRUE(eventually([&] { return at().running(service).empty(); })) << service << " goes on";
    (void)at().start(service);
    ASSERT_TRUE(at_rest());
  }
  fill_boxes(2, 1);
  ASSERT_TRUE(at_rest());
  for (int i = 0; i < 2; ++i) EXPECT_EQ(tags(box(i)).size(), 5U);
}

TEST_P(Conformance, ACrashBetweenPublishAndWatermarkRepeatsNothing) {
  fill_boxes(2, 1);
  ASSERT_TRUE(at_rest());
  for (const std::string service : {"alpha", "beta"}) {
    at().hold_watermarks(service, true);
    fill_boxes(2, 2, service);
    const auto so_far = tags_of(box_state(at(), "alpha", "receipt", box(0))).size();
    ASSERT_TRUE(eventually([&] {
      return all_answered() && tags_of(box_state(at(), "alpha", "receipt", box(0))).size() >= so_far + 2;
    })) << "the broker has the events of " << service;
    at().kill(only(service));
    at().hold_watermarks(service, false);
    (void)at().start(service);
    ASSERT_TRUE(at_rest());
  }
  for (int i = 0; i < 2; ++i) EXPECT_EQ(tags(box(i)).size(), 5U);
}

TEST_P(Conformance, AShutdownUnderLoadLosesNothing) {
  for (const std::string service : {"beta", "alpha"}) {
    fill_boxes(6, 30, service);
    const auto leaves = only(service);
    ASSERT_TRUE(eventually([&] { return !filled(box(0)).tags().empty(); }));
    at().end(leaves);
    (void)at().start(service);
  }
  ASSERT_TRUE(at_rest());
  for (int i = 0; i < 6; ++i) EXPECT_EQ(tags(box(i)).size(), 60U);
}

}  // namespace
}  // namespace loomline::eventing::conformance
