// What goes wrong: rework, scrap, breakdowns, late reports, cancellation, missing plants.
#include "fixture.hpp"

namespace loomline::scheduling {
namespace {

using namespace production::v1;  // NOLINT: the floor's words

struct Disturbance : Factory {
  // Up to the end of the test of the first order.
  std::string to_gate() {
    order("ord_1");
    accept_all();
    const auto wo = work_order().work_order_id();
    run(wo, "op_saw", hours{2});
    run(wo, "op_fit", hours{3});
    run(wo, "op_test", hours{1});
    harness.take();
    return wo;
  }
  Status equipment(const std::string& id, bool available, Duration back = {}) {
    ReportEquipmentRequest request;
    request.set_plant_id("plt_a");
    request.set_equipment_id(id);
    request.set_available(available);
    *request.mutable_occurred_at() = to_timestamp(harness.now());
    if (!available) *request.mutable_expected_back() = to_timestamp(harness.now() + back);
    return call<ReportEquipmentRequest, ReportEquipmentResponse>("production.v1.ProductionService.ReportEquipment",
                                                                 request)
        .status();
  }
  void cancel(const std::string& order_id) {
    intake::v1::OrderCancellationRequested event;
    event.set_order_id(order_id);
    harness.deliver(event, "intake");
    settle();
  }
};

TEST_F(Disturbance, AFailedUnitIsReworkedInspectedAgainAndGoesOn) {
  const auto wo = to_gate();
  decide("ord_1", false, quality::v1::DISPOSITION_REWORK);
  ASSERT_EQ(said<v1::ReworkScheduled>().size(), 1U);
  EXPECT_EQ(said<v1::ReworkScheduled>()[0].op_ids_size(), 2);  // fit, then test again
  ASSERT_EQ(said<WorkOrderOffered>().size(), 1U);
  const auto rework = said<WorkOrderOffered>()[0].work_order();
  EXPECT_EQ(rework.kind(), WORK_ORDER_KIND_REWORK);
  EXPECT_EQ(rework.parent_work_order_id(), wo);
  EXPECT_TRUE(rework.operations(0).has_planned_start());
  accept_all();
  EXPECT_EQ(report(wo, "op_pack", OPERATION_STATE_RUNNING), "NOT_ALLOWED");
  run(rework.work_order_id(), "op_fit", hours{1});
  run(rework.work_order_id(), "op_test", hours{1});
  EXPECT_EQ(said<v1::OperationProgressed>().back().attempt(), 2U);
  EXPECT_TRUE(said<v1::OperationProgressed>().back().rework());
  EXPECT_EQ(report(wo, "op_pack", OPERATION_STATE_RUNNING), "NOT_ALLOWED");
  decide("ord_1", false, quality::v1::DISPOSITION_REWORK);  // and once more
  accept_all();
  const auto second = said<WorkOrderOffered>().back().work_order().work_order_id();
  run(second, "op_fit", hours{1});
  run(second, "op_test", hours{1});
  decide("ord_1", true);
  run(wo, "op_pack", minutes{30});
  EXPECT_EQ(said<v1::UnitCompleted>().size(), 1U);
  EXPECT_EQ(said<v1::ShipmentPlanned>().size(), 1U);
}

TEST_F(Disturbance, UseAsIsOpensTheGate) {
  const auto wo = to_gate();
  decide("ord_1", false, quality::v1::DISPOSITION_USE_AS_IS);
  run(wo, "op_pack", minutes{30});
  EXPECT_EQ(said<v1::UnitCompleted>().size(), 1U);
}

TEST_F(Disturbance, ScrapMintsAnotherUnitAndRevisesThePromise) {
  const auto wo = to_gate();
  const auto scrapped = unit_of("ord_1");
  decide("ord_1", false, quality::v1::DISPOSITION_SCRAP);
  ASSERT_EQ(said<v1::UnitReplaced>().size(), 1U);
  EXPECT_EQ(said<v1::UnitReplaced>()[0].scrapped_unit_id(), scrapped);
  EXPECT_EQ(said<v1::UnitReplaced>()[0].unit_id(), unit_of("ord_1"));
  EXPECT_EQ(said<WorkOrderRecalled>().size(), 1U);
  EXPECT_EQ(said<WorkOrderRecalled>()[0].revision(), 2U);
  ASSERT_EQ(said<WorkOrderOffered>().size(), 1U);
  EXPECT_EQ(report(wo, "op_pack", OPERATION_STATE_RUNNING), "RECALLED");
  for (const auto& revised : said<v1::PromiseRevised>())
    EXPECT_EQ(revised.promise().reason(), v1::PROMISE_REASON_REPLACEMENT);
}

TEST_F(Disturbance, WhatIsLostAtItsTestIsNotMeasured) {
  order("ord_1");
  accept_all();
  const auto wo = work_order().work_order_id();
  run(wo, "op_saw", hours{2});
  run(wo, "op_fit", hours{3});
  harness.take();
  auto lost = make_report(wo, "op_test", OPERATION_STATE_ENDED, harness.now());
  lost.set_good_quantity(0);
  lost.set_scrap_quantity(1);
  EXPECT_EQ(report(lost), "");
  ASSERT_EQ(said<v1::OperationProgressed>().size(), 1U);
  EXPECT_EQ(said<v1::OperationProgressed>()[0].characteristics_size(), 0);
  EXPECT_EQ(said<v1::UnitReplaced>().size(), 1U);
}

TEST_F(Disturbance, ALongBreakdownRevisesThePromiseWithItsReason) {
  order("ord_1");
  accept_all();
  harness.take();
  ASSERT_TRUE(equipment("rig-1", false, hours{24 * 9}).ok());
  ASSERT_EQ(said<EquipmentStateChanged>().size(), 1U);
  ASSERT_EQ(said<v1::PromiseRevised>().size(), 1U);
  const auto promise = said<v1::PromiseRevised>()[0].promise();
  EXPECT_EQ(promise.revision(), 2U);
  EXPECT_EQ(promise.reason(), v1::PROMISE_REASON_EQUIPMENT_BREAKDOWN);
  EXPECT_FALSE(promise.supersedes().empty());
  EXPECT_GT(to_time(promise.window().latest()), kMonday + hours{24 * 9});
  ASSERT_TRUE(equipment("rig-1", true).ok());  // a false alarm
  ASSERT_TRUE(equipment("rig-1", true).ok());
  EXPECT_EQ(said<EquipmentStateChanged>().size(), 2U);
  EXPECT_EQ(said<v1::PromiseRevised>().back().promise().reason(), v1::PROMISE_REASON_EARLIER);
  EXPECT_EQ(equipment("rig-9", true).reason(), "EQUIPMENT_UNKNOWN");
}

TEST_F(Disturbance, AShortBreakdownMovesOnlyWhatItMust) {
  order("ord_1");
  order("ord_2");
  harness.take();
  ASSERT_TRUE(equipment("saw-1", false, hours{3}).ok());
  EXPECT_EQ(said<v1::PromiseRevised>().size(), 0U);
  EXPECT_EQ(said<WorkOrderOffered>().size(), 0U);
}

TEST_F(Disturbance, AnAbortedOperationIsPlannedAgain) {
  order("ord_1");
  accept_all();
  const auto wo = work_order().work_order_id();
  EXPECT_EQ(report(wo, "op_saw", OPERATION_STATE_RUNNING), "");
  harness.advance_to(kMonday + hours{1});
  EXPECT_EQ(report(wo, "op_saw", OPERATION_STATE_ABORTED), "");
  EXPECT_EQ(work_order().operations(0).state(), OPERATION_STATE_ALLOWED_TO_START);
  EXPECT_GE(to_time(work_order().operations(0).planned_start()), kMonday + hours{1});
  run(wo, "op_saw", hours{2});
  EXPECT_EQ(work_order().operations(1).state(), OPERATION_STATE_ALLOWED_TO_START);
}

TEST_F(Disturbance, CancellationIsGrantedWithAFeeByStage) {
  order("ord_1");
  cancel("ord_1");
  ASSERT_EQ(said<v1::CancellationGranted>().size(), 1U);
  EXPECT_EQ(said<v1::CancellationGranted>()[0].fee_permille(), 0U);
  EXPECT_EQ(said<WorkOrderRecalled>().size(), 1U);
  EXPECT_EQ(state().orders_size(), 0);
  harness.take();

  order("ord_2");
  accept_all();
  const auto wo = work_order().work_order_id();
  EXPECT_EQ(report(wo, "op_saw", OPERATION_STATE_RUNNING), "");
  cancel("ord_2");
  EXPECT_EQ(said<v1::CancellationGranted>().at(0).fee_permille(), 300U);
  EXPECT_EQ(state().orders_size(), 1);  // the saw still runs
  harness.advance_to(kMonday + hours{2});
  EXPECT_EQ(report(wo, "op_saw", OPERATION_STATE_ENDED), "");
  EXPECT_EQ(state().orders_size(), 0);
  cancel("ord_2");
  EXPECT_EQ(said<v1::CancellationGranted>().size(), 1U);
}

TEST_F(Disturbance, AFloorThatStopsWhatWasRecalledDoesNotBlockItsMachine) {
  order("ord_1");
  accept_all();
  EXPECT_EQ(report(work_order().work_order_id(), "op_saw", OPERATION_STATE_RUNNING), "");
  cancel("ord_1");
  EXPECT_EQ(state().orders_size(), 1);
  harness.advance_to(kMonday + hours{3});
  order("ord_2");
  EXPECT_EQ(state().orders_size(), 1);
  EXPECT_EQ(state().orders(0).order_id(), "ord_2");
}

TEST_F(Disturbance, CancellationIsDearWhenFinishedAndRefusedWhenShipped) {
  const auto wo = to_gate();
  decide("ord_1", true);
  run(wo, "op_pack", minutes{30});
  ASSERT_EQ(ship(SHIPMENT_STATE_DISPATCHED), "");
  cancel("ord_1");
  ASSERT_EQ(said<v1::CancellationRefused>().size(), 1U);
  EXPECT_EQ(said<v1::CancellationRefused>()[0].reason(), "ALREADY_SHIPPED");
}

TEST_F(Disturbance, WhatNoPlantCanMakeWaitsForOneThatCan) {
  auto plant = test_plant();
  intake::v1::OrderPlaced event;
  event.set_order_id("ord_1");
  auto& line = *event.add_lines();
  line.set_line_id("lin_1");
  line.set_quantity(1);
  line.set_plant_id("plt_a");
  *line.mutable_spec() = test_spec();
  line.mutable_spec()->mutable_operations(0)->set_equipment_class("laser");
  harness.deliver(event, "intake");
  settle();
  ASSERT_EQ(said<v1::LineUnschedulable>().size(), 1U);
  EXPECT_EQ(said<v1::LineUnschedulable>()[0].reason(), "NO_SUCH_CAPACITY");
  EXPECT_EQ(said<v1::LineScheduled>().size(), 0U);
  auto& laser = *plant.add_equipment();
  laser.set_equipment_id("laser-1");
  laser.set_equipment_class("laser");
  laser.set_calendar_id("day");
  v1::PublishPlantRequest request;
  *request.mutable_plant() = plant;
  const auto published =
      call<v1::PublishPlantRequest, v1::PublishPlantResponse>("scheduling.v1.SchedulingService.PublishPlant", request);
  ASSERT_TRUE(published.ok()) << published.status().to_string();
  EXPECT_EQ(published->revision(), 2U);
  EXPECT_EQ(said<v1::LineScheduled>().size(), 1U);
  EXPECT_EQ(said<v1::PromiseMade>().size(), 1U);
  EXPECT_EQ(said<v1::LineUnschedulable>().size(), 1U);
}

TEST_F(Disturbance, FactsThatOvertakeTheOrderWait) {
  quality::v1::InspectionPassed passed;
  passed.set_order_id("ord_1");
  passed.mutable_inspection()->set_line_id("lin_1");
  EXPECT_EQ(harness.deliver(passed, "quality").kind(), eventing::Verdict::Kind::not_yet);
  EXPECT_EQ(harness.waiting(), 1U);
  order("ord_1");
  EXPECT_EQ(harness.waiting(), 0U);
}

TEST_F(Disturbance, RemovedEquipmentKeepsWhatRunsAndLosesWhatIsPlanned) {
  order("ord_1");
  order("ord_2");
  accept_all();
  const auto first = work_order(0);
  EXPECT_EQ(report(first.work_order_id(), "op_saw", OPERATION_STATE_RUNNING), "");
  auto plant = test_plant();
  plant.mutable_equipment()->DeleteSubrange(0, 2);  // both saws go
  auto& fresh = *plant.add_equipment();
  fresh.set_equipment_id("saw-3");
  fresh.set_equipment_class("saw");
  fresh.set_calendar_id("day");
  v1::PublishPlantRequest request;
  *request.mutable_plant() = plant;
  ASSERT_TRUE(
      (call<v1::PublishPlantRequest, v1::PublishPlantResponse>("scheduling.v1.SchedulingService.PublishPlant", request)
           .ok()));
  EXPECT_EQ(work_order(0).operations(0).equipment_id(), first.operations(0).equipment_id());
  EXPECT_EQ(work_order(1).operations(0).equipment_id(), "saw-3");
  harness.advance_to(kMonday + hours{2});
  EXPECT_EQ(report(first.work_order_id(), "op_saw", OPERATION_STATE_ENDED), "");
}

}  // namespace
}  // namespace loomline::scheduling
