// The list of what scheduling does: every event, timer, command and query, one line each.
#include "loomline/scheduling/service.hpp"

#include <memory>

#include "api/scheduling_api.hpp"
#include "domain/handling.hpp"
#include "domain/order_plants.hpp"
#include "domain/plant.hpp"
#include "loomline/host/config.hpp"
#include "loomline/rpc/query.hpp"
#include "loomline/wire/check.hpp"

namespace loomline::scheduling {
namespace {

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
  using domain::handled;
  auto plants = service.aggregate<domain::PlantState>("plant", prefix::plant);
  plants.parts<v1::Plant>("model").parts<domain::ManufacturingSpec>("spec").parts<state::v1::Order>("order");
  plants.parts<state::v1::Unit>("unit").parts<state::v1::Shipment>("shipment").parts<state::v1::Stock>("stock");
  plants.parts<state::v1::Inbound>("inbound").parts<state::v1::Down>("down").parts<state::v1::FreedList>("freed");
  plants.parts<state::v1::Vacancy>("vacancy").parts<state::v1::Gone>("gone").parts<state::v1::Kept>("kept");
  plants.derived<domain::Board>(domain::make_board, domain::follow_parts);
  plants.on<v1::DemandPlaced>(handled(domain::on_demand_placed))
      .on<v1::DemandCancellationRequested>(handled(domain::on_cancellation_requested))
      .on<v1::InspectionDecided>(handled(domain::on_inspection_decided));
  plants.timer<state::v1::MaterialDue>("material", handled(domain::on_material_due))
      .timer<state::v1::ReofferDue>("reoffer", handled(domain::on_reoffer_due))
      .timer<state::v1::Unfinished>("unfinished", handled(domain::on_unfinished));
  plants.command<v1::PublishPlantRequest, v1::PublishPlantResponse>(rpc::method_of<v1::PublishPlantRequest>(),
                                                                    published_plant, handled(domain::publish_plant));
  plants.command<v1::AddSupplyRequest, v1::AddSupplyResponse>(
      rpc::method_of<v1::AddSupplyRequest>(), plant_of<v1::AddSupplyRequest>, handled(domain::add_supply));
  plants.command<AnswerWorkOrdersRequest, AnswerWorkOrdersResponse>(rpc::method_of<AnswerWorkOrdersRequest>(),
                                                                    plant_of<AnswerWorkOrdersRequest>,
                                                                    handled(domain::answer_work_orders));
  plants.command<ReportOperationsRequest, ReportOperationsResponse>(
      rpc::method_of<ReportOperationsRequest>(), plant_of<ReportOperationsRequest>, handled(domain::report_operations));
  plants.command<ReportEquipmentRequest, ReportEquipmentResponse>(
      rpc::method_of<ReportEquipmentRequest>(), plant_of<ReportEquipmentRequest>, handled(domain::report_equipment));
  plants.command<ReportShipmentRequest, ReportShipmentResponse>(
      rpc::method_of<ReportShipmentRequest>(), plant_of<ReportShipmentRequest>, handled(domain::report_shipment));
}

}  // namespace

eventing::Service make_service() {
  eventing::Service service("scheduling");
  add_orders(service);
  add_plants(service);
  service.aggregate<state::v1::Clock>("clock", "clk")
      .command<v1::AdvanceClockRequest, v1::AdvanceClockResponse>(
          rpc::method_of<v1::AdvanceClockRequest>(),
          [](const v1::AdvanceClockRequest&, const eventing::Cause&) { return Result<std::string>("clk_main"); },
          domain::advance_clock);
  return service;
}

void serve(eventing::Runtime& runtime, rpc::Server& server, rpc::Directory&, const host::Config& config) {
  const auto api = std::make_shared<SchedulingApi>(runtime.reader(), runtime);
  rpc::query(server, api, &SchedulingApi::get_plant);
  rpc::query(server, api, &SchedulingApi::get_plan);
  rpc::query(server, api, &SchedulingApi::quote_promise);
  rpc::query(server, api, &SchedulingApi::list_work_orders);
  rpc::query(server, api, &SchedulingApi::list_shipments);
  if (config.clock == "topic") return;
  server.unary<v1::AdvanceClockRequest, v1::AdvanceClockResponse>(
      rpc::method_of<v1::AdvanceClockRequest>(),
      [](const rpc::CallContext&, const v1::AdvanceClockRequest&) -> Result<v1::AdvanceClockResponse> {
        return failed_precondition(
            "CLOCK_IS_WALL", "This installation runs on the wall clock; start it with --clock topic to simulate.");
      });
}

}  // namespace loomline::scheduling
