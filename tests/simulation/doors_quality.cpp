#include "api/quality_api.hpp"
#include "doors.hpp"

namespace loomline::simulation {

Result<quality::v1::ListInspectionsResponse> inspections(Reader& quality, const std::string& plant_id,
                                                         quality::v1::InspectionState state) {
  quality::v1::ListInspectionsRequest request;
  request.set_plant_id(plant_id);
  request.set_state(state);
  return quality::api::QualityApi(quality).list_inspections("main", request);
}

}  // namespace loomline::simulation
