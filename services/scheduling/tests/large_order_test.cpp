// Lines of many pieces: placed and released by many steps, whole or not at all.
#include "api/scheduling_api.hpp"
#include "fixture.hpp"

namespace loomline::scheduling {
namespace {

using namespace production::v1;  // NOLINT: the floor's words

struct LargeOrder : Factory {
  // Delivered; what its first step leaves is not gone on with.
  void begin(const std::string& order_id, int pieces, const ManufacturingSpec& spec = test_spec()) {
    intake::v1::OrderPlaced event;
    event.set_order_id(order_id);
    auto& line = *event.add_lines();
    line.set_line_id("lin_" + order_id.substr(4));
    line.set_quantity(pieces);
    line.set_plant_id("plt_a");
    *line.mutable_spec() = spec;
    harness.deliver(event, "intake");
    eventing::testing::settle({&harness});
  }
  domain::Tally tally(const std::string& order_id) {
    return view().parts_of<domain::Order>().find(order_id)->lines(0).tally();
  }
};

TEST_F(LargeOrder, IsPlacedOverManyStepsAndPromisedOnce) {
  begin("ord_1", 120);
  EXPECT_EQ(tally("ord_1").held(), 20U);
  EXPECT_EQ(tally("ord_1").waiting(), 100U);
  EXPECT_EQ(harness.published().size(), 1U) << "the demand, and nothing of the line yet";
  EXPECT_EQ(work_orders().size(), 0U);
  harness.restart();
  begin("ord_2", 1);  // comes between: it waits for its turn
  EXPECT_EQ(said<v1::LineScheduled>().size(), 0U);
  settle();
  ASSERT_EQ(said<v1::LineScheduled>().size(), 2U);
  EXPECT_EQ(said<v1::LineScheduled>()[0].order_id(), "ord_1");
  EXPECT_EQ(said<v1::LineScheduled>()[0].unit_ids_size(), 120);
  EXPECT_EQ(said<v1::LineScheduled>()[0].operations_total(), 480U);
  EXPECT_EQ(said<v1::PromiseMade>().size(), 2U);
  EXPECT_EQ(said<WorkOrderOffered>().size(), 121U);
  EXPECT_EQ(tally("ord_1").held(), 0U);
}

TEST_F(LargeOrder, IsCancelledHalfPlaced) {
  begin("ord_1", 120);
  harness.take();
  intake::v1::OrderCancellationRequested event;
  event.set_order_id("ord_1");
  harness.deliver(event, "intake");
  settle();
  EXPECT_EQ(said<v1::CancellationGranted>().size(), 1U);
  EXPECT_EQ(said<WorkOrderRecalled>().size(), 0U) << "the floor never heard of it";
  EXPECT_EQ(state().orders_size(), 0);
  EXPECT_EQ(view().board().plan->size(), 0U);
}

TEST_F(LargeOrder, IsTakenBackOverManySteps) {
  order("ord_1", 250);
  harness.take();
  intake::v1::OrderCancellationRequested event;
  event.set_order_id("ord_1");
  harness.deliver(event, "intake");
  eventing::testing::settle({&harness});
  EXPECT_EQ(said<v1::CancellationGranted>().size(), 1U);
  EXPECT_LT(said<WorkOrderRecalled>().size(), 250U);
  const auto left = work_orders().back();
  EXPECT_EQ(report(left.work_order_id(), "op_saw", OPERATION_STATE_RUNNING), "RECALLED");
  settle();
  EXPECT_EQ(said<WorkOrderRecalled>().size(), 250U);
  EXPECT_EQ(state().orders_size(), 0);
}

TEST_F(LargeOrder, ThatDoesNotFitAsAWholeTakesNoPlace) {
  auto spec = test_spec();
  spec.clear_bom();
  auto& fit = *spec.mutable_operations(1);  // a whole day of the only cell, which must not rest
  fit.set_setup_seconds(0);
  fit.set_run_seconds(8 * 3600);
  fit.set_uninterrupted(true);
  begin("ord_1", 1000, spec);
  settle();
  ASSERT_EQ(said<v1::LineUnschedulable>().size(), 1U);
  EXPECT_EQ(said<v1::LineUnschedulable>()[0].reason(), "NO_WINDOW");
  EXPECT_EQ(said<v1::LineScheduled>().size(), 0U);
  EXPECT_EQ(view().board().plan->size(), 0U);
  EXPECT_EQ(tally("ord_1").waiting(), 1000U);
  EXPECT_EQ(tally("ord_1").held(), 0U);
  // Not tried again by whatever happens, but once a day.
  const auto tried = [&] { return view().parts_of<domain::Order>().find("ord_1")->lines(0).tried(); };
  const auto first = tried();
  order("ord_2");
  EXPECT_EQ(tried(), first);
  harness.advance_to(kMonday + hours{24});
  order("ord_3");
  EXPECT_GT(tried(), first);
  EXPECT_EQ(said<v1::LineUnschedulable>().size(), 1U) << said<v1::LineUnschedulable>().back().ShortDebugString();
}

TEST_F(LargeOrder, OfThreeThousandPiecesIsInThePlan) {
  intake::v1::OrderPlaced event;
  event.set_order_id("ord_1");
  for (const std::string id : {"lin_1", "lin_2", "lin_3"}) {
    auto& line = *event.add_lines();
    line.set_line_id(id);
    line.set_quantity(1000);
    line.set_plant_id("plt_a");
    *line.mutable_spec() = test_spec();
    // So little to do that three thousand fit into three years.
    for (auto& op : *line.mutable_spec()->mutable_operations()) {
      op.set_setup_seconds(0);
      op.set_run_seconds(600);
    }
  }
  harness.deliver(event, "intake");
  settle();
  EXPECT_EQ(said<v1::LineScheduled>().size(), 3U);
  EXPECT_EQ(said<WorkOrderOffered>().size(), 3000U);
  EXPECT_EQ(view().board().plan->size(), 3000U);
}

TEST_F(LargeOrder, OperationsWhoseMachineAndPeopleNeverMeetAreRefused) {
  auto plant = test_plant();
  auto& night = *plant.add_calendars();
  night = plant.calendars(0);
  night.set_calendar_id("night");
  night.mutable_shifts(0)->set_start_minute(1200);
  night.mutable_shifts(0)->set_end_minute(1440);
  plant.mutable_operators(0)->set_calendar_id("night");
  v1::PublishPlantRequest request;
  *request.mutable_plant() = plant;
  ASSERT_TRUE(
      (call<v1::PublishPlantRequest, v1::PublishPlantResponse>("scheduling.v1.SchedulingService.PublishPlant", request)
           .ok()));
  order("ord_1");
  ASSERT_EQ(said<v1::LineUnschedulable>().size(), 1U);
  EXPECT_EQ(said<v1::LineUnschedulable>()[0].reason(), "NO_WINDOW");

  v1::QuotePromiseRequest quote;
  auto& line = *quote.add_lines();
  line.set_quantity(1);
  *line.mutable_spec() = test_spec();
  const auto refused = api::SchedulingApi(harness, harness).quote_promise("main", quote).status();
  EXPECT_EQ(refused.reason(), "NO_WINDOW");
  ASSERT_FALSE(refused.violations().empty());
  EXPECT_EQ(refused.violations()[0].field, "lines[0].operations[op_fit]");
  EXPECT_FALSE(refused.violations()[0].remedy.empty());
}

}  // namespace
}  // namespace loomline::scheduling
