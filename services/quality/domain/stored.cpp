#include "domain/stored.hpp"

#include <algorithm>

namespace loomline::quality::domain {
namespace {

using eventing::Parts;
using state::v1::Nonconformity;
using state::v1::Unit;

state::v1::PlantCount& plant_of(State& state, const std::string& plant_id) {
  for (auto& known : *state.mutable_plants())
    if (known.plant_id() == plant_id) return known;
  auto& added = *state.add_plants();
  added.set_plant_id(plant_id);
  return added;
}

bool undecided(const v1::Inspection& inspection) {
  return inspection.state() == v1::INSPECTION_STATE_FAILED && inspection.disposition() == v1::DISPOSITION_UNSPECIFIED;
}

// Under what a plant's inspections are found.
void add_values(const state::v1::PlantCount& count, std::vector<std::string>& values) {
  const auto add = [&](std::int64_t number, v1::InspectionState state) {
    if (number > 0) values.push_back(plant_index_value(count.plant_id(), state));
  };
  add(count.pending(), v1::INSPECTION_STATE_PENDING);
  add(count.passed(), v1::INSPECTION_STATE_PASSED);
  add(count.failed(), v1::INSPECTION_STATE_FAILED);
  add(count.cancelled(), v1::INSPECTION_STATE_CANCELLED);
  if (count.undecided() > 0) values.push_back(plant_undecided_value(count.plant_id()));
}

bool stored_before_parts(const State& state) {
  return !state.old_inspections().empty() || !state.old_holds().empty() ||
         std::any_of(state.lines().begin(), state.lines().end(),
                     [](const state::v1::Line& line) { return !line.old_units().empty(); });
}

void convert_units(State& state, Parts<Unit>& units) {
  for (auto& line : *state.mutable_lines()) {
    for (auto& old : *line.mutable_old_units()) {
      auto& unit = units.add(unit_name(line.line_id(), old.unit_id()));
      unit = std::move(old);
      unit.set_line_id(line.line_id());
      unit.set_number(line.units());
      line.set_units(line.units() + 1);
      count(line, unit, 1);
    }
    line.clear_old_units();
  }
}

void convert_holds(State& state, Parts<Unit>& units) {
  for (auto& old : *state.mutable_old_holds()) {
    for (auto& line : *state.mutable_lines())
      if (line.line_id() == old.line_id()) line.set_holds(line.holds() + 1);
    if (auto* unit = units.edit(unit_name(old.line_id(), old.unit_id()))) *unit->add_holds() = std::move(old);
  }
  state.clear_old_holds();
}

void convert_inspections(State& state, Parts<Unit>& units, Parts<v1::Inspection>& inspections,
                         Parts<Nonconformity>& nonconformities) {
  for (auto& old : *state.mutable_old_inspections()) {
    auto& inspection = inspections.add(old.inspection_id());
    inspection = std::move(old);
    count(state, inspection, 1);
    if (auto* unit = units.edit(unit_name(inspection.line_id(), inspection.unit_id()))) add_ref(*unit, inspection);
    if (!inspection.nonconformity_id().empty())
      nonconformities.add(inspection.nonconformity_id()).set_inspection_id(inspection.inspection_id());
  }
  state.clear_old_inspections();
}

const std::vector<eventing::CollectionDef>& collections() {
  static const std::vector<eventing::CollectionDef> all{{"unit", &Unit::default_instance()},
                                                        {"inspection", &v1::Inspection::default_instance()},
                                                        {"nonconformity", &Nonconformity::default_instance()}};
  return all;
}

}  // namespace

void declare(eventing::Aggregate<State>& orders) {
  orders.parts<Unit>("unit").parts<v1::Inspection>("inspection").parts<Nonconformity>("nonconformity");
}

std::string unit_name(std::string_view line_id, std::string_view unit_id) {
  return std::string(line_id) + "/" + std::string(unit_id);
}

bool counts(const Unit& unit) { return unit.state() != state::v1::UNIT_STATE_REPLACED; }
void count(state::v1::Line& line, const Unit& unit, int by) {
  if (counts(unit)) line.set_counting(line.counting() + by);
  if (unit.state() == state::v1::UNIT_STATE_COMPLETED) line.set_completed(line.completed() + by);
}

void count(State& state, const v1::Inspection& inspection, int by) {
  auto& plant = plant_of(state, inspection.plant_id());
  switch (inspection.state()) {
    case v1::INSPECTION_STATE_PENDING:
      plant.set_pending(plant.pending() + by);
      break;
    case v1::INSPECTION_STATE_PASSED:
      plant.set_passed(plant.passed() + by);
      break;
    case v1::INSPECTION_STATE_FAILED:
      plant.set_failed(plant.failed() + by);
      break;
    case v1::INSPECTION_STATE_CANCELLED:
      plant.set_cancelled(plant.cancelled() + by);
      break;
    default:
      break;
  }
  if (undecided(inspection)) plant.set_undecided(plant.undecided() + by);
}

void add_ref(Unit& unit, const v1::Inspection& inspection) {
  auto& ref = *unit.add_inspections();
  ref.set_inspection_id(inspection.inspection_id());
  ref.set_op_id(inspection.op_id());
  ref.set_attempt(inspection.attempt());
}

std::vector<std::string> index_values(const State& state) {
  std::vector<std::string> values;
  for (const auto& count : state.plants()) add_values(count, values);
  return values;
}

std::vector<const Unit*> units_of(const Units& units, std::string_view line_id) {
  std::vector<const Unit*> out;
  units.each(unit_name(line_id, {}), [&](const std::string&, const Unit& unit) { out.push_back(&unit); });
  std::sort(out.begin(), out.end(), [](const Unit* a, const Unit* b) { return a->number() < b->number(); });
  return out;
}

void convert(State& state, Parts<Unit>& units, Parts<v1::Inspection>& inspections,
             Parts<Nonconformity>& nonconformities) {
  if (!stored_before_parts(state)) return;
  convert_units(state, units);
  convert_holds(state, units);
  convert_inspections(state, units, inspections, nonconformities);
}

void read(const eventing::Snapshot& snapshot,
          const std::function<void(const State&, const Units&, const Inspections&)>& visit) {
  const auto& stored = snapshot.state<State>();
  if (!stored_before_parts(stored)) return visit(stored, snapshot.parts<Unit>(), snapshot.parts<v1::Inspection>());
  auto state = stored;
  eventing::PartStore parts(&collections());
  Parts<Unit> units(parts);
  Parts<v1::Inspection> inspections(parts);
  Parts<Nonconformity> nonconformities(parts);
  convert(state, units, inspections, nonconformities);
  visit(state, units, inspections);
}

void each_inspection(const eventing::Snapshot& snapshot, const std::function<void(const v1::Inspection&)>& visit) {
  read(snapshot, [&](const State&, const Units&, const Inspections& inspections) {
    inspections.each([&](const std::string&, const v1::Inspection& inspection) { visit(inspection); });
  });
}

}  // namespace loomline::quality::domain
