#include "domain/state.hpp"

#include <set>
#include <vector>

#include "loomline/quality/lives.hpp"

namespace loomline::quality::domain {

state::v1::Line* find_line(State& state, std::string_view line_id) {
  for (auto& line : *state.mutable_lines())
    if (line.line_id() == line_id) return &line;
  return nullptr;
}

state::v1::Unit* find_unit(state::v1::Line& line, std::string_view unit_id) {
  for (auto& unit : *line.mutable_units())
    if (unit.unit_id() == unit_id) return &unit;
  return nullptr;
}

v1::Inspection* find_inspection(State& state, std::string_view inspection_id) {
  for (auto& inspection : *state.mutable_inspections())
    if (inspection.inspection_id() == inspection_id) return &inspection;
  return nullptr;
}

void move(v1::Inspection& inspection, v1::InspectionState to) {
  inspection.set_state(
      wire::moved(inspection_life, inspection.state(), to, "inspection " + inspection.inspection_id()));
}
void move(v1::Inspection& inspection, v1::Disposition to) {
  inspection.set_disposition(
      wire::moved(disposition_life, inspection.disposition(), to, "nonconformity " + inspection.nonconformity_id()));
}
void move(state::v1::Unit& unit, state::v1::UnitState to) {
  unit.set_state(wire::moved(unit_life, unit.state(), to, "unit " + unit.unit_id()));
}

std::string plant_index_value(std::string_view plant_id, v1::InspectionState state) {
  return std::string(plant_id) + "/" + v1::InspectionState_Name(state);
}
std::string plant_undecided_value(std::string_view plant_id) { return std::string(plant_id) + "/UNDECIDED"; }

void index(const State& state, Step& step) {
  std::set<std::string> values;
  for (const auto& inspection : state.inspections()) {
    values.insert(plant_index_value(inspection.plant_id(), inspection.state()));
    if (inspection.state() == v1::INSPECTION_STATE_FAILED && inspection.disposition() == v1::DISPOSITION_UNSPECIFIED)
      values.insert(plant_undecided_value(inspection.plant_id()));
  }
  step.index(std::string(plant_index), std::vector<std::string>(values.begin(), values.end()));
}

}  // namespace loomline::quality::domain
