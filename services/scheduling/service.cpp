#include "loomline/scheduling/service.hpp"

#include <memory>

#include "api/scheduling_api.hpp"
#include "domain/changes.hpp"
#include "domain/order.hpp"
#include "domain/plant.hpp"
#include "loomline/host/config.hpp"
#include "loomline/rpc/server.hpp"
#include "loomline/wire/check.hpp"

namespace loomline::scheduling {
namespace {

const std::string kScheduling = "loomline.scheduling.v1.SchedulingService.";
const std::string kProduction = "loomline.production.v1.ProductionService.";

Result<std::string> plant_key(const std::string& field, const std::string& plant_id) {
  wire::Checker check;
  check.id(field, plant_id, prefix::plant);
  if (!check.ok()) return check.status();
  return plant_id;
}
template <class Request>
Result<std::string> plant_of(const Request& request, const eventing::Cause&) {
  return plant_key("plant_id", request.plant_id());
}
Result<std::string> published_plant(const v1::PublishPlantRequest& request, const eventing::Cause&) {
  return plant_key("plant.plant_id", request.plant().plant_id());
}

void add_orders(eventing::Service& service) {
  service.aggregate<domain::OrderState>("order", prefix::order)
      .on<intake::v1::OrderPlaced>(domain::on_order_placed)
      .on<intake::v1::OrderCancellationRequested>(domain::on_order_cancellation_requested)
      .on<quality::v1::InspectionPassed>(domain::on_inspection_passed)
      .on<quality::v1::DispositionDecided>(domain::on_disposition_decided);
}

void add_plants(eventing::Service& service) {
  using namespace production::v1;  // NOLINT: its requests
  using domain::stamped;
  auto plants = service.aggregate<domain::PlantState>("plant", prefix::plant);
  plants.on<v1::DemandPlaced>(stamped(domain::on_demand_placed))
      .on<v1::DemandCancellationRequested>(stamped(domain::on_cancellation_requested))
      .on<v1::InspectionDecided>(stamped(domain::on_inspection_decided));
  plants.timer<state::v1::MaterialDue>("material", stamped(domain::on_material_due))
      .timer<state::v1::ReofferDue>("reoffer", stamped(domain::on_reoffer_due));
  plants.command<v1::PublishPlantRequest, v1::PublishPlantResponse>(kScheduling + "PublishPlant", published_plant,
                                                                    stamped(domain::publish_plant));
  plants.command<v1::AddSupplyRequest, v1::AddSupplyResponse>(kScheduling + "AddSupply", plant_of<v1::AddSupplyRequest>,
                                                              stamped(domain::add_supply));
  plants.command<AnswerWorkOrdersRequest, AnswerWorkOrdersResponse>(
      kProduction + "AnswerWorkOrders", plant_of<AnswerWorkOrdersRequest>, stamped(domain::answer_work_orders));
  plants.command<ReportOperationsRequest, ReportOperationsResponse>(
      kProduction + "ReportOperations", plant_of<ReportOperationsRequest>, stamped(domain::report_operations));
  plants.command<ReportEquipmentRequest, ReportEquipmentResponse>(
      kProduction + "ReportEquipment", plant_of<ReportEquipmentRequest>, stamped(domain::report_equipment));
  plants.command<ReportShipmentRequest, ReportShipmentResponse>(
      kProduction + "ReportShipment", plant_of<ReportShipmentRequest>, stamped(domain::report_shipment));
}

template <class Request, class Response>
void query(rpc::Server& server, const std::string& method, const std::shared_ptr<SchedulingApi>& api,
           Result<Response> (SchedulingApi::*handler)(std::string_view, const Request&) const) {
  server.unary<Request, Response>(method, [api, handler](const rpc::CallContext& call, const Request& request) {
    return (api.get()->*handler)(call.caller.tenant, request);
  });
}

}  // namespace

eventing::Service make_service() {
  eventing::Service service("scheduling");
  add_orders(service);
  add_plants(service);
  service.aggregate<state::v1::Clock>("clock", "clk")
      .command<v1::AdvanceClockRequest, v1::AdvanceClockResponse>(
          kScheduling + "AdvanceClock",
          [](const v1::AdvanceClockRequest&, const eventing::Cause&) { return Result<std::string>("clk_main"); },
          domain::advance_clock);
  return service;
}

void serve(eventing::Runtime& runtime, rpc::Server& server, rpc::Directory&, const host::Config& config) {
  const auto api = std::make_shared<SchedulingApi>(runtime.reader(), runtime);
  query(server, kScheduling + "GetPlant", api, &SchedulingApi::get_plant);
  query(server, kScheduling + "GetPlan", api, &SchedulingApi::get_plan);
  query(server, kScheduling + "QuotePromise", api, &SchedulingApi::quote_promise);
  query(server, kProduction + "ListWorkOrders", api, &SchedulingApi::list_work_orders);
  query(server, kProduction + "ListShipments", api, &SchedulingApi::list_shipments);
  if (config.clock == "topic") return;
  server.unary<v1::AdvanceClockRequest, v1::AdvanceClockResponse>(
      kScheduling + "AdvanceClock",
      [](const rpc::CallContext&, const v1::AdvanceClockRequest&) -> Result<v1::AdvanceClockResponse> {
        return failed_precondition(
            "CLOCK_IS_WALL", "This installation runs on the wall clock; start it with --clock topic to simulate.");
      });
}

}  // namespace loomline::scheduling
