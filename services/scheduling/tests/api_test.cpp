// Queries and checks of requests.
#include <google/protobuf/util/json_util.h>

#include <fstream>
#include <iterator>

#include "api/scheduling_api.hpp"
#include "fixture.hpp"
#include "loomline/common/v1/system.pb.h"

namespace loomline::scheduling {
namespace {

struct Api : Factory {
  api::SchedulingApi api{harness, harness};

  v1::QuotePromiseRequest quote(int lines, int pieces = 1) {
    v1::QuotePromiseRequest request;
    request.set_country("DE");
    request.set_zone("Europe/Berlin");
    for (int i = 0; i < lines; ++i) {
      auto& line = *request.add_lines();
      line.set_line_id("lin_" + std::to_string(i));
      line.set_quantity(pieces);
      *line.mutable_spec() = test_spec();
    }
    return request;
  }
};

TEST_F(Api, AQuoteTellsWindowAndPlantAndReservesNothing) {
  const auto before = state().SerializeAsString();
  const auto one = api.quote_promise("main", quote(1));
  ASSERT_TRUE(one.ok()) << one.status().to_string();
  EXPECT_EQ(one->plant_ids(0), "plt_a");
  EXPECT_EQ(one->promises(0).probability_permille(), 900U);
  EXPECT_EQ(one->promises(0).milestone(), production::v1::MILESTONE_DELIVERED);
  const auto many = api.quote_promise("main", quote(2, 20));
  ASSERT_TRUE(many.ok());
  EXPECT_GT(to_time(many->promises(0).window().latest()), to_time(one->promises(0).window().latest()));
  EXPECT_EQ(to_time(many->promises(0).window().latest()), to_time(many->promises(1).window().latest()));
  EXPECT_EQ(state().SerializeAsString(), before);
  auto surer = quote(1);
  surer.set_probability_permille(999);
  EXPECT_GE(to_time(api.quote_promise("main", surer)->promises(0).window().latest()),
            to_time(one->promises(0).window().latest()));
}

TEST_F(Api, AQuoteThatNoPlantCanKeepSaysWhy) {
  auto request = quote(1);
  request.mutable_lines(0)->mutable_spec()->clear_plant_ids();
  EXPECT_EQ(api.quote_promise("main", request).status().reason(), "NO_PLANT");
  request = quote(1);
  request.mutable_lines(0)->mutable_spec()->set_plant_ids(0, "plt_nowhere");
  EXPECT_EQ(api.quote_promise("main", request).status().reason(), "NO_PLANT");
  request = quote(1);
  request.mutable_lines(0)->mutable_spec()->mutable_operations(2)->set_equipment_class("laser");
  const auto refused = api.quote_promise("main", request).status();
  EXPECT_EQ(refused.reason(), "NO_SUCH_CAPACITY");
  EXPECT_EQ(refused.violations().at(0).field, "lines[0].operations[op_test]");
  EXPECT_EQ(api.quote_promise("main", quote(1, 1001)).status().code(), Code::invalid_argument);
  EXPECT_EQ(api.quote_promise("main", quote(0)).status().violations().at(0).field, "lines");
}

TEST_F(Api, PlansAndPlantsAreRead) {
  order("ord_1");
  v1::GetPlanRequest request;
  request.set_plant_id("plt_a");
  const auto plan = api.get_plan("main", request);
  ASSERT_TRUE(plan.ok());
  ASSERT_EQ(plan->operations_size(), 4);
  EXPECT_EQ(plan->operations(0).op_id(), "op_saw");
  EXPECT_EQ(plan->operations(0).state(), "ALLOWED_TO_START");
  request.set_order_id("ord_2");
  EXPECT_EQ(api.get_plan("main", request)->operations_size(), 0);
  v1::GetPlantRequest plant;
  plant.set_plant_id("plt_a");
  EXPECT_EQ(api.get_plant("main", plant)->revision(), 1U);
  plant.set_plant_id("plt_b");
  EXPECT_EQ(api.get_plant("main", plant).status().reason(), "PLANT_UNKNOWN");
  plant.set_plant_id("b");
  EXPECT_EQ(api.get_plant("main", plant).status().code(), Code::invalid_argument);
}

TEST_F(Api, WorkOrdersComeInPages) {
  order("ord_1", 501);
  production::v1::ListWorkOrdersRequest request;
  request.set_plant_id("plt_a");
  const auto first = api.list_work_orders("main", request);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->work_orders_size(), 500);
  request.set_after(first->next_after());
  const auto second = api.list_work_orders("main", request);
  EXPECT_EQ(second->work_orders_size(), 1);
  EXPECT_EQ(second->next_after(), "");
}

TEST_F(Api, OnlyWhatHasChangedIsListedSinceACursor) {
  order("ord_1", 2);
  production::v1::ListWorkOrdersRequest request;
  request.set_plant_id("plt_a");
  const auto all = api.list_work_orders("main", request);
  ASSERT_EQ(all->work_orders_size(), 2);
  request.set_since(all->cursor());
  const auto nothing = api.list_work_orders("main", request);
  EXPECT_EQ(nothing->work_orders_size(), 0);
  EXPECT_EQ(nothing->cursor(), all->cursor());
  // One is accepted: it comes, the other does not.
  production::v1::AnswerWorkOrdersRequest answers;
  answers.set_plant_id("plt_a");
  auto& answer = *answers.add_answers();
  answer.set_work_order_id(all->work_orders(1).work_order_id());
  answer.set_revision(1);
  answer.set_accepted(true);
  ASSERT_TRUE((call<production::v1::AnswerWorkOrdersRequest, production::v1::AnswerWorkOrdersResponse>(
                   "production.v1.ProductionService.AnswerWorkOrders", answers))
                  .ok());
  const auto accepted = api.list_work_orders("main", request);
  ASSERT_EQ(accepted->work_orders_size(), 1);
  EXPECT_EQ(accepted->work_orders(0).work_order_id(), all->work_orders(1).work_order_id());
  EXPECT_EQ(accepted->work_orders(0).state(), production::v1::WORK_ORDER_STATE_ACCEPTED);
  // Another order comes: it, and whatever it moved.
  order("ord_2", 1);
  request.set_since(accepted->cursor());
  const auto more = api.list_work_orders("main", request);
  EXPECT_GE(more->work_orders_size(), 1);
  EXPECT_EQ(more->gone_work_order_ids_size(), 0);
  request.add_states(production::v1::WORK_ORDER_STATE_RUNNING);
  EXPECT_EQ(api.list_work_orders("main", request).status().violations().at(0).field, "states");
  request.clear_states();
  request.set_since("soon");
  EXPECT_EQ(api.list_work_orders("main", request).status().violations().at(0).field, "since");
  request.set_since("999999");
  EXPECT_EQ(api.list_work_orders("main", request).status().violations().at(0).field, "since");
}

TEST_F(Api, APlantIsCheckedFieldByField) {
  const auto refused = [&](const v1::Plant& plant) {
    v1::PublishPlantRequest request;
    *request.mutable_plant() = plant;
    const auto answer = call<v1::PublishPlantRequest, v1::PublishPlantResponse>(
        "scheduling.v1.SchedulingService.PublishPlant", request);
    return answer.ok() || answer.status().violations().empty() ? std::string() : answer.status().violations()[0].field;
  };
  auto plant = test_plant();
  EXPECT_EQ(refused(plant), "");
  plant.set_zone("Mars/Olympus");
  EXPECT_EQ(refused(plant), "plant.zone");
  plant = test_plant();
  plant.mutable_equipment(1)->set_calendar_id("nights");
  EXPECT_EQ(refused(plant), "equipment[1].calendar_id");
  plant = test_plant();
  plant.mutable_calendars(0)->mutable_shifts(0)->set_end_minute(3000);
  EXPECT_EQ(refused(plant), "calendars[0].shifts[0].end_minute");
  plant = test_plant();
  plant.mutable_calendars(0)->add_exceptions()->set_date("2026-02-30");
  EXPECT_EQ(refused(plant), "calendars[0].exceptions[0].date");
  plant = test_plant();
  plant.mutable_supplies(0)->mutable_quantity()->set_scale(9);
  EXPECT_EQ(refused(plant), "supplies[0].quantity");
}

TEST_F(Api, SuppliesAreCountedInOneUnit) {
  auto request = text<v1::AddSupplyRequest>(
      R"(plant_id: "plt_a" supply {item {item_id: "itm_bar"} quantity {value: 5 unit: "KGM"}})");
  const auto add = [&] {
    return call<v1::AddSupplyRequest, v1::AddSupplyResponse>("scheduling.v1.SchedulingService.AddSupply", request)
        .status();
  };
  EXPECT_EQ(add().violations().at(0).field, "supply.quantity.unit");
  request.mutable_supply()->mutable_quantity()->set_unit("C62");
  EXPECT_TRUE(add().ok());
  EXPECT_EQ(state().stock(0).on_hand(), 8'000'000);
  request.set_plant_id("plt_b");
  EXPECT_EQ(add().reason(), "PLANT_UNKNOWN");
}

TEST_F(Api, TheClockOnlyGoesForward) {
  v1::AdvanceClockRequest request;
  const auto advance = [&] {
    return call<v1::AdvanceClockRequest, v1::AdvanceClockResponse>("scheduling.v1.SchedulingService.AdvanceClock",
                                                                   request);
  };
  EXPECT_EQ(advance().status().code(), Code::invalid_argument);
  *request.mutable_to() = to_timestamp(kMonday + hours{1});
  EXPECT_TRUE(advance().ok());
  *request.mutable_to() = to_timestamp(kMonday);
  EXPECT_EQ(advance().status().reason(), "CLOCK_BACKWARDS");
  EXPECT_EQ(said<common::v1::BusinessClockAdvanced>().size(), 1U);
}

// The plants of the demo are published as they stand in the tree.
TEST_F(Api, ThePlantsOfTheDemoAreSound) {
  for (const std::string product : {"pc", "compressor"}) {
    std::ifstream file(std::string(LOOMLINE_SOURCE_DIR) + "/deploy/products/" + product + "/plant.json");
    ASSERT_TRUE(file) << product;
    const std::string json{std::istreambuf_iterator<char>(file), {}};
    v1::PublishPlantRequest request;
    const auto parsed = google::protobuf::util::JsonStringToMessage(json, request.mutable_plant());
    ASSERT_TRUE(parsed.ok()) << product << ": " << parsed.ToString();
    const auto published = call<v1::PublishPlantRequest, v1::PublishPlantResponse>(
        "scheduling.v1.SchedulingService.PublishPlant", request);
    EXPECT_TRUE(published.ok()) << product << ": " << published.status().to_string();
  }
}

}  // namespace
}  // namespace loomline::scheduling
