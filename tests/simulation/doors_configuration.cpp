#include "api/configuration_api.hpp"
#include "doors.hpp"

namespace loomline::simulation {

Result<configuration::v1::ValidateResponse> validate(Reader& configuration, Executor& executor,
                                                     const configuration::v1::ValidateRequest& request) {
  return configuration::api::ConfigurationApi(configuration, executor).validate("main", request);
}

}  // namespace loomline::simulation
