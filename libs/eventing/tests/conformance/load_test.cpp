// Much to do, handlers that take their time, queues that are full, and a clock that jumps.
#include <algorithm>

#include "tests/conformance/conformance.hpp"

namespace loomline::eventing::conformance {
namespace {

TEST_P(Conformance, ASlowConsumerKeepsNobodyWaiting) {
  for (int i = 0; i < 200; ++i) ask(fill(box(i % 8), "dawdle"));
  ASSERT_TRUE(until_answered());
  ASSERT_TRUE(at_rest());
  for (int i = 0; i < 8; ++i) EXPECT_EQ(tags(box(i)).size(), 25U);
}

TEST_P(Conformance, ASlowHandlerDelaysItsOwnKeyOnly) {
  LOOMLINE_NEEDS(Need::slow_handlers);
  const auto slow = box_in(0, 0), other = box_in(0, 1);
  for (int i = 0; i < 3; ++i) {
    ask(fill(slow, "slow"));
    ask(fill(slow));
  }
  for (int i = 0; i < 20; ++i) ask(fill(other));
  std::size_t of_slow = 0;
  ASSERT_TRUE(eventually([&] {
    const bool others_done = tags(other).size() == 20;
    if (!others_done) of_slow = tags(slow).size();
    return others_done;
  }));
  EXPECT_LT(of_slow, 6U) << "others did not wait for it";
  ASSERT_TRUE(at_rest());
  EXPECT_EQ(tags(slow).size(), 6U);
}

TEST_P(Conformance, AClockThatJumpsBackLeavesTimesRising) {
  fill_boxes(3, 2);
  ASSERT_TRUE(at_rest());
  at().set_clock_back(std::chrono::seconds(40));
  fill_boxes(3, 2);
  ASSERT_TRUE(at_rest());
  at().set_clock_back(std::chrono::hours(2));
  fill_boxes(3, 2);
  ASSERT_TRUE(at_rest());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(tags(box(i)).size(), 6U);
}

TEST_P(Conformance, ABacklogOfFiveThousandForOneKeyIsWorkedOff) {
  constexpr int kBacklog = 5000;
  at().end(only("beta"));
  for (int i = 0; i < kBacklog; ++i) ask(fill(box(0)));
  ASSERT_TRUE(until_answered());
  (void)at().start("beta");
  fill_boxes(3, 1);
  ASSERT_TRUE(at_rest());
  EXPECT_EQ(tags(box(0)).size(), kBacklog + 1U);
  spend();
}

// The broker is away and the events are large: past the cap commands are refused, and done when they are asked again.
TEST_P(Conformance, FullQueuesRefuseAndLoseNothing) {
  LOOMLINE_NEEDS(Need::roomy_broker);
  spend();
  at().stop_broker();
  // Of 0.8 MB each, until more waits than the 64 MB that may.
  const auto refused = [&](const Client& client) { return client.last.find("OUTBOX_FULL") != std::string::npos; };
  int asked = 0;
  ASSERT_TRUE(eventually([&] {
    if (asked < 150) ask(fill(box(asked++ % 10), "heavy"));
    return std::any_of(record_.clients.begin(), record_.clients.end(), refused);
  })) << "somebody is told that too much waits";
  at().start_broker();
  ASSERT_TRUE(at_rest());
  std::size_t done = 0;
  for (int i = 0; i < 10; ++i) done += tags(box(i)).size();
  EXPECT_EQ(done, static_cast<std::size_t>(asked));
}

}  // namespace
}  // namespace loomline::eventing::conformance
