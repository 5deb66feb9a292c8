// Brokers that restart, refuse, and lose what they acknowledged.
#include "tests/conformance/conformance.hpp"

namespace loomline::eventing::conformance {
namespace {

TEST_P(Conformance, ABrokerThatRestartsLosesNothing) {
  fill_boxes(4, 3);
  at().stop_broker();
  fill_boxes(4, 3);
  EXPECT_TRUE(until_answered()) << "commands need no broker";
  at().start_broker();
  fill_boxes(4, 3);
  ASSERT_TRUE(at_rest());
  for (int i = 0; i < 4; ++i) EXPECT_EQ(tags(box(i)).size(), 9U);
}

TEST_P(Conformance, ABrokerThatRefusesAndDelaysRequestsLosesAndRepeatsNothing) {
  LOOMLINE_NEEDS(Need::wire_faults);
  at().delay_answers(std::chrono::milliseconds(15));
  for (int round = 0; round < 4; ++round) {
    at().refuse_requests(4);
    fill_boxes(4, 3);
    ASSERT_TRUE(until_answered());
  }
  ASSERT_TRUE(at_rest());
  for (int i = 0; i < 4; ++i) EXPECT_EQ(tags(box(i)).size(), 12U);
}

TEST_P(Conformance, ABrokerThatLostItsTailIsRefilled) {
  LOOMLINE_NEEDS(Need::losing);
  fill_boxes(4, 4);
  ASSERT_TRUE(at_rest());
  at().end(only("beta"));
  fill_boxes(4, 4);
  ASSERT_TRUE(until_answered());
  ASSERT_TRUE(eventually([&] { return published("alpha"); }));
  at().lose_tail("t.box", 3);
  (void)at().start("beta");
  fill_boxes(4, 2);
  ASSERT_TRUE(eventually([&] { return whole("alpha"); }));
  ASSERT_TRUE(at_rest());
  for (int i = 0; i < 4; ++i) EXPECT_EQ(tags(box(i)).size(), 10U);
}

TEST_P(Conformance, RecordsThatWereDeletedBeforeTheyWereHeardAreSentAgain) {
  LOOMLINE_NEEDS(Need::losing);
  fill_boxes(4, 2);
  ASSERT_TRUE(at_rest());
  at().end(only("beta"));
  fill_boxes(4, 3);
  ASSERT_TRUE(until_answered());
  ASSERT_TRUE(eventually([&] { return published("alpha"); }));
  at().delete_records("t.box");
  fill_boxes(4, 2);
  (void)at().start("beta");
  ASSERT_TRUE(at_rest());
  for (int i = 0; i < 4; ++i) EXPECT_EQ(tags(box(i)).size(), 7U);
}

TEST_P(Conformance, AWipedTopicIsFilledAgain) {
  LOOMLINE_NEEDS(Need::losing);
  fill_boxes(4, 4);
  ASSERT_TRUE(at_rest());
  for (const auto& [topic, owner] : {std::pair{"t.box", "alpha"}, {"t.count", "beta"}}) {
    at().wipe(topic);
    fill_boxes(4, 2);
    ASSERT_TRUE(eventually([&] { return whole(owner); })) << "a new reader of " << topic << " finds the whole story";
    ASSERT_TRUE(at_rest());
  }
  for (int i = 0; i < 4; ++i) EXPECT_EQ(tags(box(i)).size(), 8U);
}

}  // namespace
}  // namespace loomline::eventing::conformance
