// Everything scheduling does with one plant, its one writer. Pure: parts, message and Step in, parts and facts out.
// Each handler is called with the PlantStep that it works in (see handling.hpp).
#pragma once

#include "domain/plant_step.hpp"
#include "loomline/eventing/service.hpp"

namespace loomline::scheduling::domain {

// What a plant keeps beside its root state, and what it hears: a new event is a function and a line in hearing.cpp.
void declare(eventing::Aggregate<PlantState>& plants);
void hear(eventing::Aggregate<PlantState>& plants);

// What comes over the internal topic.
Verdict on_demand_placed(PlantStep& step, const v1::DemandPlaced& event);
Verdict on_cancellation_requested(PlantStep& step, const v1::DemandCancellationRequested& event);
Verdict on_inspection_decided(PlantStep& step, const v1::InspectionDecided& event);

// Staff.
Result<v1::PublishPlantResponse> publish_plant(PlantStep& step, const v1::PublishPlantRequest& request);
Result<v1::AddSupplyResponse> add_supply(PlantStep& step, const v1::AddSupplyRequest& request);

// The floor.
Result<production::v1::AnswerWorkOrdersResponse> answer_work_orders(
    PlantStep& step, const production::v1::AnswerWorkOrdersRequest& request);
Result<production::v1::ReportOperationsResponse> report_operations(
    PlantStep& step, const production::v1::ReportOperationsRequest& request);
Result<production::v1::ReportEquipmentResponse> report_equipment(PlantStep& step,
                                                                 const production::v1::ReportEquipmentRequest& request);

// The carrier.
Result<production::v1::ReportShipmentResponse> report_shipment(PlantStep& step,
                                                               const production::v1::ReportShipmentRequest& request);

// Timers.
Verdict on_material_due(PlantStep& step, const state::v1::MaterialDue& due);
Verdict on_reoffer_due(PlantStep& step, const state::v1::ReofferDue& due);
Verdict on_unfinished(PlantStep& step, const state::v1::Unfinished& due);

Status plant_unknown(std::string_view plant_id);

}  // namespace loomline::scheduling::domain
