// An order in a handler: its state and its parts. What counts the parts is kept in step with them here and nowhere
// else.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/state.hpp"
#include "loomline/scheduling/v1/events.pb.h"

namespace loomline::quality::domain {

class Order {
 public:
  // Takes over what was stored before there were parts.
  Order(State& state, Step& step);

  State& state;
  Step& step;

  // Null where unknown.
  state::v1::Line* line(std::string_view line_id);
  const state::v1::Unit* unit(std::string_view line_id, std::string_view unit_id) const;
  const v1::Inspection* inspection(std::string_view inspection_id) const;
  const v1::Inspection* nonconformity(std::string_view nonconformity_id) const;
  // The units of a line, in the order they were heard of.
  std::vector<const state::v1::Unit*> units(const state::v1::Line& line) const;

  // To change one that is known. Holds until the handler returns; what was found before does not.
  state::v1::Unit& edit(const state::v1::Unit& unit);
  v1::Inspection& edit(const v1::Inspection& inspection);
  void add_unit(state::v1::Line& line, const std::string& unit_id);
  // Pending, with an id, known to its unit.
  v1::Inspection& add_inspection(state::v1::Unit& unit, const scheduling::v1::OperationProgressed& event);

  // The three lives; a transition that the table does not have is a broken invariant and throws.
  void move(state::v1::Unit& unit, state::v1::UnitState to);
  void move(v1::Inspection& inspection, v1::InspectionState to);
  void move(v1::Inspection& inspection, v1::Disposition to);
  void note_nonconformity(const v1::Inspection& inspection);
  void add_hold(state::v1::Unit& unit, state::v1::Hold hold);
  // Those of one operation, or all where `op_id` is empty. Gives what was taken away.
  std::vector<state::v1::Hold> take_holds(state::v1::Unit& unit, std::string_view op_id);

  // Under what the order is found, where that has changed.
  void index();

 private:
  eventing::Parts<state::v1::Unit> units_;
  eventing::Parts<v1::Inspection> inspections_;
  eventing::Parts<state::v1::Nonconformity> nonconformities_;
  std::vector<std::string> found_under_;  // before this step
};

// True where the unit has the inspection already.
bool inspected(const state::v1::Unit& unit, std::string_view op_id, std::uint32_t attempt);

}  // namespace loomline::quality::domain
