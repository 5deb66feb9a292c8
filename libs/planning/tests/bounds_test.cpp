// What can never be planned is refused at once, and no wrong date keeps the library busy.
#include <gtest/gtest.h>

#include <ctime>

#include "fixtures.hpp"

namespace loomline::planning {
namespace {

const Hours kMorning{hours{6}, hours{14}}, kNight{hours{22}, hours{6}};

// CPU time, for the machine may be busy.
struct Stopwatch {
  std::clock_t begin = std::clock();
  double ms() const { return 1000.0 * static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC; }
};

struct Bounds : ::testing::Test {
  Plant plant = [] {
    Plant p;
    p.id = "plt_bounds";
    p.calendar = "morning";
    p.calendars = {weekly("morning", "Europe/Berlin", 1, 5, {kMorning}),
                   weekly("night", "Europe/Berlin", 1, 5, {kNight}),
                   {"none", "UTC", {}, {}},
                   around_the_clock("always", "UTC")};
    p.machines = {{"m", "mill", "morning", 1, {}}, {"idle", "idle", "none", 1, {}}};
    p.crews = {{"n", "night", "night", 2},
               {"a", "split", "morning", 1},
               {"b", "split", "night", 1},
               {"z", "absent", "none", 1}};
    return p;
  }();
  std::unique_ptr<const Engine> engine = make_forward_engine();

  std::string refusal(const Operation& o) {
    auto plan = Plan::make(plant).value();
    (void)engine->place(plan, demand("warm", {op("10", "mill", hours{1})}), kMonday).ok();
    const auto first = engine->quote(plan, demand("a", {o}), kMonday);  // expands calendars
    const Stopwatch watch;
    const auto again = engine->place(plan, demand("a", {o}), kMonday);
    EXPECT_LT(watch.ms(), 20);
    EXPECT_EQ(first.status().reason(), again.status().reason());
    return again.ok() ? "" : again.status().reason();
  }
  static Operation with(Operation o, std::string operators, int count) {
    o.operator_class = std::move(operators);
    o.operators = count;
    return o;
  }
};

TEST_F(Bounds, MachineAndCrewShareNoShift) {
  const Stopwatch watch;
  EXPECT_EQ(refusal(with(op("10", "mill", hours{1}), "night", 1)), "NO_WINDOW");
  EXPECT_LT(watch.ms(), 200);  // expanding three years of calendars is in it
}

TEST_F(Bounds, TheCrewIsNeverThereAtOnce) {
  EXPECT_EQ(refusal(with(op("10", "mill", hours{1}), "split", 2)), "NO_WINDOW");
  EXPECT_EQ(refusal(with(op("10", "", hours{1}), "split", 2)), "NO_WINDOW");
  EXPECT_EQ(refusal(with(op("10", "mill", hours{1}), "split", 3)), "NO_SUCH_CAPACITY");
  EXPECT_EQ(refusal(with(op("10", "mill", hours{1}), "nobody", 1)), "NO_SUCH_CAPACITY");
}

TEST_F(Bounds, NoShiftIsLongEnough) {
  auto whole = op("10", "mill", hours{8} + minutes{1});
  whole.interruptible = false;
  EXPECT_EQ(refusal(whole), "NO_WINDOW");
  whole.run = hours{8};
  EXPECT_EQ(refusal(whole), "");
  EXPECT_EQ(refusal(op("10", "mill", hours{24 * 3000})), "NO_WINDOW");
}

TEST_F(Bounds, OnlyTheNightOfAClockChangeIsLongEnough) {
  plant.machines[0].calendar = "night";
  plant.calendars[1] = weekly("night", "Europe/Berlin", 1, 7, {kNight});
  auto whole = op("10", "mill", hours{9});
  whole.interruptible = false;
  auto plan = Plan::make(plant).value();
  const auto placed = engine->place(plan, demand("a", {whole}), kMonday).value();
  EXPECT_EQ(placed.job.operations[0].start, at("2027-10-30T20:00:00Z"));
  EXPECT_EQ(engine->place(plan, demand("b", {whole}), kMonday).value().job.operations[0].start,
            at("2028-10-28T20:00:00Z"));
}

TEST_F(Bounds, CalendarsWithoutAnyShift) {
  EXPECT_EQ(refusal(op("10", "idle", hours{1})), "NO_WINDOW");
  EXPECT_EQ(refusal(with(op("10", "mill", hours{1}), "absent", 1)), "NO_WINDOW");
  auto plan = Plan::make(plant).value();
  EXPECT_TRUE(engine->place(plan, demand("a", {op("10", "idle", Duration{})}), kMonday).ok());  // takes no time
}

TEST_F(Bounds, DownsWithoutEnd) {
  for (const auto end : {kNever, at("9999-12-31T00:00:00Z"), kMonday + hours{24 * 366 * 4}}) {
    plant.machines[0].downs = {{"d", {kMonday, end}, "gone"}};
    EXPECT_EQ(refusal(op("10", "mill", hours{1})), "NO_WINDOW");
  }
}

TEST_F(Bounds, ADownWithoutEndUnderWorkIsRepairedAtOnce) {
  plant.machines[0].downs.clear();
  auto plan = Plan::make(plant).value();
  for (int n = 0; n < 20; ++n)
    ASSERT_TRUE(engine->place(plan, demand("j" + std::to_string(n), {op("10", "mill", hours{5})}), kMonday).ok());
  ASSERT_TRUE(plan.report_start("j0", "10", "m", kMonday + hours{6}).ok());
  ASSERT_TRUE(plan.set_down("m", {"d", {kMonday + hours{7}, kNever}, "gone"}).ok());
  const Stopwatch watch;
  EXPECT_EQ(engine->repair(plan, kMonday + hours{7}).size(), 19U);  // of what runs nobody knows when it ends
  EXPECT_LT(watch.ms(), 200);
  EXPECT_EQ(plan.find("j7")->finish(), kNever);
  EXPECT_TRUE(engine->repair(plan, kMonday + hours{7}).empty());
  ASSERT_TRUE(plan.set_down("m", {"d", {kMonday + hours{7}, kMonday + hours{8}}, "mended"}).ok());
  EXPECT_EQ(engine->repair(plan, kMonday + hours{8}).size(), 20U);
  EXPECT_NE(plan.find("j7")->finish(), kNever);
}

TEST_F(Bounds, WrongDatesCostNoMoreThanOthers) {
  auto plan = Plan::make(plant).value();
  ASSERT_TRUE(engine->place(plan, demand("a", {op("10", "mill", hours{5})}), kMonday).ok());
  ASSERT_TRUE(engine->place(plan, demand("b", {with(op("10", "mill", hours{5}), "split", 1)}), kMonday).ok());
  const Stopwatch watch;
  ASSERT_TRUE(plan.report_start("a", "10", "m", at("1971-01-01T00:00:00Z")).ok());
  ASSERT_TRUE(plan.report_start("b", "10", "m", kMonday + hours{5}).ok());
  ASSERT_TRUE(plan.expect_finish("b", "10", at("9999-12-31T00:00:00Z")).ok());
  (void)engine->repair(plan, kMonday + hours{5});
  EXPECT_EQ(engine->place(plan, demand("c", {op("10", "mill", hours{5})}), kMonday).status().reason(), "NO_WINDOW");
  ASSERT_TRUE(plan.report_end("b", "10", kMonday + hours{6}).ok());
  EXPECT_TRUE(engine->place(plan, demand("c", {op("10", "mill", hours{5})}), kMonday).ok());
  EXPECT_LT(watch.ms(), 1500);
}

}  // namespace
}  // namespace loomline::planning
