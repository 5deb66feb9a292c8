#include "domain/state.hpp"

namespace loomline::quality::domain {

std::string plant_index_value(std::string_view plant_id, v1::InspectionState state) {
  return std::string(plant_id) + "/" + v1::InspectionState_Name(state);
}
std::string plant_undecided_value(std::string_view plant_id) { return std::string(plant_id) + "/UNDECIDED"; }

}  // namespace loomline::quality::domain
