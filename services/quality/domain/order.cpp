#include "domain/order.hpp"

#include <algorithm>

#include "domain/stored.hpp"
#include "loomline/quality/lives.hpp"

namespace loomline::quality::domain {

using state::v1::Unit;

bool inspected(const Unit& unit, std::string_view op_id, std::uint32_t attempt) {
  return std::any_of(unit.inspections().begin(), unit.inspections().end(),
                     [&](const auto& known) { return known.op_id() == op_id && known.attempt() == attempt; });
}

Order::Order(State& s, Step& t)
    : state(s),
      step(t),
      units_(t.parts<Unit>()),
      inspections_(t.parts<v1::Inspection>()),
      nonconformities_(t.parts<state::v1::Nonconformity>()) {
  found_under_ = index_values(state);
  convert(state, units_, inspections_, nonconformities_);
}

state::v1::Line* Order::line(std::string_view line_id) {
  for (auto& line : *state.mutable_lines())
    if (line.line_id() == line_id) return &line;
  return nullptr;
}
const Unit* Order::unit(std::string_view line_id, std::string_view unit_id) const {
  return units_.find(unit_name(line_id, unit_id));
}
const v1::Inspection* Order::inspection(std::string_view inspection_id) const {
  return inspections_.find(inspection_id);
}
const v1::Inspection* Order::nonconformity(std::string_view nonconformity_id) const {
  const auto* known = nonconformities_.find(nonconformity_id);
  return known == nullptr ? nullptr : inspection(known->inspection_id());
}
std::vector<const Unit*> Order::units(const state::v1::Line& line) const { return units_of(units_, line.line_id()); }

Unit& Order::edit(const Unit& unit) { return *units_.edit(unit_name(unit.line_id(), unit.unit_id())); }
v1::Inspection& Order::edit(const v1::Inspection& inspection) { return *inspections_.edit(inspection.inspection_id()); }

void Order::add_unit(state::v1::Line& line, const std::string& unit_id) {
  auto& unit = units_.add(unit_name(line.line_id(), unit_id));
  unit.set_unit_id(unit_id);
  unit.set_line_id(line.line_id());
  unit.set_number(line.units());
  line.set_units(line.units() + 1);
  unit.set_state(wire::moved(unit_life, unit.state(), state::v1::UNIT_STATE_IN_WORK, "unit " + unit_id));
  count(line, unit, 1);
}

v1::Inspection& Order::add_inspection(Unit& unit, const scheduling::v1::OperationProgressed& event) {
  const auto id = step.mint(prefix::inspection);
  auto& inspection = inspections_.add(id);
  inspection.set_inspection_id(id);
  inspection.set_order_id(event.order_id());
  inspection.set_line_id(event.line_id());
  inspection.set_unit_id(unit.unit_id());
  inspection.set_plant_id(event.plant_id());
  inspection.set_work_order_id(event.work_order_id());
  inspection.set_op_id(event.op_id());
  inspection.set_attempt(std::max(event.attempt(), 1U));
  inspection.set_equipment_id(event.equipment_id());
  *inspection.mutable_characteristics() = event.characteristics();
  *inspection.mutable_requested_at() = event.occurred_at();
  move(inspection, v1::INSPECTION_STATE_PENDING);
  add_ref(unit, inspection);
  return inspection;
}

void Order::move(Unit& unit, state::v1::UnitState to) {
  const auto next = wire::moved(unit_life, unit.state(), to, "unit " + unit.unit_id());
  auto& of = *line(unit.line_id());
  count(of, unit, -1);
  unit.set_state(next);
  count(of, unit, 1);
}
void Order::move(v1::Inspection& inspection, v1::InspectionState to) {
  const auto next = wire::moved(inspection_life, inspection.state(), to, "inspection " + inspection.inspection_id());
  count(state, inspection, -1);
  inspection.set_state(next);
  count(state, inspection, 1);
}
void Order::move(v1::Inspection& inspection, v1::Disposition to) {
  const auto next =
      wire::moved(disposition_life, inspection.disposition(), to, "nonconformity " + inspection.nonconformity_id());
  count(state, inspection, -1);
  inspection.set_disposition(next);
  count(state, inspection, 1);
}

void Order::note_nonconformity(const v1::Inspection& inspection) {
  nonconformities_.add(inspection.nonconformity_id()).set_inspection_id(inspection.inspection_id());
}

void Order::add_hold(Unit& unit, state::v1::Hold hold) {
  auto& of = *line(unit.line_id());
  of.set_holds(of.holds() + 1);
  *unit.add_holds() = std::move(hold);
}

std::vector<state::v1::Hold> Order::take_holds(Unit& unit, std::string_view op_id) {
  std::vector<state::v1::Hold> taken;
  auto& holds = *unit.mutable_holds();
  for (int i = 0; i < holds.size();) {
    if (!op_id.empty() && holds[i].op_id() != op_id) {
      ++i;
      continue;
    }
    taken.push_back(std::move(holds[i]));
    holds.DeleteSubrange(i, 1);
  }
  auto& of = *line(unit.line_id());
  of.set_holds(of.holds() - static_cast<std::int64_t>(taken.size()));
  return taken;
}

void Order::index() {
  if (auto values = index_values(state); values != found_under_)
    step.index(std::string(plant_index), std::move(values));
}

}  // namespace loomline::quality::domain
