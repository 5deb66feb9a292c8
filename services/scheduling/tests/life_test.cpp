// An order's way through the plant when nothing goes wrong, and reports that must change nothing.
#include "fixture.hpp"

namespace loomline::scheduling {
namespace {

using namespace production::v1;  // NOLINT: the floor's words

TEST_F(Factory, AnOrderIsPlannedPromisedMadeShippedAndForgotten) {
  order("ord_1");
  ASSERT_EQ(said<v1::LineScheduled>().size(), 1U);
  EXPECT_EQ(said<v1::LineScheduled>()[0].operations_total(), 4U);
  EXPECT_EQ(to_time(said<v1::LineScheduled>()[0].planned_finish()), kMonday + hours{6} + minutes{30});
  ASSERT_EQ(said<v1::PromiseMade>().size(), 1U);
  const auto promise = said<v1::PromiseMade>()[0].promise();
  EXPECT_EQ(promise.revision(), 1U);
  EXPECT_EQ(promise.zone(), "Europe/Berlin");
  EXPECT_GT(to_time(promise.window().latest()), kMonday + hours{6 + 24});
  EXPECT_EQ(said<v1::MaterialReady>().size(), 1U);
  ASSERT_EQ(said<WorkOrderOffered>().size(), 1U);
  const auto wo = work_order().work_order_id();
  accept_all();
  EXPECT_EQ(work_order().operations(0).state(), OPERATION_STATE_ALLOWED_TO_START);
  EXPECT_EQ(report(wo, "op_fit", OPERATION_STATE_RUNNING), "NOT_ALLOWED");

  harness.take();
  run(wo, "op_saw", hours{2});
  run(wo, "op_fit", hours{3});
  run(wo, "op_test", hours{1});
  const auto progressed = said<v1::OperationProgressed>();
  ASSERT_EQ(progressed.size(), 6U);
  EXPECT_EQ(progressed.back().characteristics_size(), 1);
  EXPECT_EQ(progressed.back().operations_done(), 3U);
  EXPECT_EQ(progressed.back().milestone(), MILESTONE_INSPECTED);
  EXPECT_EQ(report(wo, "op_pack", OPERATION_STATE_RUNNING), "NOT_ALLOWED");  // the gate is closed
  decide("ord_1", true);
  run(wo, "op_pack", minutes{30});
  ASSERT_EQ(said<v1::UnitCompleted>().size(), 1U);
  EXPECT_EQ(said<v1::UnitCompleted>()[0].serial(), "a-000001");
  EXPECT_EQ(said<WorkOrderCompleted>().size(), 1U);
  ASSERT_EQ(said<v1::ShipmentPlanned>().size(), 1U);
  EXPECT_EQ(said<v1::ShipmentPlanned>()[0].carrier(), "carrier-road");
  EXPECT_EQ(ship(SHIPMENT_STATE_DELIVERED), "SHIPMENT_STATE");
  EXPECT_EQ(ship(SHIPMENT_STATE_DISPATCHED), "");
  EXPECT_EQ(ship(SHIPMENT_STATE_DISPATCHED), "");
  harness.advance_to(harness.now() + hours{20});
  EXPECT_EQ(ship(SHIPMENT_STATE_DELIVERED), "");
  EXPECT_EQ(said<v1::ShipmentDispatched>().size(), 1U);
  EXPECT_EQ(said<v1::ShipmentDelivered>().size(), 1U);
  EXPECT_EQ(said<v1::PromiseRevised>().size(), 0U);
  EXPECT_EQ(state().orders_size(), 0);
  EXPECT_EQ(state().delivered_size(), 1);
}

TEST_F(Factory, TheSameReportAgainAndLateReportsChangeNothing) {
  order("ord_1");
  accept_all();
  const auto wo = work_order().work_order_id();
  const auto running = make_report(wo, "op_saw", OPERATION_STATE_RUNNING, kMonday);
  const auto late = make_report(wo, "op_saw", OPERATION_STATE_INTERRUPTED, kMonday);
  const auto ended = make_report(wo, "op_saw", OPERATION_STATE_ENDED, kMonday);
  EXPECT_EQ(report(running), "");
  const auto once = state().SerializeAsString();
  EXPECT_EQ(report(running), "OUTDATED_REPORT");
  EXPECT_EQ(report(ended), "");
  EXPECT_EQ(report(late), "OUTDATED_REPORT");
  EXPECT_EQ(report(make_report(wo, "op_saw", OPERATION_STATE_RUNNING, kMonday)), "ALREADY_ENDED");
  auto wrong = make_report("wo_unknown", "op_saw", OPERATION_STATE_RUNNING, kMonday);
  EXPECT_EQ(report(wrong), "WORK_ORDER_UNKNOWN");
  EXPECT_EQ(report(make_report(wo, "op_nope", OPERATION_STATE_RUNNING, kMonday)), "OPERATION_UNKNOWN");
  EXPECT_EQ(report(make_report(wo, "op_fit", OPERATION_STATE_RUNNING, kMonday + hours{1})), "TIME_INVALID");
  EXPECT_EQ(work_order().operations(0).state(), OPERATION_STATE_ENDED);
  EXPECT_EQ(said<v1::OperationProgressed>().size(), 2U);
}

TEST_F(Factory, AnEndWithoutAStartIsBoth) {
  order("ord_1");
  harness.advance_to(kMonday + hours{2});
  const auto wo = work_order().work_order_id();
  EXPECT_EQ(report(wo, "op_saw", OPERATION_STATE_ENDED), "");  // not even accepted
  EXPECT_EQ(work_order().state(), WORK_ORDER_STATE_RUNNING);
  EXPECT_EQ(to_time(work_order().operations(0).actual_start()), kMonday);
  EXPECT_EQ(work_order().operations(1).state(), OPERATION_STATE_ALLOWED_TO_START);
}

TEST_F(Factory, DuplicatesOfWhatIsHeardChangeNothing) {
  order("ord_1");
  const auto before = state().SerializeAsString();
  order("ord_1");
  EXPECT_EQ(state().SerializeAsString(), before);
  EXPECT_EQ(said<v1::PromiseMade>().size(), 1U);
}

TEST_F(Factory, AQuotedPromiseHoldsWhileItIsAsSure) {
  order("ord_1");
  const auto promised = said<v1::PromiseMade>()[0].promise().window();
  v1::QuotePromiseRequest request;
  request.set_country("DE");
  request.set_zone("Europe/Berlin");
  auto& line = *request.add_lines();
  line.set_quantity(1);
  *line.mutable_spec() = test_spec();
  domain::Quoting quoting(view(), request, harness.now());
  ASSERT_TRUE(quoting.add(line).ok());
  const auto quoted = quoting.promise();
  ASSERT_TRUE(quoted.ok());
  EXPECT_GE(to_time(quoted->window().latest()), to_time(promised.latest()));
  EXPECT_EQ(quoted->revision(), 0U);
}

TEST_F(Factory, MaterialThatIsBoughtIsAnnouncedWhenItComes) {
  order("ord_1", 3);  // takes the three bars
  harness.take();
  order("ord_2");
  EXPECT_EQ(said<v1::MaterialReady>().size(), 0U);
  EXPECT_GE(to_time(said<v1::LineScheduled>().at(0).planned_start()), kMonday + hours{48});
  harness.advance_to(kMonday + hours{49});
  ASSERT_EQ(said<v1::MaterialReady>().size(), 1U);
  EXPECT_EQ(said<v1::MaterialReady>()[0].order_id(), "ord_2");
}

TEST_F(Factory, ARejectedWorkOrderIsOfferedAgainWithTheNextRevision) {
  order("ord_1");
  AnswerWorkOrdersRequest request;
  request.set_plant_id("plt_a");
  auto& answer = *request.add_answers();
  answer.set_work_order_id(work_order().work_order_id());
  answer.set_revision(1);
  answer.set_reason("NO_TOOL");
  const auto answer_it = [&] {
    return call<AnswerWorkOrdersRequest, AnswerWorkOrdersResponse>("production.v1.ProductionService.AnswerWorkOrders",
                                                                   request)
        ->outdated_work_order_ids_size();
  };
  EXPECT_EQ(answer_it(), 0);
  EXPECT_EQ(work_order().state(), WORK_ORDER_STATE_REJECTED);
  EXPECT_EQ(answer_it(), 0);  // said before
  harness.advance_to(kMonday + hours{25});
  EXPECT_EQ(work_order().state(), WORK_ORDER_STATE_OFFERED);
  EXPECT_EQ(work_order().revision(), 2U);
  EXPECT_EQ(answer_it(), 1);  // an answer to the first revision
}

TEST(Lives, TablesHaveNoTransitionTwice) {
  for (const auto& a : operation_life) {
    int same = 0;
    for (const auto& b : operation_life) same += a.from == b.from && a.to == b.to ? 1 : 0;
    EXPECT_EQ(same, 1) << a.on;
  }
  EXPECT_FALSE(wire::may_follow(shipment_life, SHIPMENT_STATE_PLANNED, SHIPMENT_STATE_DELIVERED));
}

}  // namespace
}  // namespace loomline::scheduling
