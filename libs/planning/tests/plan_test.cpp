// What a plan offers to whoever keeps it: listings, changes of the plant, and whether trying again can help.
#include "loomline/planning/plan.hpp"

#include <gtest/gtest.h>

#include "plan_check.hpp"
#include "random_facts.hpp"

namespace loomline::planning {
namespace {

struct PlanTest : ::testing::Test {
  Plan plan = Plan::make(small_plant(), {}, {}).value();
  std::unique_ptr<const Engine> engine = make_forward_engine();
  Operation only = [] {
    auto o = op("10", "mill", hours{4});
    o.machines = {"mill-1"};
    return o;
  }();
  void place(const std::string& id, const Operation& o) {
    ASSERT_TRUE(engine->place(plan, demand(id, {o}), kMonday).ok());
  }
};

TEST_F(PlanTest, ListsWhatBeginsAndWhatIsBooked) {
  for (const char* id : {"c", "a", "b"}) place(id, only);
  place("d", op("10", "oven", hours{1}));
  const auto next = plan.starting(kMonday, kNever, 10);
  ASSERT_EQ(next.size(), 4U);
  EXPECT_EQ(next[0].job_id, "d");
  EXPECT_EQ(next[1].job_id, "c");
  EXPECT_EQ(plan.starting(kMonday + hours{9}, kMonday + hours{24}, 10).size(), 1U);
  ASSERT_TRUE(plan.report_start("c", "10", "mill-1", kMonday + hours{8}).ok());
  EXPECT_EQ(plan.starting(kMonday, kNever, 2).size(), 2U);
  const auto booked = plan.booked("mill-1", kMonday + hours{9}, kNever, 10);
  ASSERT_EQ(booked.size(), 3U);
  EXPECT_EQ(booked[0].operation.state, OperationState::running);
  EXPECT_EQ(plan.booked("mill-1", kMonday + hours{9}, kMonday + hours{12}, 10).size(), 1U);
  EXPECT_TRUE(plan.booked("nothing", kMonday, kNever, 10).empty());
}

TEST_F(PlanTest, ReliefRisesWithWhatCanHelp) {
  auto cut = only;
  cut.materials = {{"blank", 30}};
  const auto wanted = demand("w", {cut});
  EXPECT_EQ(engine->place(plan, wanted, kMonday).status().reason(), "NO_MATERIAL");
  const auto before = plan.relief(wanted, "NO_MATERIAL");
  place("a", only);
  ASSERT_TRUE(plan.receive("bolt", "", 5).ok());
  ASSERT_TRUE(plan.report_end("a", "10", kMonday + hours{9}).ok());
  EXPECT_EQ(plan.relief(wanted, "NO_MATERIAL"), before);
  EXPECT_GT(plan.relief(wanted, "NO_WINDOW"), plan.relief(wanted, ""));  // the machine came free early
  ASSERT_TRUE(plan.set_on_hand("blank", 3).ok());                        // fewer do not help
  EXPECT_EQ(plan.relief(wanted, "NO_MATERIAL"), before);
  ASSERT_TRUE(plan.receive("blank", "", 40).ok());
  EXPECT_GT(plan.relief(wanted, "NO_MATERIAL"), before);
  const auto capacity = plan.relief(wanted, "NO_SUCH_CAPACITY");
  ASSERT_TRUE(plan.set_down("mill-1", {"d", {kMonday, kMonday + hours{30}}, ""}).ok());
  EXPECT_EQ(plan.relief(wanted, "NO_SUCH_CAPACITY"), capacity);
  ASSERT_TRUE(plan.set_down("mill-1", {"d", {kMonday, kMonday + hours{20}}, ""}).ok());
  EXPECT_GT(plan.relief(wanted, "NO_SUCH_CAPACITY"), capacity);
}

TEST_F(PlanTest, WithNothingFreedNothingIsPulled) {
  for (const char* id : {"a", "b", "c"}) place(id, only);
  EXPECT_TRUE(plan.freed().empty());
  Budget budget{10, false};
  EXPECT_TRUE(engine->pull_forward(plan, kMonday, kMonday + hours{2000}, budget).empty());
  EXPECT_EQ(budget.operations, 10U);
  plan.remove("a");
  Budget small{1, false};
  EXPECT_EQ(engine->pull_forward(plan, kMonday, kMonday + hours{2000}, small).size(), 1U);
  EXPECT_TRUE(small.more);
  EXPECT_EQ(engine->pull_forward(plan, kMonday, kMonday + hours{2000}, budget).size(), 1U);
  EXPECT_FALSE(budget.more);
  EXPECT_EQ(plan.find("c")->start(), kMonday + hours{12});
}

TEST_F(PlanTest, ACallPullsNoMoreJobsThanItMay) {
  const std::vector<std::string> ids{"a", "b", "c", "d", "e", "f"};
  for (const auto& id : ids) place(id, only);
  plan.remove("a");
  auto at_once = plan;
  (void)engine->pull_forward(at_once, kMonday, kMonday + hours{2000});
  int calls = 0;
  for (bool more = true; more; ++calls) {
    Budget budget{500, false, 2};
    EXPECT_LE(engine->pull_forward(plan, kMonday, kMonday + hours{2000}, budget).size(), 2U);
    EXPECT_LE(budget.jobs, 2U);
    more = budget.more;
    ASSERT_LT(calls, 20);
  }
  EXPECT_GT(calls, 2);
  for (std::size_t i = 1; i < ids.size(); ++i)
    EXPECT_EQ(plan.find(ids[i])->operations, at_once.find(ids[i])->operations) << ids[i];
  EXPECT_EQ(broken_rules(plan), std::vector<std::string>{});
}

TEST_F(PlanTest, AnotherPlantInPlace) {
  for (const char* id : {"a", "b", "c"}) place(id, op("10", "mill", hours{6}));
  auto bigger = small_plant();
  bigger.machines.push_back({"mill-3", "mill", "shift", 1, {}});
  ASSERT_TRUE(plan.replace_plant(bigger, false).ok());
  EXPECT_TRUE(engine->repair(plan, kMonday).empty());
  const auto changes = engine->pull_forward(plan, kMonday, kMonday + hours{200});
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].moves[0].to_machine, "mill-3");
  EXPECT_EQ(plan.replace_plant(small_plant(), false).code(), Code::invalid_argument);  // work is on mill-3
  auto shorter = bigger;
  shorter.calendars[0] = weekly("shift", "UTC", 1, 5, {{hours{8}, hours{12}}});
  ASSERT_TRUE(plan.replace_plant(shorter, false).ok());
  EXPECT_EQ(engine->repair(plan, kMonday).size(), 3U);
  EXPECT_EQ(broken_rules(plan), std::vector<std::string>{});
}

// After any change of the plant the plan is the one that would be read anew, and is searched as that.
TEST(PlantChange, APlantChangedInPlaceIsAsOneReadAnew) {
  const auto engine = make_forward_engine();
  for (unsigned seed = 0; seed < 60; ++seed) {
    RandomPlans random(seed);
    auto plan = Plan::make(random.plant(kMonday), {}, {}).value();
    RandomFacts facts(seed);
    for (int n = 0; n < 25; ++n) facts.happen(plan, *engine, kMonday + minutes{10 * n});
    auto next = plan.plant();
    auto other = RandomPlans(seed + 1).plant(kMonday);
    if (random.one_in(2)) next.calendars = other.calendars, next.calendars[1].shifts.pop_back();
    if (random.one_in(2)) next.machines[0].calendar = "always";
    if (random.one_in(2)) ++next.machines.back().capacity;
    if (random.one_in(2)) next.crews.back().count = 5;
    if (random.one_in(2)) next.items[0].on_hand += 7;
    ASSERT_TRUE(plan.replace_plant(next, true).ok());
    auto fresh = Plan::make(next, plan.jobs(), plan.freed()).value();
    ASSERT_EQ(plan.plant(), fresh.plant());
    const auto now = kMonday + hours{5};
    ASSERT_EQ(engine->repair(plan, now), engine->repair(fresh, now)) << "seed " << seed;
    ASSERT_EQ(engine->pull_forward(plan, now, now + hours{500}), engine->pull_forward(fresh, now, now + hours{500}));
    for (int n = 500; n < 505; ++n) {
      const auto d = random.job(n, now);
      const auto a = engine->place(plan, d, now), b = engine->place(fresh, d, now);
      ASSERT_EQ(a.ok(), b.ok());
      if (a.ok()) {
        ASSERT_EQ(*a, *b) << "seed " << seed;
      }
    }
  }
}

}  // namespace
}  // namespace loomline::planning
