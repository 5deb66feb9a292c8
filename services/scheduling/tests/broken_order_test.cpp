// One order's broken data parks that order, and its plant goes on.
#include "fault_commands.hpp"

namespace loomline::scheduling {
namespace {

using namespace production::v1;  // NOLINT: the floor's words

struct BrokenOrder : FaultyFactory {
  std::string to_gate(const std::string& order_id) {
    order(order_id);
    accept_all();
    const auto wo = said<WorkOrderOffered>().back().work_order().work_order_id();
    run(wo, "op_saw", hours{2});
    run(wo, "op_fit", hours{3});
    run(wo, "op_test", hours{1});
    return wo;
  }
  std::string parked(const std::string& order_id) { return view().parts_of<domain::Order>().find(order_id)->parked(); }
};

TEST_F(BrokenOrder, IsParkedSaidAndLeftOut) {
  const auto wo = to_gate("ord_1");
  break_order("ord_1", [](domain::Unit& unit) { unit.set_state(state::v1::UNIT_STATE_COMPLETED); });
  harness.take();
  decide("ord_1", false, quality::v1::DISPOSITION_SCRAP);
  ASSERT_EQ(said<v1::LineUnschedulable>().size(), 1U);
  EXPECT_NE(said<v1::LineUnschedulable>()[0].reason().find("ORDER_PARKED: unit unt_"), std::string::npos);
  EXPECT_NE(parked("ord_1").find("cannot go from COMPLETED to REPLACED"), std::string::npos);
  EXPECT_EQ(said<v1::UnitReplaced>().size(), 0U) << "nothing that the failed attempt said is kept";
  EXPECT_EQ(report(wo, "op_pack", OPERATION_STATE_RUNNING), "ORDER_PARKED");

  // Everybody else goes on, in this process and in the next.
  for (const std::string id : {"ord_2", "ord_3"}) {
    order(id);
    accept_all();
    const auto other = said<WorkOrderOffered>().back().work_order().work_order_id();
    EXPECT_EQ(report(other, "op_saw", OPERATION_STATE_RUNNING), "");
    harness.restart();
  }
  EXPECT_EQ(said<v1::LineUnschedulable>().size(), 1U) << "it is said once";
}

TEST_F(BrokenOrder, IsTriedAgainWithANewRevisionAndGetsWhatWasKept) {
  to_gate("ord_1");
  break_order("ord_1", [](domain::Unit& unit) { unit.set_state(state::v1::UNIT_STATE_COMPLETED); });
  decide("ord_1", false, quality::v1::DISPOSITION_SCRAP);
  harness.take();
  publish();  // nothing was mended: the kept decision breaks it again
  EXPECT_EQ(said<v1::LineUnschedulable>().size(), 1U);
  EXPECT_FALSE(parked("ord_1").empty());
  break_order("ord_1", [](domain::Unit& unit) { unit.set_state(state::v1::UNIT_STATE_IN_PRODUCTION); });
  harness.take();
  publish();
  EXPECT_TRUE(parked("ord_1").empty());
  EXPECT_EQ(said<v1::UnitReplaced>().size(), 1U);
  EXPECT_EQ(said<WorkOrderOffered>().size(), 1U);
  EXPECT_EQ(view().parts_of<state::v1::Kept>().size(), 0U);
}

TEST_F(BrokenOrder, FoundWhenThePlantIsReadIsParkedByTheNextStep) {
  order("ord_1");
  order("ord_2");
  break_order("ord_1",
              [](domain::Unit& unit) { unit.mutable_work_orders(0)->mutable_operations(1)->set_op_id("op_ghost"); });
  harness.restart();
  harness.take();
  order("ord_3");
  ASSERT_EQ(said<v1::LineUnschedulable>().size(), 1U);
  EXPECT_EQ(said<v1::LineUnschedulable>()[0].order_id(), "ord_1");
  EXPECT_NE(parked("ord_1").find("op_ghost"), std::string::npos);
  EXPECT_EQ(said<v1::LineScheduled>().size(), 1U);
  EXPECT_EQ(view().board().plan->size(), 2U);
  EXPECT_EQ(work_orders().size(), 2U) << "the floor is not told of it";
  break_order("ord_1",
              [](domain::Unit& unit) { unit.mutable_work_orders(0)->mutable_operations(1)->set_op_id("op_fit"); });
  publish();
  EXPECT_EQ(view().board().plan->size(), 3U);
  EXPECT_EQ(work_orders().size(), 3U);
}

TEST_F(BrokenOrder, ACommandAboutItIsRefusedWithTheReason) {
  const auto wo = to_gate("ord_1");
  decide("ord_1", true);
  run(wo, "op_pack", minutes{30});
  break_order("ord_1", [](domain::Unit& unit) { unit.set_state(state::v1::UNIT_STATE_PLANNED); });
  EXPECT_EQ(ship(SHIPMENT_STATE_DISPATCHED), "ORDER_PARKED");
  order("ord_2");
  EXPECT_EQ(said<v1::LineScheduled>().size(), 2U);
}

}  // namespace
}  // namespace loomline::scheduling
