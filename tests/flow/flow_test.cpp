// A whole factory in memory: scheduling, quality, after-sales and tracking as production runs them, connected without a
// broker. The test plays intake, the MES and the carrier, through events and commands only.
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "loomline/aftersales/service.hpp"
#include "loomline/eventing/testing.hpp"
#include "loomline/intake/v1/events.pb.h"
#include "loomline/production/v1/production.pb.h"
#include "loomline/quality/service.hpp"
#include "loomline/quality/v1/quality.pb.h"
#include "loomline/scheduling/service.hpp"
#include "loomline/scheduling/v1/events.pb.h"
#include "loomline/scheduling/v1/scheduling.pb.h"
#include "loomline/tracking/service.hpp"
#include "loomline/tracking/state/v1/state.pb.h"
#include "loomline/wire/convert.hpp"
#include "services/tracking/domain/journey.hpp"

namespace loomline::flow {
namespace {

using eventing::testing::Harness;
using std::chrono::hours;
using wire::to_time;
using wire::to_timestamp;
using namespace production::v1;  // NOLINT: the floor's vocabulary

const Time kMonday = parse_rfc3339("2026-03-02T08:00:00Z").value();

template <class Message>
Message text(const std::string& content) {
  Message message;
  if (!google::protobuf::TextFormat::ParseFromString(content, &message)) throw std::logic_error("bad text: " + content);
  return message;
}

scheduling::v1::Plant plant() {
  return text<scheduling::v1::Plant>(R"(
    plant_id: "plt_a" name {en: "Plant A"} zone: "UTC" country: "DE"
    calendars {calendar_id: "day" shifts {weekdays: [1, 2, 3, 4, 5] start_minute: 480 end_minute: 960}}
    equipment {equipment_id: "saw-1" equipment_class: "saw" calendar_id: "day"}
    equipment {equipment_id: "rig-1" equipment_class: "rig" calendar_id: "day"}
    supplies {item {item_id: "itm_bar"} quantity {value: 30 unit: "C62"} lot_id: "lot_1"}
    default_supply_hours: 48
    transport {country: "DE" typical_hours: 24 p95_hours: 36 carrier: "carrier-road"})");
}

intake::v1::OrderPlaced placed(const std::string& order_id, int pieces, Time now) {
  auto event = text<intake::v1::OrderPlaced>(R"(
    country: "DE" zone: "Europe/Berlin"
    lines {plant_id: "plt_a" spec {
      model_id: "mdl_x" product_name {en: "Frame" zh: "框架"} plant_ids: "plt_a"
      bom {item {item_id: "itm_bar"} quantity {value: 1 unit: "C62"} op_id: "op_saw"}
      operations {op_id: "op_saw" name {en: "Saw"} equipment_class: "saw" run_seconds: 3600
                  milestone: MILESTONE_IN_PRODUCTION}
      operations {op_id: "op_test" name {en: "Test"} equipment_class: "rig" run_seconds: 3600 predecessors: "op_saw"
                  characteristic_ids: "chr_v" milestone: MILESTONE_INSPECTED}
      operations {op_id: "op_pack" name {en: "Pack"} run_seconds: 1800 predecessors: "op_test"
                  milestone: MILESTONE_PACKED}
      characteristics {characteristic_id: "chr_v" nominal {value: 10 scale: 1 unit: "MMT"} upper_limit: 20
                       rework_op_ids: "op_saw"}}})");
  event.set_order_id(order_id);
  event.mutable_lines(0)->set_line_id("lin_" + order_id.substr(4));
  event.mutable_lines(0)->set_quantity(pieces);
  *event.mutable_occurred_at() = to_timestamp(now);
  return event;
}

class Flow : public testing::Test {
 protected:
  Flow() {
    scheduling::v1::PublishPlantRequest request;
    *request.mutable_plant() = plant();
    call<scheduling::v1::PublishPlantResponse>(scheduling, "scheduling.v1.SchedulingService.PublishPlant", request);
  }

  template <class Response, class Request>
  Response call(Harness& service, const std::string& method, const Request& request) {
    auto answer = service.execute<Response>("loomline." + method, request, {});
    EXPECT_TRUE(answer.ok()) << method << ": " << answer.status().to_string();
    settle();
    return answer.ok() ? *answer : Response();
  }
  void settle() { eventing::testing::settle(all); }
  void hear_from_intake(const eventing::Message& event) {
    const auto id = "intake/1/loomline.intake.order/0/" + std::to_string(++intake_said);
    for (auto* service : all) service->deliver(event, "intake", id);
    settle();
  }

  // What was published since it was last asked, kept by kind.
  void read_post() {
    for (auto* service : all) {
      for (const auto& message : service->take()) {
        read(*message);
        ++counts[message->GetDescriptor()->name()];
      }
    }
  }
  void read(const eventing::Message& message) {
    if (const auto* offered = dynamic_cast<const WorkOrderOffered*>(&message)) {
      offers[offered->work_order().work_order_id()] = offered->work_order();
    } else if (const auto* recalled = dynamic_cast<const WorkOrderRecalled*>(&message)) {
      offers.erase(recalled->work_order_id());
    } else if (const auto* asked = dynamic_cast<const quality::v1::InspectionRequested*>(&message)) {
      inspections.push_back(asked->inspection());
    } else if (const auto* failed = dynamic_cast<const quality::v1::InspectionFailed*>(&message)) {
      if (failed->inspection().attempt() >= 3) undecided.push_back(failed->inspection());
    } else if (const auto* planned = dynamic_cast<const scheduling::v1::ShipmentPlanned*>(&message)) {
      shipments[planned->shipment_id()] = {to_time(planned->planned_dispatch()), SHIPMENT_STATE_PLANNED};
    }
  }

  bool report(const WorkOrder& order, const std::string& op_id, OperationState to) {
    ReportOperationsRequest request;
    request.set_plant_id("plt_a");
    auto& one = *request.add_reports();
    one.set_work_order_id(order.work_order_id());
    one.set_revision(order.revision());
    one.set_op_id(op_id);
    one.set_report_number(static_cast<std::uint32_t>(++report_numbers[order.work_order_id() + op_id]));
    one.set_state(to);
    *one.mutable_occurred_at() = to_timestamp(scheduling.now());
    one.set_good_quantity(to == OPERATION_STATE_ENDED ? 1 : 0);
    if (op_id.rfind("op_saw", 0) == 0) one.add_lot_ids("lot_1");
    return call<ReportOperationsResponse>(scheduling, "production.v1.ProductionService.ReportOperations", request)
               .ignored_size() == 0;
  }
  // Starts what may start; ends what runs.
  void work() {
    const auto now_offered = offers;
    for (const auto& [id, order] : now_offered)
      for (const auto& op : order.operations()) {
        const auto key = id + "/" + op.op_id();
        if (ended.count(key)) continue;
        if (running.count(key) ? report(order, op.op_id(), OPERATION_STATE_ENDED)
                               : report(order, op.op_id(), OPERATION_STATE_RUNNING))
          (running.insert(key).second ? running : ended).insert(key);
      }
  }
  // Every third first attempt fails; everything of one order fails until staff scraps it.
  void inspect() {
    for (const auto& inspection : std::exchange(inspections, {})) {
      const bool bad = (inspection.attempt() == 1 && ++measured % 3 == 0) ||
                       (inspection.order_id() == "ord_3" && !scrapped.count("ord_3"));
      quality::v1::RecordMeasurementsRequest request;
      request.set_order_id(inspection.order_id());
      request.set_inspection_id(inspection.inspection_id());
      auto& one = *request.add_measurements();
      one.set_characteristic_id("chr_v");
      one.set_sample(1);
      one.set_value(bad ? 21 : 20);
      call<quality::v1::RecordMeasurementsResponse>(quality, "quality.v1.QualityService.RecordMeasurements", request);
    }
    for (const auto& failed : std::exchange(undecided, {})) {
      quality::v1::DecideDispositionRequest request;
      request.set_order_id(failed.order_id());
      request.set_nonconformity_id(failed.nonconformity_id());
      request.set_disposition(quality::v1::DISPOSITION_SCRAP);
      scrapped.insert(failed.order_id());
      call<quality::v1::DecideDispositionResponse>(quality, "quality.v1.QualityService.DecideDisposition", request);
    }
  }
  void carry() {
    for (auto& [id, shipment] : shipments) {
      auto& [due, state] = shipment;
      if (state == SHIPMENT_STATE_DELIVERED || due > scheduling.now()) continue;
      state = state == SHIPMENT_STATE_PLANNED ? SHIPMENT_STATE_DISPATCHED : SHIPMENT_STATE_DELIVERED;
      due = scheduling.now() + hours(24);
      ReportShipmentRequest request;
      request.set_plant_id("plt_a");
      request.set_shipment_id(id);
      request.set_state(state);
      *request.mutable_occurred_at() = to_timestamp(scheduling.now());
      call<ReportShipmentResponse>(scheduling, "production.v1.ProductionService.ReportShipment", request);
    }
  }
  void live(Duration time) {
    for (const auto until = scheduling.now() + time; scheduling.now() < until;) {
      const auto next = scheduling.now() + hours(1);
      for (auto* service : all) service->advance_to(next);
      settle();
      read_post();
      work();
      read_post();
      inspect();
      carry();
    }
    read_post();
  }
  tracking::v1::Journey journey(const std::string& order_id) {
    const auto known = tracking.snapshot("main", "journey", order_id).value();
    return tracking::domain::journey(*known);
  }
  std::size_t revisions(const std::string& order_id) {
    const auto known = tracking.snapshot("main", "journey", order_id).value();
    return known->parts<tracking::state::v1::Revision>().size();
  }

  Harness scheduling{loomline::scheduling::make_service(), kMonday};
  Harness quality{loomline::quality::make_service(), kMonday};
  Harness aftersales{loomline::aftersales::make_service(), kMonday};
  Harness tracking{loomline::tracking::make_service(), kMonday};
  std::vector<Harness*> all{&scheduling, &quality, &aftersales, &tracking};

  std::map<std::string, WorkOrder> offers;
  std::vector<quality::v1::Inspection> inspections, undecided;
  std::map<std::string, std::pair<Time, ShipmentState>> shipments;
  std::map<std::string, int> counts, report_numbers;
  std::set<std::string> running, ended, scrapped;
  int measured = 0, intake_said = 0;
};

TEST_F(Flow, every_order_is_made_inspected_delivered_and_surveyed) {
  for (int i = 1; i <= 6; ++i) hear_from_intake(placed("ord_" + std::to_string(i), 1 + i % 3, scheduling.now()));
  live(hours(24 * 100));

  for (int i = 1; i <= 6; ++i) {
    const auto shown = journey("ord_" + std::to_string(i));
    EXPECT_EQ(shown.status(), tracking::v1::JOURNEY_STATUS_CLOSED)
        << shown.order_id() << " " << shown.entries(shown.entries_size() - 1).ShortDebugString();
    for (const auto& anomaly : shown.anomalies()) ADD_FAILURE() << shown.order_id() << ": " << anomaly;
    EXPECT_TRUE(shown.certificate_available()) << shown.order_id();
    EXPECT_EQ(shown.hold_ids_size(), 0) << shown.order_id();
    EXPECT_EQ(shown.revision(), revisions(shown.order_id()));
  }
  EXPECT_GT(counts["ReworkScheduled"], 0);
  EXPECT_EQ(counts["UnitReplaced"], static_cast<int>(scrapped.size()));
  EXPECT_EQ(counts["CertificateIssued"], 6);
  EXPECT_EQ(counts["HoldPlaced"], counts["HoldReleased"]);
  EXPECT_EQ(counts["SurveyRequested"], 6);
  for (auto* service : all) EXPECT_EQ(service->waiting(), 0U);
}

TEST_F(Flow, a_cancelled_order_holds_nothing_and_is_measured_no_more) {
  hear_from_intake(placed("ord_1", 2, scheduling.now()));
  live(hours(3));
  intake::v1::OrderCancellationRequested asked;
  asked.set_order_id("ord_1");
  asked.set_reason("CUSTOMER_CHANGED_MIND");
  hear_from_intake(asked);
  read_post();
  EXPECT_EQ(counts["CancellationGranted"], 1);
  intake::v1::OrderCancelled cancelled;
  cancelled.set_order_id("ord_1");
  cancelled.set_reason("CUSTOMER_CHANGED_MIND");
  hear_from_intake(cancelled);
  inspections.clear();
  live(hours(24 * 60));
  const auto shown = journey("ord_1");
  EXPECT_EQ(shown.status(), tracking::v1::JOURNEY_STATUS_CANCELLED);
  EXPECT_EQ(shown.hold_ids_size(), 0);
  EXPECT_EQ(counts["CertificateIssued"], 0);
  EXPECT_EQ(counts["SurveyRequested"], 0);
}

}  // namespace
}  // namespace loomline::flow
