#include "loomline/planning/promise.hpp"

#include <gtest/gtest.h>

#include "fixtures.hpp"

namespace loomline::planning {
namespace {

struct PromiseTest : ::testing::Test {
  Plan plan = Plan::make(small_plant()).value();
  std::unique_ptr<const Engine> engine = make_forward_engine();
  Dispatch dispatch{"shift", hours{1}, {{hours{24}, hours{48}}}, "Asia/Shanghai", 0.25};
};

TEST_F(PromiseTest, QuantilesAreThoseOfTheNormalDistribution) {
  EXPECT_NEAR(normal_quantile(0.5), 0, 1e-12);
  EXPECT_NEAR(normal_quantile(0.9), 1.2815515655446004, 1e-12);
  EXPECT_NEAR(normal_quantile(0.975), 1.959963984540054, 1e-12);
  EXPECT_NEAR(normal_quantile(0.01), -2.3263478740408408, 1e-12);
}

TEST_F(PromiseTest, SpreadGrowsWithTheRootOfTheSumOfSquares) {
  auto a = op("10", "oven", hours{10});
  auto b = op("20", "oven", hours{10}, {"10"});
  a.variation = 0.3;
  b.variation = 0.4;
  const auto placed = engine->place(plan, demand("a", {a, b}), kMonday).value();
  EXPECT_EQ(finish_spread(plan, placed.job, 0.25, kMonday), hours{5});
  auto job = placed.job;
  job.operations[0].state = OperationState::ended;
  EXPECT_EQ(finish_spread(plan, job, 0.25, kMonday), hours{4});
}

TEST_F(PromiseTest, AQueueOnTheWayWidensTheWindow) {
  auto only = op("10", "mill", hours{4});
  only.machines = {"mill-1"};
  const auto first = engine->place(plan, demand("a", {only}), kMonday).value();
  const auto second = engine->place(plan, demand("b", {only}), kMonday).value();
  EXPECT_GT(finish_spread(plan, second.job, 0.25, kMonday), finish_spread(plan, first.job, 0.25, kMonday));
}

TEST_F(PromiseTest, TheWindowIsWholeLocalDaysAndHoldsThePlan) {
  const auto placed = engine->place(plan, demand("a", {op("10", "mill", hours{6})}), kMonday).value();
  const auto p = promise(plan, placed.job, dispatch, 0.9, kMonday).value();
  // Planned: Monday 14:00, packed 15:00, collected 16:00 UTC (midnight in Shanghai), typically a day on the way.
  EXPECT_EQ(p.planned_finish, kMonday + hours{14});
  EXPECT_LE(p.dispatch.earliest, kMonday + hours{16});
  EXPECT_GE(p.dispatch.latest, kMonday + hours{16});
  EXPECT_GT(p.delivery.latest, kMonday + hours{40});
  for (const auto t : {p.dispatch.earliest, p.dispatch.latest, p.delivery.earliest, p.delivery.latest})
    EXPECT_EQ(local_day_begin("Asia/Shanghai", t), t);
}

TEST_F(PromiseTest, AHigherProbabilityIsALaterDay) {
  const auto placed = engine->place(plan, demand("a", {op("10", "mill", hours{60})}), kMonday).value();
  Time last{};
  for (const double p : {0.5, 0.8, 0.9, 0.99}) {
    const auto made = promise(plan, placed.job, dispatch, p, kMonday).value();
    EXPECT_GE(made.delivery.latest, last);
    EXPECT_LE(made.delivery.earliest, made.delivery.latest);
    last = made.delivery.latest;
  }
}

TEST_F(PromiseTest, RefusesWhatItCannotPromise) {
  const auto placed = engine->place(plan, demand("a", {op("10", "mill", hours{6})}), kMonday).value();
  EXPECT_EQ(promise(plan, placed.job, dispatch, 1.0, kMonday).status().violations().at(0).field, "probability");
  dispatch.zone = "Mars/Olympus";
  EXPECT_EQ(promise(plan, placed.job, dispatch, 0.9, kMonday).status().violations().at(0).field, "dispatch.zone");
  dispatch = {"nope", {}, {}, "UTC", 0.25};
  EXPECT_EQ(promise(plan, placed.job, dispatch, 0.9, kMonday).status().violations().at(0).field, "dispatch.calendar");
}

}  // namespace
}  // namespace loomline::planning
