// Plants that were stored as one message are taken apart by their next step, and nothing of them is lost.
#include "board_check.hpp"
#include "random_life.hpp"

namespace loomline::scheduling {
namespace {

// As a version before parts would have stored it.
state::v1::Plant as_before(state::v1::Plant plant) {
  for (auto& order : *plant.mutable_orders()) {
    for (auto* number : {"number", "shipment_id", "review"})
      order.GetReflection()->ClearField(&order, order.GetDescriptor()->FindFieldByName(number));
    for (auto& line : *order.mutable_lines())
      for (auto* name : {"spec_key", "tally", "tried", "material_at"})
        line.GetReflection()->ClearField(&line, line.GetDescriptor()->FindFieldByName(name));
  }
  for (auto& stock : *plant.mutable_stock())
    for (auto& in : *stock.mutable_inbound()) in.clear_item_id();
  for (auto& shipment : *plant.mutable_delivered()) shipment.clear_delivery();
  for (auto* name : {"gone_count", "orders_counted", "deliveries", "kept_counted", "relief", "relief_day",
                     "sweep_until", "unfinished", "unfinished_counted", "shipment_changes"})
    plant.GetReflection()->ClearField(&plant, plant.GetDescriptor()->FindFieldByName(name));
  return plant;
}

struct OneMessage : ::testing::TestWithParam<unsigned> {};

TEST_P(OneMessage, IsTakenApartByTheNextStep) {
  RandomLife before, after;
  before.random.seed(GetParam());
  for (int i = 0; i < 120; ++i) (void)before.live_on();
  const auto stored = as_before(before.state());
  ASSERT_GT(stored.orders_size(), 0);
  after.harness.advance_to(before.harness.now());
  // In the place of the plant that the fixture published.
  eventing::testing::Harness fresh(service_with_faults(after.fault), before.harness.now());
  ASSERT_TRUE(fresh.execute<v1::GetPlanResponse>("test.Store", stored, {}).ok());
  fresh.restart();

  // Readers do not wait for that step.
  const auto unconverted = domain::PlantView(fresh.snapshot("main", "plant", "plt_a").value());
  ListWorkOrdersRequest all;
  const auto listed = [&](const domain::PlantView& plant) {
    auto list = domain::work_orders_of(plant, all).value();
    list.clear_shipments_cursor();  // a plant of before counted no changes of its shipments
    return list.DebugString();
  };
  EXPECT_EQ(listed(unconverted), listed(before.view()));
  EXPECT_EQ(domain::plan_of(unconverted, "", before.harness.now()).DebugString(),
            domain::plan_of(before.view(), "", before.harness.now()).DebugString());
  EXPECT_EQ(domain::shipments_of(unconverted, true).DebugString(),
            domain::shipments_of(before.view(), true).DebugString());

  // A step that changes nothing else.
  auto nothing = text<AnswerWorkOrdersRequest>(R"(plant_id: "plt_a")");
  ASSERT_TRUE(
      fresh.execute<AnswerWorkOrdersResponse>("loomline.production.v1.ProductionService.AnswerWorkOrders", nothing, {})
          .ok());
  const auto converted = domain::PlantView(fresh.snapshot("main", "plant", "plt_a").value());
  EXPECT_EQ(board_fault(converted), "");
  EXPECT_FALSE(converted.state().has_plant());
  EXPECT_LT(converted.state().ByteSizeLong(), 1024U);
  EXPECT_EQ(as_before(as_one_message(converted)).DebugString(), stored.DebugString());
  fresh.restart();
  EXPECT_EQ(board_fault(domain::PlantView(fresh.snapshot("main", "plant", "plt_a").value())), "");
}

INSTANTIATE_TEST_SUITE_P(Seeds, OneMessage, ::testing::Range(1U, 4U));

}  // namespace
}  // namespace loomline::scheduling
