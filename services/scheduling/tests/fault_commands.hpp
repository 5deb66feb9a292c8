// A scheduling service that can also be given broken data, and plants as they were stored before they had parts.
#pragma once

#include <functional>

#include "fixture.hpp"

namespace loomline::scheduling {

// What `order_id` of a GetPlanRequest stands for: all units of the order are passed to `fault`.
using Fault = std::function<void(domain::Unit&)>;

inline eventing::Service service_with_faults(Fault& fault) {
  auto service = make_service();
  service.aggregate<domain::PlantState>("plant", prefix::plant)
      .command<v1::GetPlanRequest, v1::GetPlanResponse>(
          "test.Break",
          [](const v1::GetPlanRequest& request, const eventing::Cause&) {
            return Result<std::string>(request.plant_id());
          },
          [&fault](domain::PlantState&, const v1::GetPlanRequest& request,
                   eventing::Step& step) -> Result<v1::GetPlanResponse> {
            auto units = step.parts<domain::Unit>();
            std::vector<std::string> names;
            units.each(request.order_id() + "/",
                       [&](const std::string& name, const domain::Unit&) { names.push_back(name); });
            for (const auto& name : names) fault(*units.edit(name));
            return v1::GetPlanResponse();
          })
      .command<state::v1::Plant, v1::GetPlanResponse>(
          "test.Store",
          [](const state::v1::Plant& request, const eventing::Cause&) {
            return Result<std::string>(request.plant().plant_id());
          },
          [](domain::PlantState& state, const state::v1::Plant& request,
             eventing::Step&) -> Result<v1::GetPlanResponse> {
            state = request;
            return v1::GetPlanResponse();
          });
  return service;
}

struct Faults {
  Fault fault = [](domain::Unit&) {};
};

struct FaultyFactory : Faults, Factory {
  FaultyFactory() : Factory(service_with_faults(fault)) {}

  void break_order(const std::string& order_id, Fault how) {
    fault = std::move(how);
    v1::GetPlanRequest request;
    request.set_plant_id("plt_a");
    request.set_order_id(order_id);
    EXPECT_TRUE((harness.execute<v1::GetPlanResponse>("test.Break", request, {}).ok()));
  }
  void publish() {
    v1::PublishPlantRequest request;
    *request.mutable_plant() = test_plant();
    EXPECT_TRUE((
        call<v1::PublishPlantRequest, v1::PublishPlantResponse>("scheduling.v1.SchedulingService.PublishPlant", request)
            .ok()));
  }
};

}  // namespace loomline::scheduling
