// A small plant and a harness around the service, for the tests.
#pragma once

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "domain/queries.hpp"
#include "domain/quoting.hpp"
#include "domain/unit_facts.hpp"
#include "loomline/eventing/testing.hpp"
#include "loomline/intake/v1/events.pb.h"
#include "loomline/quality/v1/quality.pb.h"
#include "loomline/scheduling/service.hpp"

namespace loomline::scheduling {

using domain::to_time;
using domain::to_timestamp;
using std::chrono::hours;
using std::chrono::minutes;

template <class Message>
Message text(const std::string& content) {
  Message message;
  if (!google::protobuf::TextFormat::ParseFromString(content, &message)) throw std::logic_error("bad text: " + content);
  return message;
}

inline const Time kMonday = parse_rfc3339("2026-03-02T08:00:00Z").value();

// Two saws, an assembly cell, a test rig, a dock; one shift 8 to 16 UTC on weekdays; two fitters.
inline v1::Plant test_plant() {
  return text<v1::Plant>(R"(
    plant_id: "plt_a" name {en: "Plant A"} zone: "UTC" country: "DE"
    calendars {calendar_id: "day" shifts {weekdays: [1, 2, 3, 4, 5] start_minute: 480 end_minute: 960}}
    equipment {equipment_id: "saw-1" equipment_class: "saw" calendar_id: "day"}
    equipment {equipment_id: "saw-2" equipment_class: "saw" calendar_id: "day"}
    equipment {equipment_id: "cell-1" equipment_class: "cell" calendar_id: "day"}
    equipment {equipment_id: "rig-1" equipment_class: "rig" calendar_id: "day"}
    operators {operator_class: "fitter" count: 2 calendar_id: "day"}
    supplies {item {item_id: "itm_bar"} quantity {value: 3 unit: "C62"} lot_id: "lot_1"}
    default_supply_hours: 48
    transport {country: "DE" typical_hours: 24 p95_hours: 36 carrier: "carrier-road"})");
}

// Saw two hours, assemble three, test one (measured), pack without a machine.
inline production::v1::ManufacturingSpec test_spec() {
  return text<production::v1::ManufacturingSpec>(R"(
    model_id: "mdl_x" product_name {en: "Frame"} plant_ids: "plt_a"
    bom {item {item_id: "itm_bar"} quantity {value: 1 unit: "C62"} op_id: "op_saw"}
    operations {op_id: "op_saw" equipment_class: "saw" run_seconds: 7200 milestone: MILESTONE_IN_PRODUCTION}
    operations {op_id: "op_fit" equipment_class: "cell" operator_class: "fitter" setup_seconds: 1800 run_seconds: 9000
                predecessors: "op_saw" milestone: MILESTONE_IN_PRODUCTION}
    operations {op_id: "op_test" equipment_class: "rig" run_seconds: 3600 predecessors: "op_fit"
                characteristic_ids: "chr_v" milestone: MILESTONE_INSPECTED}
    operations {op_id: "op_pack" run_seconds: 1800 predecessors: "op_test" milestone: MILESTONE_PACKED}
    characteristics {characteristic_id: "chr_v" nominal {value: 1 unit: "MMT"} upper_limit: 2
                     rework_op_ids: "op_fit"})");
}

// A plant with all its parts as it was stored before it had any.
inline domain::PlantState as_one_message(const domain::PlantView& view) {
  auto plant = view.state();
  if (plant.revision() > 0) *plant.mutable_plant() = view.model();
  for (const auto entry : view.board().index.orders) {
    auto& order = *plant.add_orders();
    order = *view.parts_of<domain::Order>().find(entry.value);
    if (const auto* shipment = view.parts_of<state::v1::Shipment>().find(order.shipment_id()))
      *order.mutable_shipment() = *shipment;
    for (auto& line : *order.mutable_lines()) {
      *line.mutable_spec() = *view.parts_of<domain::ManufacturingSpec>().find(line.spec_key());
      view.parts_of<domain::Unit>().each(
          domain::units_of(order.order_id(), line.line_id()),
          [&](const std::string&, const domain::Unit& unit) { *line.add_units() = unit; });
    }
  }
  view.parts_of<state::v1::Down>().each([&](const std::string&, const auto& down) { *plant.add_downs() = down; });
  view.parts_of<state::v1::Stock>().each([&](const std::string& id, const auto& stock) {
    auto& out = *plant.add_stock();
    out = stock;
    view.parts_of<state::v1::Inbound>().each(id + "/",
                                             [&](const std::string&, const auto& in) { *out.add_inbound() = in; });
  });
  for (const auto entry : view.board().index.deliveries)
    *plant.add_delivered() = *view.parts_of<state::v1::Shipment>().find(entry.value);
  view.parts_of<state::v1::Gone>().each([&](const std::string& name, const auto& gone) {
    for (const auto& id : gone.work_order_ids()) {
      plant.add_gone()->set_work_order_id(id);
      plant.mutable_gone()->rbegin()->set_changed(std::stoull(name));
    }
  });
  return plant;
}

struct Factory : ::testing::Test {
  Factory() {
    v1::PublishPlantRequest request;
    *request.mutable_plant() = test_plant();
    EXPECT_TRUE((
        call<v1::PublishPlantRequest, v1::PublishPlantResponse>("scheduling.v1.SchedulingService.PublishPlant", request)
            .ok()));
    harness.take();
  }

  template <class Request, class Response>
  Result<Response> call(const std::string& method, const Request& request) {
    auto result = harness.execute<Response>("loomline." + method, request, {});
    settle();
    return result;
  }

  // What the service says to itself over the internal topic comes back to it.
  // And what one step leaves for the next is done.
  void settle() {
    eventing::testing::settle({&harness});
    harness.advance_to(harness.now());
    eventing::testing::settle({&harness});
  }

  void order(const std::string& order_id, int pieces = 1) {
    intake::v1::OrderPlaced event;
    event.set_order_id(order_id);
    event.set_country("DE");
    event.set_zone("Europe/Berlin");
    *event.mutable_occurred_at() = to_timestamp(harness.now());
    auto& line = *event.add_lines();
    line.set_line_id("lin_" + order_id.substr(4));
    line.set_quantity(pieces);
    line.set_plant_id("plt_a");
    *line.mutable_spec() = test_spec();
    harness.deliver(event, "intake");
    settle();
  }

  domain::PlantView view() { return domain::PlantView(harness.snapshot("main", "plant", "plt_a").value()); }
  // The plant with all its parts, as one message.
  domain::PlantState state() { return as_one_message(view()); }
  std::vector<production::v1::WorkOrder> work_orders() {
    production::v1::ListWorkOrdersRequest request;
    const auto list = domain::work_orders_of(view(), request);
    return {list->work_orders().begin(), list->work_orders().end()};
  }
  production::v1::WorkOrder work_order(std::size_t n = 0) { return work_orders().at(n); }

  void accept_all() {
    production::v1::AnswerWorkOrdersRequest request;
    request.set_plant_id("plt_a");
    for (const auto& order : work_orders())
      if (order.state() == production::v1::WORK_ORDER_STATE_OFFERED) {
        auto& answer = *request.add_answers();
        answer.set_work_order_id(order.work_order_id());
        answer.set_revision(order.revision());
        answer.set_accepted(true);
      }
    EXPECT_TRUE((call<production::v1::AnswerWorkOrdersRequest, production::v1::AnswerWorkOrdersResponse>(
                     "production.v1.ProductionService.AnswerWorkOrders", request)
                     .ok()));
  }

  production::v1::OperationReport make_report(const std::string& work_order_id, const std::string& op_id,
                                              production::v1::OperationState op_state, Time at) {
    production::v1::OperationReport report;
    report.set_work_order_id(work_order_id);
    report.set_revision(1);
    report.set_op_id(op_id);
    report.set_report_number(static_cast<std::uint32_t>(++reports[work_order_id + op_id]));
    report.set_state(op_state);
    *report.mutable_occurred_at() = to_timestamp(at);
    if (op_state == production::v1::OPERATION_STATE_ENDED) report.set_good_quantity(1);
    return report;
  }
  // Empty where it was applied; otherwise why it was ignored.
  std::string report(const production::v1::OperationReport& report) {
    production::v1::ReportOperationsRequest request;
    request.set_plant_id("plt_a");
    *request.add_reports() = report;
    const auto answer = call<production::v1::ReportOperationsRequest, production::v1::ReportOperationsResponse>(
        "production.v1.ProductionService.ReportOperations", request);
    if (!answer.ok()) return answer.status().to_string();
    return answer->ignored_size() == 0 ? "" : answer->ignored(0).reason();
  }
  std::string report(const std::string& work_order_id, const std::string& op_id,
                     production::v1::OperationState op_state) {
    return report(make_report(work_order_id, op_id, op_state, harness.now()));
  }
  void run(const std::string& work_order_id, const std::string& op_id, Duration length) {
    EXPECT_EQ(report(work_order_id, op_id, production::v1::OPERATION_STATE_RUNNING), "") << op_id;
    harness.advance_to(harness.now() + length);
    EXPECT_EQ(report(work_order_id, op_id, production::v1::OPERATION_STATE_ENDED), "") << op_id;
  }

  void decide(const std::string& order_id, bool passed, quality::v1::Disposition disposition = {}) {
    const auto& unit = unit_of(order_id);
    if (passed) {
      quality::v1::InspectionPassed event;
      event.set_order_id(order_id);
      event.mutable_inspection()->set_line_id("lin_" + order_id.substr(4));
      event.mutable_inspection()->set_unit_id(unit);
      event.mutable_inspection()->set_op_id("op_test");
      harness.deliver(event, "quality");
    } else {
      quality::v1::DispositionDecided event;
      event.set_order_id(order_id);
      event.set_line_id("lin_" + order_id.substr(4));
      event.set_unit_id(unit);
      event.set_op_id("op_test");
      event.set_disposition(disposition);
      event.set_nonconformity_id("ncr_1");
      if (disposition == quality::v1::DISPOSITION_REWORK) event.add_rework_op_ids("op_fit");
      harness.deliver(event, "quality");
    }
    settle();
  }
  std::string unit_of(const std::string& order_id) {
    const auto plant = state();
    for (const auto& order : plant.orders())
      if (order.order_id() == order_id)
        for (const auto& unit : order.lines(0).units())
          if (domain::counts(unit)) return unit.unit_id();
    return {};
  }
  std::string ship(production::v1::ShipmentState to) {
    const auto plant = state();
    production::v1::ReportShipmentRequest request;
    request.set_plant_id("plt_a");
    for (const auto& order : plant.orders())
      if (order.has_shipment()) request.set_shipment_id(order.shipment().shipment_id());
    request.set_state(to);
    *request.mutable_occurred_at() = to_timestamp(harness.now());
    const auto done = call<production::v1::ReportShipmentRequest, production::v1::ReportShipmentResponse>(
        "production.v1.ProductionService.ReportShipment", request);
    return done.ok() ? "" : done.status().reason();
  }

  // The events of one kind that were published since the last take.
  template <class Event>
  std::vector<Event> said() {
    std::vector<Event> list;
    for (const auto& message : harness.published())
      if (const auto* event = dynamic_cast<const Event*>(message.get())) list.push_back(*event);
    return list;
  }

  eventing::testing::Harness harness{make_service(), kMonday};
  std::map<std::string, int> reports;
};

}  // namespace loomline::scheduling
