// Databases that go away, doubt, refuse and take their time.
#include "tests/conformance/conformance.hpp"

namespace loomline::eventing::conformance {
namespace {

TEST_P(Conformance, ACommitInDoubtThatWasWrittenIsNotDoneAgain) {
  fill_boxes(2, 1);
  ASSERT_TRUE(at_rest());
  for (const std::string service : {"alpha", "beta"}) {
    at().lose_answer(only(service));
    fill_boxes(2, 3, service);
    ASSERT_TRUE(at_rest());
  }
  for (int i = 0; i < 2; ++i) EXPECT_EQ(tags(box(i)).size(), 7U);
}

TEST_P(Conformance, ACommitInDoubtThatWasNotWrittenIsDone) {
  fill_boxes(2, 1);
  ASSERT_TRUE(at_rest());
  for (const std::string service : {"alpha", "beta"}) {
    at().lose_connection(service, 2);
    fill_boxes(2, 3, service);
    ASSERT_TRUE(at_rest());
  }
  for (int i = 0; i < 2; ++i) EXPECT_EQ(tags(box(i)).size(), 7U);
}

TEST_P(Conformance, ASerializationFailureIsTriedAgain) {
  fill_boxes(2, 1);
  ASSERT_TRUE(at_rest());
  for (const std::string service : {"alpha", "beta"}) {
    at().fail_to_serialize(service, 3);
    fill_boxes(2, 3, service);
    ASSERT_TRUE(at_rest());
  }
  for (int i = 0; i < 2; ++i) EXPECT_EQ(tags(box(i)).size(), 7U);
}

TEST_P(Conformance, DatabasesThatRestartLoseNothing) {
  fill_boxes(4, 3);
  at().stop_databases();
  fill_boxes(4, 3);
  at().start_databases();
  fill_boxes(4, 3);
  ASSERT_TRUE(at_rest());
  for (int i = 0; i < 4; ++i) EXPECT_EQ(tags(box(i)).size(), 9U);
}

TEST_P(Conformance, ASlowDatabaseDelaysAndNothingElse) {
  for (const std::string service : {"alpha", "beta"}) {
    at().slow_down(service, true);
    fill_boxes(4, 5, service);
    ASSERT_TRUE(until_answered());
  }
  ASSERT_TRUE(at_rest());
  for (int i = 0; i < 4; ++i) EXPECT_EQ(tags(box(i)).size(), 10U);
}

}  // namespace
}  // namespace loomline::eventing::conformance
