// Everything scheduling does with one plant, its one writer. Pure: state, message and Step in, state and facts out.
#pragma once

#include "domain/parts.hpp"

namespace loomline::scheduling::domain {

// What comes over the internal topic.
Verdict on_demand_placed(PlantState& state, const v1::DemandPlaced& event, Step& step);
Verdict on_cancellation_requested(PlantState& state, const v1::DemandCancellationRequested& event, Step& step);
Verdict on_inspection_decided(PlantState& state, const v1::InspectionDecided& event, Step& step);

// Staff.
Result<v1::PublishPlantResponse> publish_plant(PlantState& state, const v1::PublishPlantRequest& request, Step& step);
Result<v1::AddSupplyResponse> add_supply(PlantState& state, const v1::AddSupplyRequest& request, Step& step);

// The floor.
Result<production::v1::AnswerWorkOrdersResponse> answer_work_orders(
    PlantState& state, const production::v1::AnswerWorkOrdersRequest& request, Step& step);
Result<production::v1::ReportOperationsResponse> report_operations(
    PlantState& state, const production::v1::ReportOperationsRequest& request, Step& step);
Result<production::v1::ReportEquipmentResponse> report_equipment(PlantState& state,
                                                                 const production::v1::ReportEquipmentRequest& request,
                                                                 Step& step);

// The carrier.
Result<production::v1::ReportShipmentResponse> report_shipment(PlantState& state,
                                                               const production::v1::ReportShipmentRequest& request,
                                                               Step& step);

// Timers.
Verdict on_material_due(PlantState& state, const state::v1::MaterialDue& due, Step& step);
Verdict on_reoffer_due(PlantState& state, const state::v1::ReofferDue& due, Step& step);

}  // namespace loomline::scheduling::domain
