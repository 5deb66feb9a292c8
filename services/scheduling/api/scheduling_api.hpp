// The queries of SchedulingService and ProductionService, over committed state.
#pragma once

#include <string_view>

#include "domain/plant_view.hpp"
#include "loomline/eventing/service.hpp"
#include "loomline/production/v1/production.pb.h"
#include "loomline/scheduling/v1/scheduling.pb.h"

namespace loomline::scheduling::api {

// Thread-safe, as Reader and Executor are.
class SchedulingApi {
 public:
  SchedulingApi(eventing::Reader& reader, const eventing::Executor& clock) : reader_(reader), clock_(clock) {}

  Result<v1::GetPlantResponse> get_plant(std::string_view tenant, const v1::GetPlantRequest& request) const;
  Result<v1::GetPlanResponse> get_plan(std::string_view tenant, const v1::GetPlanRequest& request) const;
  // Each line in the first of its plants that can make it; the lines of one plant share their window.
  Result<v1::QuotePromiseResponse> quote_promise(std::string_view tenant, const v1::QuotePromiseRequest& request) const;
  Result<production::v1::ListWorkOrdersResponse> list_work_orders(
      std::string_view tenant, const production::v1::ListWorkOrdersRequest& request) const;
  Result<production::v1::ListShipmentsResponse> list_shipments(
      std::string_view tenant, const production::v1::ListShipmentsRequest& request) const;

 private:
  Result<domain::PlantView> plant(std::string_view tenant, const std::string& plant_id) const;

  eventing::Reader& reader_;
  const eventing::Executor& clock_;
};

}  // namespace loomline::scheduling::api
