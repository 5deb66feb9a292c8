// The scenarios of quality.
#include "api/quality_api.hpp"
#include "loomline/quality/service.hpp"
#include "scenario.hpp"

namespace loomline::scenarios {

Subject subject() {
  return {"quality", quality::make_service, [](eventing::testing::Harness& harness) {
            Queries queries;
            const auto api = std::make_shared<quality::api::QualityApi>(harness);
            add_query(queries, api, &quality::api::QualityApi::list_inspections);
            add_query(queries, api, &quality::api::QualityApi::get_certificate);
            return queries;
          }};
}

}  // namespace loomline::scenarios
