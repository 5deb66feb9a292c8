// The scenarios of tracking.
#include "api/journey_api.hpp"
#include "loomline/tracking/service.hpp"
#include "scenario.hpp"

namespace loomline::scenarios {

Subject subject() {
  return {"tracking", tracking::make_service, [](eventing::testing::Harness& harness) {
            Queries queries;
            const auto api = std::make_shared<tracking::api::JourneyApi>(harness, harness);
            add_query(queries, api, &tracking::api::JourneyApi::get);
            add_query(queries, api, &tracking::api::JourneyApi::list);
            add_query(queries, api, &tracking::api::JourneyApi::count);
            return queries;
          }};
}

}  // namespace loomline::scenarios
