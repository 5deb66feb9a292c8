// What is resident must not matter: whatever happens to a plant, a process that reads everything again from what is
// stored, at any moment, says exactly what one says that never stopped.
#include <random>

#include "fixture.hpp"

namespace loomline::scheduling {
namespace {

using namespace production::v1;  // NOLINT: the floor's words

struct RandomLife : Factory {
  void TestBody() override {}

  int below(int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); }

  void demand() {
    const auto id = "ord_" + std::to_string(++orders);
    if (below(12) == 0) {
      ++restless;
      return order(id, 60 + below(60));  // more than one step places
    }
    if (below(9) == 0) {
      intake::v1::OrderPlaced event = placed(id, 1);
      event.mutable_lines(0)->mutable_spec()->mutable_operations(0)->set_equipment_class("laser");
      harness.deliver(event, "intake");
      return settle();
    }
    order(id, 1 + below(3));
  }
  intake::v1::OrderPlaced placed(const std::string& id, int pieces) {
    intake::v1::OrderPlaced event;
    event.set_order_id(id);
    event.set_country("DE");
    event.set_zone("Europe/Berlin");
    *event.mutable_occurred_at() = to_timestamp(harness.now());
    auto& line = *event.add_lines();
    line.set_line_id("lin_" + id.substr(4));
    line.set_quantity(pieces);
    line.set_plant_id("plt_a");
    *line.mutable_spec() = test_spec();
    return event;
  }

  void floor_reports() {
    const auto list = work_orders();
    if (list.empty()) return;
    for (int tries = 0; tries < 5; ++tries) {
      const auto& order = list[static_cast<std::size_t>(below(static_cast<int>(std::min<std::size_t>(list.size(), 12))))];
      for (const auto& op : order.operations()) {
        if (op.state() == OPERATION_STATE_ALLOWED_TO_START && below(2) == 0)
          (void)report(order.work_order_id(), op.op_id(), OPERATION_STATE_RUNNING);
        else if (op.state() == OPERATION_STATE_RUNNING)
          (void)report(order.work_order_id(), op.op_id(),
                       below(8) == 0 ? OPERATION_STATE_ABORTED
                                     : below(8) == 0 ? OPERATION_STATE_INTERRUPTED : OPERATION_STATE_ENDED);
        else if (op.state() == OPERATION_STATE_INTERRUPTED)
          (void)report(order.work_order_id(), op.op_id(), OPERATION_STATE_RUNNING);
      }
    }
  }

  void quality_decides() {
    const auto plant = state();
    for (const auto& order : plant.orders())
      for (const auto& line : order.lines())
        for (const auto& unit : line.units())
          for (const auto& work_order : unit.work_orders())
            for (const auto& op : work_order.operations())
              if (op.gate() == state::v1::GATE_CLOSED && domain::counts(unit)) {
                const int fate = below(6);
                return decide(order.order_id(), fate > 1,
                              fate == 0 ? quality::v1::DISPOSITION_SCRAP : quality::v1::DISPOSITION_REWORK);
              }
  }

  void equipment() {
    ReportEquipmentRequest request;
    request.set_plant_id("plt_a");
    request.set_equipment_id(std::vector<std::string>{"saw-1", "saw-2", "cell-1", "rig-1"}[below(4)]);
    request.set_available(below(2) == 0);
    *request.mutable_occurred_at() = to_timestamp(harness.now());
    if (!request.available()) *request.mutable_expected_back() = to_timestamp(harness.now() + hours{1 + below(60)});
    (void)call<ReportEquipmentRequest, ReportEquipmentResponse>("production.v1.ProductionService.ReportEquipment",
                                                                request);
  }

  void cancel() {
    if (orders == 0) return;
    intake::v1::OrderCancellationRequested event;
    event.set_order_id("ord_" + std::to_string(1 + below(orders)));
    harness.deliver(event, "intake");
    settle();
  }

  void supply() {
    auto request = text<v1::AddSupplyRequest>(
        R"(plant_id: "plt_a" supply {item {item_id: "itm_bar"} quantity {value: 2 unit: "C62"}})");
    if (below(2) == 0) *request.mutable_supply()->mutable_available_at() = to_timestamp(harness.now() + hours{30});
    (void)call<v1::AddSupplyRequest, v1::AddSupplyResponse>("scheduling.v1.SchedulingService.AddSupply", request);
  }

  void publish() {
    v1::PublishPlantRequest request;
    *request.mutable_plant() = test_plant();
    if (below(2) == 0) {
      auto& laser = *request.mutable_plant()->add_equipment();
      laser.set_equipment_id("laser-1");
      laser.set_equipment_class("laser");
      laser.set_calendar_id("day");
    }
    if (below(3) == 0) request.mutable_plant()->mutable_equipment()->DeleteSubrange(0, 1);
    (void)call<v1::PublishPlantRequest, v1::PublishPlantResponse>("scheduling.v1.SchedulingService.PublishPlant",
                                                                  request);
  }

  void ship_something() {
    const auto plant = state();
    for (const auto& order : plant.orders()) {
      if (!order.has_shipment()) continue;
      ReportShipmentRequest request;
      request.set_plant_id("plt_a");
      request.set_shipment_id(order.shipment().shipment_id());
      request.set_state(order.shipment().state() == SHIPMENT_STATE_PLANNED ? SHIPMENT_STATE_DISPATCHED
                                                                           : SHIPMENT_STATE_DELIVERED);
      *request.mutable_occurred_at() = to_timestamp(harness.now());
      (void)call<ReportShipmentRequest, ReportShipmentResponse>("production.v1.ProductionService.ReportShipment",
                                                                request);
      return;
    }
  }

  void something() {
    const int what = below(40);
    if (what < 7)
      demand();
    else if (what < 22)
      floor_reports();
    else if (what < 27)
      quality_decides();
    else if (what < 29)
      equipment();
    else if (what < 31)
      cancel();
    else if (what < 33)
      supply();
    else if (what < 34)
      publish();
    else if (what < 36)
      ship_something();
    else
      harness.advance_to(harness.now() + minutes{20 + below(600)});
    accept_all();
  }

  // Everything said, with a line for each step.
  std::vector<std::string> live(unsigned seed, int steps, int restart_every) {
    random.seed(seed);
    std::vector<std::string> said_by_step;
    for (int i = 1; i <= steps; ++i) {
      something();
      if (restart_every > 0 && i % restart_every == 0) harness.restart();
      std::string all;
      for (const auto& message : harness.take()) all += message->GetDescriptor()->name() + " " + message->ShortDebugString() + "\n";
      said_by_step.push_back(std::move(all));
    }
    return said_by_step;
  }

  std::mt19937 random;
  int orders = 0, restless = 0;
};

struct Restarts : ::testing::TestWithParam<unsigned> {};

TEST_P(Restarts, ChangeNothingOfWhatIsSaid) {
  constexpr int kSteps = 300;
  RandomLife never, often, sometimes;
  const auto expected = never.live(GetParam(), kSteps, 0);
  const auto each = often.live(GetParam(), kSteps, 1);
  const auto some = sometimes.live(GetParam(), kSteps, 7);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ASSERT_EQ(expected[i], each[i]) << "step " << i << ", read again after every step";
    ASSERT_EQ(expected[i], some[i]) << "step " << i << ", read again after every seventh";
  }
  EXPECT_EQ(never.state().SerializeAsString(), often.state().SerializeAsString());
}

INSTANTIATE_TEST_SUITE_P(Seeds, Restarts, ::testing::Range(1U, 7U));

}  // namespace
}  // namespace loomline::scheduling
