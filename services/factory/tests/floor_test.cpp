#include "loomline/factory/floor.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "loomline/wire/convert.hpp"

namespace loomline::factory {
namespace {

using namespace std::chrono_literals;
using wire::to_timestamp;

// Monday 5 January 2026, 08:00 in UTC.
const Time kMorning = parse_rfc3339("2026-01-05T08:00:00Z").value();

scheduling::Plant plant() {
  scheduling::Plant out;
  out.set_plant_id("plt_a");
  out.set_zone("UTC");
  auto& calendar = *out.add_calendars();
  calendar.set_calendar_id("day");
  auto& shift = *calendar.add_shifts();
  for (unsigned day = 1; day <= 5; ++day) shift.add_weekdays(day);
  shift.set_start_minute(8 * 60);
  shift.set_end_minute(16 * 60);
  for (const auto* id : {"saw", "rig"}) {
    auto& equipment = *out.add_equipment();
    equipment.set_equipment_id(id);
    equipment.set_calendar_id("day");
  }
  auto& supply = *out.add_supplies();
  supply.mutable_item()->set_item_id("itm_bar");
  supply.set_lot_id("lot_7");
  return out;
}

void add_operation(production::WorkOrder& order, const char* id, const char* equipment, Time start,
                   std::chrono::minutes length, production::OperationState state, const char* after = nullptr) {
  auto& op = *order.add_operations();
  op.set_op_id(id);
  op.set_equipment_id(equipment);
  *op.mutable_planned_start() = to_timestamp(start);
  *op.mutable_planned_end() = to_timestamp(start + length);
  op.set_planned_seconds(static_cast<unsigned>(length.count() * 60));
  op.set_state(state);
  if (after != nullptr) op.add_predecessors(after);
}

// Saw for an hour from 08:00, then an hour on the rig.
production::WorkOrder work_order(const std::string& id = "wo_1") {
  production::WorkOrder out;
  out.set_work_order_id(id);
  out.set_revision(3);
  out.set_state(production::WORK_ORDER_STATE_ACCEPTED);
  out.set_plant_id("plt_a");
  out.set_order_id("ord_" + id);
  out.add_unit_ids("unt_" + id);
  out.set_quantity(1);
  add_operation(out, "op_saw", "saw", kMorning, 60min, production::OPERATION_STATE_ALLOWED_TO_START);
  add_operation(out, "op_test", "rig", kMorning + 1h, 60min, production::OPERATION_STATE_NOT_ALLOWED, "op_saw");
  auto& item = *out.add_bom();
  item.mutable_item()->set_item_id("itm_bar");
  item.set_op_id("op_saw");
  return out;
}

std::unique_ptr<Floor> floor(FloorOptions options = {.variation = 0, .rejections_permille = 0, .breakdowns = {}},
                             std::uint64_t seed = 1) {
  return Floor::make(plant(), std::move(options), Draws(seed), std::make_shared<Labels>()).value();
}

const production::OperationReport& operation(const FloorReport& report) {
  return std::get<production::OperationReport>(report);
}

TEST(Floor, AcceptsWhatIsOffered) {
  auto order = work_order();
  order.set_state(production::WORK_ORDER_STATE_OFFERED);
  auto shop = floor();
  shop->observe(kMorning, {order});
  const auto answers = shop->answers();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_TRUE(answers[0].accepted());
  EXPECT_EQ(answers[0].revision(), 3U);
  EXPECT_TRUE(shop->advance(kMorning + 4h).empty()) << "what is only offered is not begun";
}

TEST(Floor, TakesWhatItRefusedWhenItIsOfferedAgain) {
  auto order = work_order();
  order.set_state(production::WORK_ORDER_STATE_OFFERED);
  order.set_revision(1);
  auto shop = floor({.variation = 0, .rejections_permille = 1000, .breakdowns = {}});
  shop->observe(kMorning, {order});
  EXPECT_FALSE(shop->answers().at(0).accepted());
  EXPECT_EQ(shop->answers().at(0).reason(), "TOOLING_UNAVAILABLE");
  order.set_revision(2);
  shop->observe(kMorning, {order});
  EXPECT_TRUE(shop->answers().at(0).accepted());
}

TEST(Floor, RunsAWorkOrderAsPlanned) {
  auto shop = floor();
  shop->observe(kMorning, {work_order()});
  EXPECT_EQ(shop->next_event(), kMorning);
  const auto reports = shop->advance(kMorning + 2h);
  ASSERT_EQ(reports.size(), 4U);
  EXPECT_EQ(operation(reports[0]).state(), production::OPERATION_STATE_RUNNING);
  EXPECT_EQ(time_of(reports[0]), kMorning);
  EXPECT_EQ(operation(reports[1]).state(), production::OPERATION_STATE_ENDED);
  EXPECT_EQ(operation(reports[1]).lot_ids(0), "lot_7");
  EXPECT_EQ(operation(reports[1]).good_quantity(), 1);
  EXPECT_EQ(operation(reports[1]).report_number(), 2U);
  EXPECT_EQ(operation(reports[2]).op_id(), "op_test") << "the successor follows in the same stretch";
  EXPECT_EQ(time_of(reports[3]), kMorning + 2h);
}

TEST(Floor, WaitsWhereSomethingIsMeasured) {
  auto order = work_order();
  order.mutable_operations(0)->add_characteristic_ids("chr_length");
  auto shop = floor();
  shop->observe(kMorning, {order});
  EXPECT_EQ(shop->advance(kMorning + 3h).size(), 2U);
  EXPECT_EQ(shop->next_event(), std::nullopt);
}

TEST(Floor, DoesOneOperationAtATimeOnAMachine) {
  auto shop = floor();
  shop->observe(kMorning, {work_order("wo_1"), work_order("wo_2")});
  const auto reports = shop->advance(kMorning + 90min);
  ASSERT_EQ(reports.size(), 4U);
  EXPECT_EQ(time_of(reports[2]), kMorning + 1h);
  EXPECT_NE(operation(reports[0]).work_order_id(), operation(reports[2]).work_order_id());
}

TEST(Floor, RestsOutsideTheShift) {
  auto order = work_order();
  *order.mutable_operations(0)->mutable_planned_start() = to_timestamp(kMorning - 1h);
  auto shop = floor();
  shop->observe(kMorning - 2h, {order});
  EXPECT_EQ(shop->next_event(), kMorning);
}

TEST(Floor, BreakdownStopsTheMachineAndDelaysWhatRuns) {
  auto shop = floor({.variation = 0, .rejections_permille = 0, .breakdowns = {{kMorning + 30min, 2h, ""}}});
  shop->observe(kMorning, {work_order()});
  const auto reports = shop->advance(kMorning + 4h);
  ASSERT_GE(reports.size(), 6U);
  EXPECT_EQ(operation(reports[1]).state(), production::OPERATION_STATE_INTERRUPTED);
  const auto& down = std::get<production::ReportEquipmentRequest>(reports[2]);
  EXPECT_EQ(down.equipment_id(), "saw");
  EXPECT_FALSE(down.available());
  EXPECT_TRUE(std::get<production::ReportEquipmentRequest>(reports[3]).available());
  EXPECT_EQ(operation(reports[4]).state(), production::OPERATION_STATE_RUNNING);
  EXPECT_EQ(operation(reports[5]).state(), production::OPERATION_STATE_ENDED);
  EXPECT_EQ(time_of(reports[5]), kMorning + 3h);
}

TEST(Floor, StopsWhatWasRecalled) {
  auto shop = floor();
  shop->observe(kMorning, {work_order()});
  EXPECT_EQ(shop->advance(kMorning).size(), 1U);
  shop->observe(kMorning + 10min, {}, {"wo_1"});
  EXPECT_TRUE(shop->advance(kMorning + 4h).empty());
}

TEST(Floor, TakesOverWhatAnEarlierSimulatorBegan) {
  auto order = work_order();
  order.mutable_operations(0)->set_state(production::OPERATION_STATE_RUNNING);
  *order.mutable_operations(0)->mutable_actual_start() = to_timestamp(kMorning);
  auto shop = floor();
  shop->observe(kMorning + 3h, {order});
  const auto reports = shop->advance(kMorning + 3h);
  ASSERT_FALSE(reports.empty());
  EXPECT_EQ(operation(reports[0]).state(), production::OPERATION_STATE_ENDED);
  EXPECT_GT(operation(reports[0]).report_number(), 1000U);
}

TEST(Floor, SameSeedSameTimes) {
  const auto run = [](std::uint64_t seed) {
    auto shop = floor({.variation = 0.3, .rejections_permille = 0, .breakdowns = {}}, seed);
    shop->observe(kMorning, {work_order("wo_1"), work_order("wo_2")});
    std::vector<Time> times;
    for (const auto& report : shop->advance(kMorning + 8h)) times.push_back(time_of(report));
    return times;
  };
  EXPECT_EQ(run(5), run(5));
  EXPECT_NE(run(5), run(6));
}

// Told only what has changed, a floor does what it does when everything is told again each time.
TEST(Floor, ChangesAreEnough) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Draws draws(seed);
    std::map<std::string, production::WorkOrder> plan;
    for (int i = 0; i < 12; ++i) {
      auto order = work_order("wo_" + std::to_string(i));
      const auto later = std::chrono::minutes(draws.below("later/" + std::to_string(i), 300));
      for (auto& op : *order.mutable_operations()) {
        *op.mutable_planned_start() = to_timestamp(wire::to_time(op.planned_start()) + later);
        *op.mutable_planned_end() = to_timestamp(wire::to_time(op.planned_end()) + later);
      }
      plan.emplace(order.work_order_id(), order);
    }
    auto all = floor({.variation = 0.3, .rejections_permille = 0, .breakdowns = {}}, seed);
    auto changes = floor({.variation = 0.3, .rejections_permille = 0, .breakdowns = {}}, seed);
    std::set<std::string> changed, gone;
    for (const auto& [id, order] : plan) changed.insert(id);
    std::size_t told = 0;
    for (Time now = kMorning; now < kMorning + 72h; now += 37min) {
      std::vector<production::WorkOrder> everything, news;
      for (const auto& [id, order] : plan) everything.push_back(order);
      for (const auto& id : changed) news.push_back(plan.at(id));
      all->observe(now, everything, {gone.begin(), gone.end()});
      changes->observe(now, news, {gone.begin(), gone.end()});
      changed.clear();
      gone.clear();
      ASSERT_EQ(all->next_event(), changes->next_event()) << "seed " << seed;
      const auto reports = changes->advance(now);
      const auto expected = all->advance(now);
      ASSERT_EQ(reports.size(), expected.size()) << "seed " << seed;
      for (std::size_t i = 0; i < reports.size(); ++i) {
        const auto& report = operation(reports[i]);
        ASSERT_EQ(report.SerializeAsString(), operation(expected[i]).SerializeAsString()) << "seed " << seed;
        if (!plan.contains(report.work_order_id())) continue;
        auto& order = plan.at(report.work_order_id());
        // Now and then the plant does not take it.
        if (draws.chance("ignored/" + std::to_string(told++), 100)) {
          all->retract(report);
          changes->retract(report);
          continue;
        }
        changed.insert(report.work_order_id());
        for (auto& op : *order.mutable_operations()) {
          if (op.op_id() == report.op_id()) op.set_state(report.state());
          if (op.op_id() == "op_test" && report.op_id() == "op_saw" &&
              report.state() == production::OPERATION_STATE_ENDED)
            op.set_state(production::OPERATION_STATE_ALLOWED_TO_START);
        }
        if (report.op_id() == "op_test" && report.state() == production::OPERATION_STATE_ENDED) {
          changed.erase(report.work_order_id());
          gone.insert(report.work_order_id());
          plan.erase(report.work_order_id());
        }
      }
    }
    EXPECT_GT(told, 20U) << "seed " << seed;
  }
}

TEST(Floor, RefusesAnUnknownCalendar) {
  auto bad = plant();
  bad.mutable_equipment(0)->set_calendar_id("night");
  const auto made = Floor::make(bad, {}, Draws(1), std::make_shared<Labels>());
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.status().violations().at(0).field, "equipment.saw");
}

}  // namespace
}  // namespace loomline::factory
