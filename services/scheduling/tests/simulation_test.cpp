// A month of a seeded factory against the service in memory: whatever happens, every order ends, and twice the same
// seed says the same.
#include <random>
#include <set>

#include "fixture.hpp"

namespace loomline::scheduling {
namespace {

using namespace production::v1;  // NOLINT: the floor's words

struct Month : Factory {
  std::mt19937 random;
  std::map<std::string, Time> ends;  // "work order/operation"
  std::map<std::string, std::string> busy;

  int below(int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); }

  void floor_step() {
    accept_all();
    for (const auto& order : work_orders())
      for (const auto& op : order.operations()) {
        const auto key = order.work_order_id() + "/" + op.op_id();
        const auto it = ends.find(key);
        if (it != ends.end() && it->second <= harness.now() && op.state() == OPERATION_STATE_RUNNING) {
          EXPECT_EQ(report(make_report(order.work_order_id(), op.op_id(), OPERATION_STATE_ENDED, it->second)), "");
          busy.erase(op.equipment_id());
        }
      }
    inspect();
    for (const auto& order : work_orders())
      for (const auto& op : order.operations()) {
        if (op.state() != OPERATION_STATE_ALLOWED_TO_START || to_time(op.planned_start()) > harness.now()) continue;
        if (!op.equipment_id().empty() && !busy.emplace(op.equipment_id(), op.op_id()).second) continue;
        EXPECT_EQ(report(order.work_order_id(), op.op_id(), OPERATION_STATE_RUNNING), "");
        ends[order.work_order_id() + "/" + op.op_id()] =
            harness.now() + std::chrono::seconds(op.planned_seconds() * static_cast<unsigned>(70 + below(70)) / 100);
      }
  }

  void inspect() {
    std::vector<std::string> gated;
    const auto plant = state();
    for (const auto& order : plant.orders())
      for (const auto& line : order.lines())
        for (const auto& unit : line.units())
          for (const auto& work_order : unit.work_orders())
            for (const auto& op : work_order.operations())
              if (op.gate() == state::v1::GATE_CLOSED && domain::counts(unit)) gated.push_back(order.order_id());
    for (const auto& order_id : std::set<std::string>(gated.begin(), gated.end())) {
      const int fate = below(10);
      decide(order_id, fate > 2, fate == 0 ? quality::v1::DISPOSITION_SCRAP : quality::v1::DISPOSITION_REWORK);
    }
  }

  void carrier_step() {
    const auto plant = state();
    for (const auto& order : plant.orders()) {
      if (!order.has_shipment()) continue;
      ReportShipmentRequest request;
      request.set_plant_id("plt_a");
      request.set_shipment_id(order.shipment().shipment_id());
      const bool sent = order.shipment().state() == SHIPMENT_STATE_DISPATCHED;
      const auto due = sent ? domain::from_micros(order.shipment().dispatched_at()) + hours{24}
                            : domain::from_micros(order.shipment().planned_dispatch());
      if (due > harness.now()) continue;
      request.set_state(sent ? SHIPMENT_STATE_DELIVERED : SHIPMENT_STATE_DISPATCHED);
      *request.mutable_occurred_at() = to_timestamp(harness.now());
      EXPECT_TRUE((
          call<ReportShipmentRequest, ReportShipmentResponse>("production.v1.ProductionService.ReportShipment", request)
              .ok()));
    }
  }

  void breakdown(bool available) {
    ReportEquipmentRequest request;
    request.set_plant_id("plt_a");
    request.set_equipment_id("cell-1");
    request.set_available(available);
    *request.mutable_occurred_at() = to_timestamp(harness.now());
    if (!available) *request.mutable_expected_back() = to_timestamp(harness.now() + hours{30});
    EXPECT_TRUE((call<ReportEquipmentRequest, ReportEquipmentResponse>(
                     "production.v1.ProductionService.ReportEquipment", request)
                     .ok()));
  }

  std::string live(unsigned seed) {
    random.seed(seed);
    int orders = 0;
    for (int hour = 0; hour < 24 * 60; ++hour) {
      harness.advance_to(kMonday + hours{hour});
      if (orders < 12 && hour % 10 == 0) order("ord_" + std::to_string(++orders));
      if (hour == 77) {
        intake::v1::OrderCancellationRequested event;
        event.set_order_id("ord_6");
        harness.deliver(event, "intake");
        settle();
      }
      if (hour == 50) breakdown(false);
      if (hour == 75) breakdown(true);
      floor_step();
      carrier_step();
      if (orders == 12 && state().orders_size() == 0) break;
    }
    EXPECT_EQ(state().orders_size(), 0);
    EXPECT_EQ(said<v1::ShipmentDelivered>().size(), 11U);
    EXPECT_EQ(said<v1::CancellationGranted>().size(), 1U);
    std::string all;
    for (const auto& message : harness.published()) all += message->SerializeAsString();
    return all;
  }
};

struct MonthTwice : ::testing::TestWithParam<unsigned> {};

struct Body : Month {
  void TestBody() override {}
};

TEST_P(MonthTwice, EveryOrderEndsAndTheSameSeedSaysTheSame) {
  Body first, second;
  EXPECT_EQ(first.live(GetParam()), second.live(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Seeds, MonthTwice, ::testing::Range(1U, 4U));

}  // namespace
}  // namespace loomline::scheduling
