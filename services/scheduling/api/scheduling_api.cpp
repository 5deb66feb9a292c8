#include "api/scheduling_api.hpp"

#include <map>

#include "domain/queries.hpp"
#include "domain/quoting.hpp"
#include "loomline/base/id.hpp"
#include "loomline/wire/check.hpp"

namespace loomline::scheduling::api {
namespace {

Status refuse(int line, Status last) {
  // A quote that no plant can keep is a fact about the plan, whatever the last plant said.
  Status status = last.ok() ? failed_precondition("NO_PLANT", "No plant that was published can make the line.")
                            : failed_precondition(last.reason(), last.message());
  if (last.violations().empty())
    status.with({wire::path("lines", line), "cannot be made in any of its plants", "publish a plant that can make it"});
  for (const auto& v : last.violations()) status.with({wire::path("lines", line, v.field), v.problem, v.remedy});
  return status;
}

Status check(const v1::QuotePromiseRequest& request) {
  wire::Checker check;
  check.id("order_id", request.order_id(), prefix::order, false);
  check.require(request.lines_size() > 0, "lines", "is empty", "ask for at least one line");
  check.zone("zone", request.zone(), false);
  check.country("country", request.country(), false);
  if (request.probability_permille() != 0)
    check.range("probability_permille", request.probability_permille(), 500, 999);
  for (int i = 0; i < request.lines_size(); ++i)
    check.range(wire::path("lines", i, "quantity"), request.lines(i).quantity(), 1, 1000);
  return check.status();
}

}  // namespace

Result<domain::PlantView> SchedulingApi::plant(std::string_view tenant, const std::string& plant_id) const {
  wire::Checker check;
  check.id("plant_id", plant_id, prefix::plant);
  if (!check.ok()) return check.status();
  auto snapshot = reader_.snapshot(tenant, "plant", plant_id);
  if (!snapshot.ok()) return snapshot.status();
  if (*snapshot == nullptr || (*snapshot)->state<state::v1::Plant>().revision() == 0)
    return not_found("PLANT_UNKNOWN", "No plant " + plant_id + " was published here.");
  return domain::PlantView(std::move(*snapshot));
}

Result<v1::GetPlantResponse> SchedulingApi::get_plant(std::string_view tenant,
                                                      const v1::GetPlantRequest& request) const {
  const auto known = plant(tenant, request.plant_id());
  if (!known.ok()) return known.status();
  v1::GetPlantResponse response;
  *response.mutable_plant() = known->model();
  response.set_revision(known->state().revision());
  return response;
}

Result<v1::GetPlanResponse> SchedulingApi::get_plan(std::string_view tenant, const v1::GetPlanRequest& request) const {
  const auto known = plant(tenant, request.plant_id());
  if (!known.ok()) return known.status();
  return domain::plan_of(*known, request.order_id(), clock_.now());
}

Result<production::v1::ListWorkOrdersResponse> SchedulingApi::list_work_orders(
    std::string_view tenant, const production::v1::ListWorkOrdersRequest& request) const {
  const auto known = plant(tenant, request.plant_id());
  if (!known.ok()) return known.status();
  return domain::work_orders_of(*known, request);
}

Result<production::v1::ListShipmentsResponse> SchedulingApi::list_shipments(
    std::string_view tenant, const production::v1::ListShipmentsRequest& request) const {
  const auto known = plant(tenant, request.plant_id());
  if (!known.ok()) return known.status();
  return domain::shipments_of(*known, request.include_delivered());
}

Result<v1::QuotePromiseResponse> SchedulingApi::quote_promise(std::string_view tenant,
                                                              const v1::QuotePromiseRequest& request) const {
  if (auto status = check(request); !status.ok()) return status;
  const auto now = clock_.now();
  std::map<std::string, domain::Quoting> plants;
  v1::QuotePromiseResponse response;
  for (int i = 0; i < request.lines_size(); ++i) {
    const auto& line = request.lines(i);
    Status last;
    bool placed = false;
    for (const auto& id : line.spec().plant_ids()) {
      auto known = plants.find(id);
      if (known == plants.end()) {
        auto view = plant(tenant, id);
        if (view.status().code() == Code::not_found || view.status().code() == Code::invalid_argument) continue;
        if (!view.ok()) return view.status();
        known = plants.emplace(id, domain::Quoting(std::move(*view), request, now)).first;
      }
      last = known->second.add(line);
      if (!last.ok()) continue;
      response.add_plant_ids(id);
      placed = true;
      break;
    }
    if (!placed) return refuse(i, last);
  }
  for (int i = 0; i < request.lines_size(); ++i) {
    auto promise = plants.at(response.plant_ids(i)).promise();
    if (!promise.ok()) return refuse(i, promise.status());
    promise->set_order_id(request.order_id());
    promise->set_line_id(request.lines(i).line_id());
    *response.add_promises() = *promise;
  }
  return response;
}

}  // namespace loomline::scheduling::api
