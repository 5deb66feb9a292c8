// The scenarios of configuration.
#include "api/configuration_api.hpp"
#include "loomline/configuration/service.hpp"
#include "scenario.hpp"

namespace loomline::scenarios {

Subject subject() {
  return {"configuration", configuration::make_service, [](eventing::testing::Harness& harness) {
            Queries queries;
            const auto api = std::make_shared<configuration::api::ConfigurationApi>(harness, harness);
            add_query(queries, api, &configuration::api::ConfigurationApi::get_model);
            add_query(queries, api, &configuration::api::ConfigurationApi::list_models);
            add_query(queries, api, &configuration::api::ConfigurationApi::validate);
            add_query(queries, api, &configuration::api::ConfigurationApi::complete);
            return queries;
          }};
}

}  // namespace loomline::scenarios
