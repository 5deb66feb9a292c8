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

void add_plants(eventing::Service& service) {
  using namespace production::v1;  // NOLINT: its requests
  using domain::handled;
  auto plants = service.aggregate<domain::PlantState>("plant", prefix::plant);
  domain::declare(plants);
  domain::hear(plants);
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
  auto orders = service.aggregate<domain::OrderState>("order", prefix::order);
  domain::hear(orders);
  add_plants(service);
  service.aggregate<state::v1::Clock>("clock", "clk")
      .command<v1::AdvanceClockRequest, v1::AdvanceClockResponse>(
          rpc::method_of<v1::AdvanceClockRequest>(),
          [](const v1::AdvanceClockRequest&, const eventing::Cause&) { return Result<std::string>("clk_main"); },
          domain::advance_clock);
  return service;
}

void serve(eventing::Runtime& runtime, rpc::Server& server, rpc::Directory&, const host::Config& config) {
  const auto api = std::make_shared<api::SchedulingApi>(runtime.reader(), runtime);
  rpc::query(server, api, &api::SchedulingApi::get_plant);
  rpc::query(server, api, &api::SchedulingApi::get_plan);
  rpc::query(server, api, &api::SchedulingApi::quote_promise);
  rpc::query(server, api, &api::SchedulingApi::list_work_orders);
  rpc::query(server, api, &api::SchedulingApi::list_shipments);
  if (config.clock == "topic") return;
  server.unary<v1::AdvanceClockRequest, v1::AdvanceClockResponse>(
      rpc::method_of<v1::AdvanceClockRequest>(),
      [](const rpc::CallContext&, const v1::AdvanceClockRequest&) -> Result<v1::AdvanceClockResponse> {
        return failed_precondition(
            "CLOCK_IS_WALL", "This installation runs on the wall clock; start it with --clock topic to simulate.");
      });
}

}  // namespace loomline::scheduling
