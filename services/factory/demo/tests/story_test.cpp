#include "story.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace loomline::demo {
namespace {

const Time kMonday = parse_rfc3339("2026-01-05T00:00:00Z").value();

std::vector<PlannedOrder> story(std::uint64_t seed = 1) {
  return make_story({.orders = 200, .invalid = 20, .products = 2, .first_day = kMonday}, factory::Draws(seed));
}

TEST(Story, HasEveryEnding) {
  const auto orders = story();
  ASSERT_EQ(orders.size(), 220U);
  const auto count = [&](Ending ending) {
    return std::count_if(orders.begin(), orders.end(), [&](const auto& order) { return order.ending == ending; });
  };
  EXPECT_EQ(count(Ending::refused), 20);
  EXPECT_EQ(count(Ending::cancelled), 5);
  EXPECT_EQ(count(Ending::cancellation_refused), 1);
  EXPECT_EQ(count(Ending::surveyed), 194);
}

TEST(Story, ArrivesOnWorkingDaysOnTheGridInOrder) {
  Time before{};
  for (const auto& order : story()) {
    EXPECT_GE(order.arrival, before);
    before = order.arrival;
    EXPECT_EQ(on_grid(order.arrival, std::chrono::minutes(15)), order.arrival);
    const auto day = std::chrono::floor<std::chrono::days>(order.arrival);
    EXPECT_LE(std::chrono::weekday(day).iso_encoding(), 5U);
    EXPECT_GE(order.arrival - day, std::chrono::hours(8));
  }
}

TEST(Story, IsAFunctionOfTheSeed) {
  const auto arrivals = [](std::uint64_t seed) {
    std::vector<Time> out;
    for (const auto& order : story(seed)) out.push_back(order.arrival);
    return out;
  };
  EXPECT_EQ(arrivals(1), arrivals(1));
  EXPECT_NE(arrivals(1), arrivals(2));
}

TEST(Story, WorkingMidnightSkipsTheWeekend) {
  EXPECT_EQ(working_midnight(kMonday), kMonday);
  EXPECT_EQ(working_midnight(parse_rfc3339("2026-01-09T10:00:00Z").value()),
            parse_rfc3339("2026-01-12T00:00:00Z").value());
}

}  // namespace
}  // namespace loomline::demo
