// What cannot be applied: it stops its own key until an operator has decided, and nothing else.
#include "tests/conformance/conformance.hpp"

namespace loomline::eventing::conformance {
namespace {

TEST_P(Conformance, ARefusedCommandLeavesNothing) {
  for (int i = 0; i < 6; ++i) {
    ask(fill(box(i % 2)));
    ask(fill(box(i % 2), "refused", -1));
  }
  ASSERT_TRUE(at_rest());
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(tags(box(i)).size(), 3U);
    EXPECT_EQ(filled(box(i)).total(), 3);
  }
}

TEST_P(Conformance, APoisonAloneParksItsOwnKeyOnly) {
  fill_boxes(2, 1);
  ASSERT_TRUE(at_rest());
  const auto poison = fill(box(0), "poison");
  ask(poison);
  ASSERT_TRUE(eventually([&] { return at().letters("beta").size() == 1; }));
  fill_boxes(2, 3);
  ASSERT_TRUE(at_rest());
  const auto letter = at().letters("beta").at(0);
  EXPECT_EQ(letter.key, box(0));
  EXPECT_NE(letter.reason.find("poisoned"), std::string::npos) << letter.reason;
  EXPECT_EQ(letter.queued_behind, 3);
  EXPECT_EQ(tags(box(0)).size(), 1U);
  EXPECT_EQ(tags(box(1)).size(), 4U);
  EXPECT_EQ(at().replay("beta", letter.id).reason(), "STILL_FAILS");
  record_.dropped.insert(poison.tag);
  drop("beta", letter);
  EXPECT_EQ(at().drop("beta", letter.id).reason(), "DEAD_LETTER_CLOSED");
  ASSERT_TRUE(at_rest());
  EXPECT_EQ(tags(box(0)).size(), 4U);
}

// Beta finds everything at once when it comes: the poison stands in the middle of a batch of one lane.
TEST_P(Conformance, APoisonInsideABatchIsFoundAndTheRestApplied) {
  at().end(only("beta"));
  const auto poison = fill(box_in(0, 3), "poison");
  for (int i = 0; i < 60; ++i) {
    ask(fill(box_in(0, i % 6)));
    if (i == 30) {
      ASSERT_TRUE(until_answered());
      ask(poison);
    }
  }
  ASSERT_TRUE(until_answered());
  (void)at().start("beta");
  ASSERT_TRUE(at_rest());
  const auto letters = at().letters("beta");
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(letters[0].key, box_in(0, 3));
  for (const int other : {0, 1, 2, 4, 5}) EXPECT_EQ(tags(box_in(0, other)).size(), 10U);
  EXPECT_EQ(static_cast<std::int64_t>(tags(box_in(0, 3)).size()), 10 - letters[0].queued_behind);
  record_.dropped.insert(poison.tag);
  drop("beta", letters[0]);
  ASSERT_TRUE(at_rest());
  EXPECT_EQ(tags(box_in(0, 3)).size(), 10U);
}

TEST_P(Conformance, AParkedOrderGrowsAndIsReplayedInItsOrder) {
  ask(fill(box(0)));
  ASSERT_TRUE(until_answered());
  ask(fill(box(0), "curable"));
  ASSERT_TRUE(eventually([&] { return at().letters("beta").size() == 1; }));
  for (int i = 0; i < 30; ++i) ask(fill(box(0)));
  ask(unlock(box(0)));
  ASSERT_TRUE(at_rest());
  const auto letter = at().letters("beta").at(0);
  EXPECT_EQ(letter.queued_behind, 31);
  EXPECT_EQ(at().replay("beta", letter.id).reason(), "STILL_FAILS");
  const auto before = tags(box(0));
  at().kill(only("beta"));  // what is parked is parked in the rows
  (void)at().start("beta");
  ASSERT_TRUE(at_rest());
  EXPECT_EQ(tags(box(0)), before);
  at().cure_handlers();
  const auto status = at().replay("beta", letter.id);
  EXPECT_TRUE(status.ok()) << status.to_string();
  ASSERT_TRUE(at_rest());
  EXPECT_EQ(tags(box(0)).size(), 32U);
  EXPECT_EQ(counted(box(0)).rings(), 1) << "the unlocking waited, too";
}

}  // namespace
}  // namespace loomline::eventing::conformance
