#include "loomline/planning/engine.hpp"

#include <gtest/gtest.h>

#include "fixtures.hpp"
#include "plan_check.hpp"

namespace loomline::planning {
namespace {

struct EngineTest : ::testing::Test {
  Plan plan = Plan::make(small_plant()).value();
  std::unique_ptr<const Engine> engine = make_forward_engine();

  Placement place(const Demand& d, Time now = kMonday) {
    auto placed = engine->place(plan, d, now);
    EXPECT_TRUE(placed.ok()) << placed.status().to_string();
    return placed.ok() ? *placed : Placement{};
  }
  void expect_sound() { EXPECT_EQ(broken_rules(plan), std::vector<std::string>{}); }
};

TEST_F(EngineTest, PlacesAChainThroughShifts) {
  const auto p = place(demand("a", {op("10", "mill", hours{6}), op("20", "mill", hours{4}, {"10"})}));
  EXPECT_EQ(p.job.operations[0].start, kMonday + hours{8});
  EXPECT_EQ(p.job.operations[0].machine, "mill-1");
  EXPECT_EQ(p.job.operations[1].start, kMonday + hours{14});
  EXPECT_EQ(p.finish(), kMonday + hours{24 + 10});
  EXPECT_EQ(p.job.operations[1].work.size(), 2U);
  expect_sound();
}

TEST_F(EngineTest, AnAllowanceTakesUpWhatIsLateByALittle) {
  auto roomy = small_plant();
  roomy.machines.erase(roomy.machines.begin() + 1);
  roomy.allowance_permille = 100;
  const auto moved_by = [&](int permille) {
    roomy.allowance_permille = permille;
    plan = Plan::make(roomy).value();
    for (int i = 0; i < 100; ++i) place(demand("job-" + std::to_string(100 + i), {op("10", "mill", hours{1})}));
    expect_sound();
    const auto first = plan.find("job-100")->operations[0];
    EXPECT_TRUE(plan.report_start("job-100", "10", first.machine, first.start).ok());
    EXPECT_TRUE(plan.report_end("job-100", "10", first.finish + minutes{13}).ok());
    const auto changes = engine->repair(plan, first.finish + minutes{13});
    expect_sound();
    return changes.size();
  };
  EXPECT_GT(moved_by(0), 90U);
  EXPECT_EQ(moved_by(100), 2U);  // by 7 minutes and by 1
}

TEST_F(EngineTest, AnAllowanceStandsInFrontAndShortensNothing) {
  auto roomy = small_plant();
  roomy.allowance_permille = 250;
  plan = Plan::make(roomy).value();
  auto chain = demand("a", {op("10", "mill", hours{4}), op("20", "mill", hours{4}, {"10"})});
  const auto a = place(chain);
  // The machine has been free before; the follower needs none: it is on the other one.
  EXPECT_EQ(a.job.operations[0].start, kMonday + hours{9});  // an hour of the shift has gone by
  EXPECT_EQ(a.job.operations[0].finish, kMonday + hours{13});
  EXPECT_EQ(a.job.operations[1].machine, "mill-2");
  EXPECT_EQ(a.job.operations[1].start, kMonday + hours{13});
  // What may not rest and fills a shift has its place without.
  auto full = op("10", "mill", hours{8});
  full.interruptible = false;
  EXPECT_EQ(place(demand("b", {full})).job.operations[0].start, kMonday + hours{32});
  roomy.allowance_permille = 1001;
  EXPECT_EQ(Plan::make(roomy).status().violations().at(0).field, "allowance_permille");
}

TEST_F(EngineTest, AnOperationThatMayNotRestWaitsForAStretchThatIsLongEnough) {
  auto second = op("20", "mill", hours{4}, {"10"});
  second.interruptible = false;
  EXPECT_EQ(place(demand("a", {op("10", "mill", hours{6}), second})).job.operations[1].start, kMonday + hours{32});
  auto endless = op("10", "mill", hours{9});
  endless.interruptible = false;
  const auto refused = engine->place(plan, demand("b", {endless}), kMonday);
  EXPECT_EQ(refused.status().reason(), "NO_WINDOW");
  EXPECT_EQ(refused.status().violations().at(0).field, "operations[10]");
}

TEST_F(EngineTest, UsesTheOtherMachineAndTheGapsBetween) {
  place(demand("a", {op("10", "mill", hours{8})}));
  EXPECT_EQ(place(demand("b", {op("10", "mill", hours{8})})).job.operations[0].machine, "mill-2");
  place(demand("c", {op("10", "oven", hours{40}), op("20", "mill", hours{2}, {"10"})}));  // Tuesday 16:00: Wednesday 8
  EXPECT_EQ(place(demand("d", {op("10", "mill", hours{3})})).job.operations[0].start, kMonday + hours{24 + 8});
  expect_sound();
}

TEST_F(EngineTest, OvensTakeTwoAtOnceAndCoolingTakesTime) {
  auto bake = op("10", "oven", hours{10});
  bake.lag = hours{5};
  const auto finish = op("20", "", hours{1}, {"10"});
  EXPECT_EQ(place(demand("a", {bake, finish})).job.operations[1].start, kMonday + hours{15});
  EXPECT_EQ(place(demand("b", {bake})).job.operations[0].start, kMonday);
  EXPECT_EQ(place(demand("c", {bake})).job.operations[0].start, kMonday + hours{10});
  expect_sound();
}

TEST_F(EngineTest, OperatorsAreACapacityToo) {
  auto fit = op("10", "mill", hours{8});
  fit.operator_class = "fitter";
  fit.operators = 2;
  place(demand("a", {fit}));
  EXPECT_EQ(place(demand("b", {fit})).job.operations[0].start, kMonday + hours{32});  // mill-2 is free, nobody is
  fit.operators = 3;
  EXPECT_EQ(engine->place(plan, demand("c", {fit}), kMonday).status().reason(), "NO_SUCH_CAPACITY");
  expect_sound();
}

TEST_F(EngineTest, WaitsForMaterialOrBuysIt) {
  auto cut = op("10", "mill", hours{1});
  cut.materials = {{"blank", 8}};
  EXPECT_EQ(place(demand("a", {cut})).job.operations[0].start, kMonday + hours{8});
  EXPECT_EQ(place(demand("b", {cut})).job.operations[0].start, at("2026-11-25T12:00:00Z"));
  EXPECT_EQ(plan.available("blank", kMonday), 2);
  EXPECT_EQ(engine->place(plan, demand("c", {cut}), kMonday).status().reason(), "NO_MATERIAL");
  cut.materials = {{"bolt", 5}};
  const auto bought = place(demand("d", {cut}));
  ASSERT_EQ(bought.purchases.size(), 1U);
  EXPECT_EQ(bought.purchases[0].second.due, kMonday + hours{48});
  EXPECT_EQ(bought.job.operations[0].start, at("2026-11-25T08:00:00Z"));
  EXPECT_EQ(bought.material_ready, kMonday + hours{48});
  expect_sound();
}

TEST_F(EngineTest, MaterialIsReadyWhenItIsAtHandNotWhenItsTurnComes) {
  auto fit = op("20", "mill", hours{1}, {"10"});
  fit.materials = {{"blank", 2}};
  const auto placed = place(demand("a", {op("10", "mill", hours{8}), fit}));
  EXPECT_GT(placed.job.operations[1].start, kMonday + hours{8});
  EXPECT_EQ(placed.material_ready, kMonday);
}

TEST_F(EngineTest, RefusesWhatIsNoDemand) {
  EXPECT_EQ(engine->place(plan, demand("a", {op("10", "lathe", hours{1})}), kMonday).status().reason(),
            "NO_SUCH_CAPACITY");
  const auto circle = demand("a", {op("10", "mill", hours{1}, {"20"}), op("20", "mill", hours{1}, {"10"})});
  EXPECT_EQ(engine->place(plan, circle, kMonday).status().code(), Code::invalid_argument);
  EXPECT_EQ(engine->place(plan, demand("a", {op("10", "mill", hours{-1})}), kMonday).status().code(),
            Code::invalid_argument);
  auto unknown = op("10", "mill", hours{1});
  unknown.materials = {{"unobtainium", 1}};
  EXPECT_EQ(engine->place(plan, demand("a", {unknown}), kMonday).status().violations().at(0).field,
            "operations[10].materials[unobtainium]");
  place(demand("a", {op("10", "mill", hours{1})}));
  EXPECT_EQ(engine->place(plan, demand("a", {op("10", "mill", hours{1})}), kMonday).status().code(),
            Code::already_exists);
  EXPECT_EQ(plan.jobs().size(), 1U);
}

TEST_F(EngineTest, APlanThatIsAsItShouldBeIsNotChanged) {
  place(demand("a", {op("10", "mill", hours{6}), op("20", "mill", hours{4}, {"10"})}));
  place(demand("b", {op("10", "mill", hours{6}), op("20", "oven", hours{4}, {"10"})}));
  const auto before = plan.jobs();
  EXPECT_TRUE(engine->repair(plan, kMonday).empty());
  EXPECT_EQ(plan.jobs(), before);
}

TEST_F(EngineTest, ABreakdownMovesToTheOtherMachineAndTouchesNobodyElse) {
  place(demand("a", {op("10", "mill", hours{2})}));
  place(demand("b", {op("10", "mill", hours{2})}));
  place(demand("c", {op("10", "oven", hours{2})}));
  ASSERT_TRUE(plan.set_down("mill-1", {"d1", {kMonday + hours{1}, kMonday + hours{60}}, "spindle"}).ok());
  const auto changes = engine->repair(plan, kMonday);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].job_id, "a");
  EXPECT_EQ(changes[0].why, (Why{Cause::breakdown, "mill-1", "a"}));
  EXPECT_EQ(changes[0].moves.at(0).to_machine, "mill-2");
  EXPECT_EQ(changes[0].finish, kMonday + hours{12});
  expect_sound();
}

TEST_F(EngineTest, ABreakdownUnderARunningOperationPushesItsSuccessors) {
  place(demand("a", {op("10", "mill", hours{4}), op("20", "oven", hours{4}, {"10"})}));
  ASSERT_TRUE(plan.report_start("a", "10", "mill-1", kMonday + hours{8}).ok());
  ASSERT_TRUE(plan.set_down("mill-1", {"d1", {kMonday + hours{10}, kMonday + hours{13}}, "belt"}).ok());
  const auto changes = engine->repair(plan, kMonday + hours{10});
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].finish, kMonday + hours{19});
  EXPECT_EQ(changes[0].moves.at(1).why, (Why{Cause::breakdown, "mill-1", "a"}));
  EXPECT_EQ(plan.find("a")->operations[0].start, kMonday + hours{8});
  EXPECT_TRUE(engine->repair(plan, kMonday + hours{10}).empty());
}

TEST_F(EngineTest, ALateOperationIsFollowedBackToItsRoot) {
  auto only = op("10", "mill", hours{2});
  only.machines = {"mill-1"};
  place(demand("a", {only}));
  place(demand("b", {only, op("20", "oven", hours{1}, {"10"})}));
  ASSERT_TRUE(plan.report_start("a", "10", "mill-1", kMonday + hours{8}).ok());
  const auto changes = engine->repair(plan, kMonday + hours{11});  // still running, an hour late
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[1].job_id, "b");
  EXPECT_EQ(changes[1].why, (Why{Cause::overrun, "10", "a"}));
  EXPECT_EQ(changes[1].finish - changes[1].old_finish, hours{1});
}

TEST_F(EngineTest, ReportsAreIdempotentAndAnEndFreesTheMachine) {
  place(demand("a", {op("10", "mill", hours{4})}));
  ASSERT_TRUE(plan.report_start("a", "10", "mill-1", kMonday + hours{8}).ok());
  const auto once = plan.jobs();
  ASSERT_TRUE(plan.report_start("a", "10", "mill-1", kMonday + hours{8}).ok());
  EXPECT_EQ(plan.jobs(), once);
  ASSERT_TRUE(plan.report_end("a", "10", kMonday + hours{9}).ok());
  const auto ended = plan.jobs();
  ASSERT_TRUE(plan.report_end("a", "10", kMonday + hours{10}).ok());
  ASSERT_TRUE(plan.report_start("a", "10", "mill-1", kMonday + hours{8}).ok());
  EXPECT_EQ(plan.jobs(), ended);
  EXPECT_EQ(place(demand("b", {op("10", "mill", hours{4})}), kMonday + hours{9}).job.operations[0].start,
            kMonday + hours{9});
  EXPECT_EQ(plan.report_end("zz", "10", kMonday).code(), Code::not_found);
}

TEST_F(EngineTest, AStartIssuesMaterialOnce) {
  auto cut = op("10", "mill", hours{1});
  cut.materials = {{"blank", 8}};
  place(demand("a", {cut}));
  ASSERT_TRUE(plan.report_start("a", "10", "mill-2", kMonday + hours{8}).ok());
  ASSERT_TRUE(plan.report_end("a", "10", kMonday + hours{9}).ok());
  EXPECT_EQ(plan.available("blank", kMonday), 2);
  EXPECT_TRUE(plan.find("a")->reservations.empty());
}

TEST_F(EngineTest, ReworkIsInsertedAndPushesWhatFollows) {
  place(demand("a", {op("10", "mill", hours{2}), op("20", "oven", hours{1}, {"10"})}));
  ASSERT_TRUE(plan.report_end("a", "10", kMonday + hours{10}).ok());
  ASSERT_TRUE(plan.insert_operations("a", {op("10-r1", "mill", hours{2}, {"10"})}, {"20"}).ok());
  const auto changes = engine->repair(plan, kMonday + hours{10});
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].why.cause, Cause::added);
  EXPECT_EQ(changes[0].finish, kMonday + hours{13});
  expect_sound();
}

TEST_F(EngineTest, LateMaterialPushesAndMaterialThatNeverComesUnplaces) {
  auto cut = op("10", "mill", hours{1});
  cut.materials = {{"blank", 15}};
  place(demand("a", {cut, op("20", "oven", hours{1}, {"10"})}));
  ASSERT_TRUE(plan.set_inbound("blank", {"in-1", 10, at("2026-11-26T09:00:00Z"), false}).ok());
  auto changes = engine->repair(plan, kMonday);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].why, (Why{Cause::material, "blank", "a"}));
  EXPECT_EQ(changes[0].finish, at("2026-11-26T11:00:00Z"));
  ASSERT_TRUE(plan.set_inbound("blank", {"in-1", 0, {}, false}).ok());
  changes = engine->repair(plan, kMonday);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].finish, kNever);
  EXPECT_TRUE(engine->repair(plan, kMonday).empty());
  ASSERT_TRUE(plan.receive("blank", "", 5).ok());
  changes = engine->repair(plan, kMonday);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].finish, kMonday + hours{10});
  expect_sound();
}

TEST_F(EngineTest, WhatComesFreeIsUsed) {
  auto only = op("10", "mill", hours{8});
  only.machines = {"mill-1"};
  place(demand("a", {only}));
  place(demand("b", {only, op("20", "oven", hours{1}, {"10"})}));
  plan.remove("a");
  EXPECT_TRUE(engine->repair(plan, kMonday).empty());
  const auto changes = engine->pull_forward(plan, kMonday, kMonday + hours{72});
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].finish, kMonday + hours{17});
  expect_sound();
}

TEST_F(EngineTest, NothingIsLateBeforeTheFloorHasSpoken) {
  place(demand("a", {op("10", "mill", hours{2})}));
  EXPECT_TRUE(engine->repair(plan, kMonday + hours{9}, kMonday + hours{8}).empty());
  EXPECT_EQ(engine->repair(plan, kMonday + hours{9}, kMonday + minutes{500}).size(), 1U);
  EXPECT_EQ(plan.find("a")->operations[0].start, kMonday + hours{9});
}

TEST_F(EngineTest, CancellationTakesOutOnlyWhatHasNotBegun) {
  place(demand("a", {op("10", "mill", hours{2}), op("20", "oven", hours{1}, {"10"})}));
  ASSERT_TRUE(plan.report_start("a", "10", "mill-1", kMonday + hours{8}).ok());
  EXPECT_EQ(plan.remove_unstarted("a"), 1U);
  EXPECT_EQ(plan.find("a")->operations.size(), 1U);
  place(demand("b", {op("10", "mill", hours{2})}));
  EXPECT_EQ(plan.remove_unstarted("b"), 1U);
  EXPECT_EQ(plan.find("b"), nullptr);
}

TEST(Plant, ValidationNamesEveryFault) {
  auto p = small_plant();
  p.machines[0].calendar = "nope";
  p.crews[0].count = 0;
  p.calendars[0].zone = "Mars/Olympus";
  EXPECT_EQ(validate(p).violations().size(), 3U);
  EXPECT_EQ(Plan::make(p).status().code(), Code::invalid_argument);
}

}  // namespace
}  // namespace loomline::planning
