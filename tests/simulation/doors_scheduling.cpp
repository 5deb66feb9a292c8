#include "api/scheduling_api.hpp"
#include "doors.hpp"

namespace loomline::simulation {

using scheduling::api::SchedulingApi;

Result<scheduling::v1::QuotePromiseResponse> quote_promise(Reader& scheduling, const Executor& clock,
                                                           const scheduling::v1::QuotePromiseRequest& request) {
  return SchedulingApi(scheduling, clock).quote_promise("main", request);
}

Result<production::v1::ListWorkOrdersResponse> work_orders(Reader& scheduling, const Executor& clock,
                                                           const std::string& plant_id) {
  production::v1::ListWorkOrdersRequest request;
  request.set_plant_id(plant_id);
  return SchedulingApi(scheduling, clock).list_work_orders("main", request);
}

Result<production::v1::ListShipmentsResponse> shipments(Reader& scheduling, const Executor& clock,
                                                        const std::string& plant_id) {
  production::v1::ListShipmentsRequest request;
  request.set_plant_id(plant_id);
  return SchedulingApi(scheduling, clock).list_shipments("main", request);
}

}  // namespace loomline::simulation
