// What plants do: the floor, inspectors, carriers, and staff.
#include <algorithm>

#include "life.hpp"
#include "loomline/wire/convert.hpp"
#include "products.hpp"

namespace loomline::simulation {

using namespace production::v1;  // NOLINT: the floor's words
using wire::to_timestamp;

void Life::publish() {
  published_ = true;
  for (const auto& model_id : kModels) {
    configuration::v1::PublishModelRequest request;
    *request.mutable_package() = product(model_id, 365);
    call<configuration::v1::PublishModelResponse>("configuration", request);
  }
  for (const auto& plant_id : kPlants) {
    scheduling::v1::PublishPlantRequest request;
    *request.mutable_plant() = plant(plant_id);
    call<scheduling::v1::PublishPlantResponse>("scheduling", request, "loomline.scheduling.v1.PlantPublished");
  }
}

// The floor works by what it saw last, which may be long ago.
void Life::floor(const std::string& plant_id, bool all) {
  if (all || dice().chance(80)) {
    auto list = work_orders(reader("scheduling"), waiting_, plant_id);
    if (!list.ok()) return;
    work_orders_[plant_id] = std::move(*list);
  }
  const auto& list = work_orders_[plant_id];
  if (list.work_orders().empty()) return;
  answer_offers(plant_id, list, all);
  report(plant_id, list, all);
}

void Life::answer_offers(const std::string& plant_id, const ListWorkOrdersResponse& list, bool all) {
  AnswerWorkOrdersRequest request;
  request.set_plant_id(plant_id);
  for (const auto& order : list.work_orders()) {
    if (order.state() != WORK_ORDER_STATE_OFFERED || (!all && dice().chance(60))) continue;
    auto& answer = *request.add_answers();
    answer.set_work_order_id(order.work_order_id());
    answer.set_revision(order.revision());
    answer.set_accepted(all || dice().chance(90));
    if (!answer.accepted()) answer.set_reason("TOOL_MISSING");
  }
  if (request.answers_size() > 0) call<AnswerWorkOrdersResponse>("scheduling", request);
}

OperationReport Life::report_of(const production::v1::WorkOrder& order, const WorkOrderOperation& op, bool smooth) {
  OperationReport report;
  report.set_work_order_id(order.work_order_id());
  report.set_revision(order.revision());
  report.set_op_id(op.op_id());
  report.set_report_number(++report_numbers_[order.work_order_id() + "/" + op.op_id()]);
  *report.mutable_occurred_at() = to_timestamp(world().business().now());
  auto to = op.state() == OPERATION_STATE_RUNNING ? OPERATION_STATE_ENDED : OPERATION_STATE_RUNNING;
  if (!smooth && dice().chance(12))
    to = static_cast<OperationState>(OPERATION_STATE_RUNNING + static_cast<int>(dice().below(4)));
  report.set_state(to);
  if (to == OPERATION_STATE_ENDED) {
    const bool scrap = !smooth && dice().chance(10);
    report.set_good_quantity(scrap ? 0 : 1);
    report.set_scrap_quantity(scrap ? 1 : 0);
  }
  if (op.op_id() == "op_saw") report.add_lot_ids("lot_1");
  return report;
}

void Life::report(const std::string& plant_id, const ListWorkOrdersResponse& list, bool all) {
  ReportOperationsRequest request;
  request.set_plant_id(plant_id);
  for (const auto& order : list.work_orders()) {
    if (!all && dice().chance(50)) continue;
    for (const auto& op : order.operations()) {
      const bool over = op.state() == OPERATION_STATE_ENDED || op.state() == OPERATION_STATE_NOT_ALLOWED;
      if (over && (all || !dice().chance(3))) continue;
      *request.add_reports() = report_of(order, op, all);
    }
  }
  if (request.reports_size() > 0) call<ReportOperationsResponse>("scheduling", request);
}

void Life::inspect(const std::string& plant_id, bool all) {
  const auto state = all || dice().chance(90) ? quality::v1::INSPECTION_STATE_PENDING
                                              : quality::v1::INSPECTION_STATE_PASSED;
  const auto list = inspections(reader("quality"), plant_id, state);
  if (!list.ok() || list->inspections().empty()) return;
  for (const auto& inspection : list->inspections())
    if (all || dice().chance(50)) measure(inspection);
}

void Life::measure(const quality::v1::Inspection& inspection) {
  quality::v1::RecordMeasurementsRequest request;
  request.set_order_id(inspection.order_id());
  request.set_inspection_id(inspection.inspection_id());
  auto& measured = *request.add_measurements();
  measured.set_characteristic_id("chr_v");
  measured.set_sample(1);
  measured.set_value(dice().chance(70) ? 1 : 5);
  call<quality::v1::RecordMeasurementsResponse>("quality", request);
}

void Life::dispose(const std::string& plant_id, bool all) {
  const auto list = inspections(reader("quality"), plant_id, quality::v1::INSPECTION_STATE_FAILED);
  if (!list.ok()) return;
  for (const auto& inspection : list->inspections()) {
    if (inspection.disposition() != quality::v1::DISPOSITION_UNSPECIFIED && (all || !dice().chance(5))) continue;
    quality::v1::DecideDispositionRequest request;
    request.set_order_id(inspection.order_id());
    request.set_nonconformity_id(inspection.nonconformity_id());
    request.set_disposition(static_cast<quality::v1::Disposition>(1 + dice().below(3)));
    call<quality::v1::DecideDispositionResponse>("quality", request);
  }
}

void Life::carry(const std::string& plant_id, bool all) {
  const auto list = shipments(reader("scheduling"), waiting_, plant_id);
  if (!list.ok()) return;
  for (const auto& shipment : list->shipments()) {
    if (!all && dice().chance(50)) continue;
    ReportShipmentRequest request;
    request.set_plant_id(plant_id);
    request.set_shipment_id(shipment.shipment_id());
    const bool left = shipment.state() == SHIPMENT_STATE_DISPATCHED;
    request.set_state(left != (!all && dice().chance(10)) ? SHIPMENT_STATE_DELIVERED : SHIPMENT_STATE_DISPATCHED);
    *request.mutable_occurred_at() = to_timestamp(world().business().now());
    call<ReportShipmentResponse>("scheduling", request);
  }
}

void Life::equipment(const std::string& plant_id, const std::string& equipment_id, bool available) {
  ReportEquipmentRequest request;
  request.set_plant_id(plant_id);
  request.set_equipment_id(equipment_id);
  request.set_available(available);
  *request.mutable_occurred_at() = to_timestamp(world().business().now());
  call<ReportEquipmentResponse>("scheduling", request);
}

void Life::supply(const std::string& plant_id, int pieces) {
  scheduling::v1::AddSupplyRequest request;
  request.set_plant_id(plant_id);
  auto& supply = *request.mutable_supply();
  supply.mutable_item()->set_item_id("itm_bar");
  supply.mutable_quantity()->set_value(pieces);
  supply.mutable_quantity()->set_unit("C62");
  supply.set_lot_id("lot_2");
  if (dice().chance(30))
    *supply.mutable_available_at() = to_timestamp(world().business().now() + std::chrono::hours(24));
  call<scheduling::v1::AddSupplyResponse>("scheduling", request);
}

void Life::staff(const std::string& plant_id) {
  static const std::vector<std::string> machines{"saw-1", "saw-2", "rig-1", "dock-1"};
  switch (dice().below(6)) {
    case 0: case 1: case 2:
      return equipment(plant_id, dice().one_of(machines), dice().chance(60));
    case 3:
      return supply(plant_id, 1 + static_cast<int>(dice().below(3)));
    case 4: {
      configuration::v1::PublishModelRequest request;
      *request.mutable_package() = product(dice().one_of(kModels), 365 + (dice().chance(70) ? ++warranty_ : 0));
      call<configuration::v1::PublishModelResponse>("configuration", request);
      return;
    }
    default: {
      scheduling::v1::PublishPlantRequest request;
      *request.mutable_plant() = plant(plant_id);
      call<scheduling::v1::PublishPlantResponse>("scheduling", request, "loomline.scheduling.v1.PlantPublished");
    }
  }
}

}  // namespace loomline::simulation
