// The scenarios of scheduling.
#include "api/scheduling_api.hpp"
#include "loomline/scheduling/service.hpp"
#include "scenario.hpp"

namespace loomline::scenarios {

Subject subject() {
  return {"scheduling", scheduling::make_service, [](eventing::testing::Harness& harness) {
            Queries queries;
            const auto api = std::make_shared<scheduling::api::SchedulingApi>(harness, harness);
            add_query(queries, api, &scheduling::api::SchedulingApi::get_plan);
            add_query(queries, api, &scheduling::api::SchedulingApi::quote_promise);
            add_query(queries, api, &scheduling::api::SchedulingApi::list_work_orders);
            add_query(queries, api, &scheduling::api::SchedulingApi::list_shipments);
            return queries;
          }};
}

}  // namespace loomline::scenarios
