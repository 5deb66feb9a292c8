// What comes twice, out of order, not at all, or from several places at once.
#include <algorithm>

#include "tests/conformance/conformance.hpp"

namespace loomline::eventing::conformance {
namespace {

TEST_P(Conformance, ADuplicateIsAppliedOnce) {
  fill_boxes(3, 4);
  ASSERT_TRUE(at_rest());
  for (int round = 0; round < 2; ++round)
    for (const char* topic : {"t.box", "t.count"})
      for (const auto& event : at().held(topic))
        if (event.key.starts_with(box(0).substr(0, box(0).find('-')))) at().say(event);
  fill_boxes(3, 1);
  ASSERT_TRUE(at_rest());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(tags(box(i)).size(), 5U);
}

// As a publisher does that sends again from the first number that is missing.
TEST_P(Conformance, ReorderedNumbersAreAppliedInTheirOrder) {
  const auto key = box(0);
  for (const int seq : {1, 3, 4, 2, 3, 4, 6, 5, 6}) at().say(stamp(key, seq));
  ASSERT_TRUE(at_rest());
  EXPECT_EQ(tags(key), (std::vector<std::string>{"1", "2", "3", "4", "5", "6"}));
}

TEST_P(Conformance, NothingIsAppliedBehindANumberThatIsMissing) {
  const auto key = box_in(0, 0), other = box_in(1, 0);
  for (const int seq : {1, 3}) at().say(stamp(key, seq));
  ASSERT_TRUE(eventually([&] { return tags(key).size() == 1; }));
  for (int i = 0; i < 5; ++i) ask(fill(other));
  ASSERT_TRUE(eventually([&] { return tags(other).size() == 5; })) << "other lanes go on";
  EXPECT_EQ(tags(key), std::vector<std::string>{"1"});
  for (const int seq : {2, 3}) at().say(stamp(key, seq));
  ASSERT_TRUE(at_rest());
  EXPECT_EQ(tags(key), (std::vector<std::string>{"1", "2", "3"}));
}

// Two fills, of which the first waits for the two other facts, each of another topic and source, in every order.
TEST_P(Conformance, FactsOfOneOrderFromSeveralTopicsInEveryOrder) {
  enum Fact { waits, follows, unlocks, labels };
  std::vector<int> order{waits, follows, unlocks, labels};
  std::vector<std::vector<int>> orders;
  do {
    if (std::find(order.begin(), order.end(), waits) < std::find(order.begin(), order.end(), follows))
      orders.push_back(order);
  } while (std::next_permutation(order.begin(), order.end()));
  ASSERT_EQ(orders.size(), 12U);
  for (std::size_t next = 0; next < order.size(); ++next) {
    for (std::size_t story = 0; story < orders.size(); ++story) {
      const auto key = box(static_cast<int>(story));
      switch (orders[story][next]) {
        case waits: ask(fill(key, "lock-label")); break;
        case follows: ask(fill(key, "follows")); break;
        case unlocks: ask(unlock(key)); break;
        default: at().say(event_of(boxes::make<BoxLabelled>(key, 0, ""), key, 1, static_cast<int>(story)));
      }
    }
    ASSERT_TRUE(at_rest());  // what is said next comes later, from whichever topic
  }
  for (std::size_t story = 0; story < orders.size(); ++story) {
    const auto found = tags(box(static_cast<int>(story)));
    ASSERT_EQ(found.size(), 2U) << "story " << story;
    EXPECT_TRUE(found[0].starts_with("lock-label")) << found[0];
  }
}

TEST_P(Conformance, ForeignBytesStallNothing) {
  spend();  // whoever reads a partition again finds them again
  fill_boxes(2, 1);
  for (int lane = 0; lane < kLanes; ++lane) {
    Event foreign;
    foreign.topic = "t.box";
    foreign.partition = lane;
    foreign.key = box(0);
    foreign.body = "not a message";
    at().say(foreign);
  }
  fill_boxes(2, 3);
  ASSERT_TRUE(at_rest());
  const auto letters = at().letters("beta");
  EXPECT_EQ(letters.size(), static_cast<std::size_t>(kLanes));
  for (const auto& letter : letters) {
    EXPECT_EQ(at().replay("beta", letter.id).reason(), "NOT_REPLAYABLE");
    drop("beta", letter);
  }
}

}  // namespace
}  // namespace loomline::eventing::conformance
