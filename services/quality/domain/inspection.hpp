// What the pieces of the domain share. Not for others.
#pragma once

#include "domain/order.hpp"
#include "loomline/quality/lives.hpp"

namespace loomline::quality::domain {

using google::protobuf::Timestamp;

state::v1::Line* find_line(State& state, std::string_view line_id);
state::v1::Unit* find_unit(state::v1::Line& line, std::string_view unit_id);
v1::Inspection* find_inspection(State& state, std::string_view inspection_id);

// The three lives; a transition that the table does not have is a broken invariant and throws.
void move(v1::Inspection& inspection, v1::InspectionState to);
void move(state::v1::Unit& unit, state::v1::UnitState to);
void move(v1::Inspection& inspection, v1::Disposition to);

// Opens the inspection of one unit after an operation, and the hold where this operation has none on the unit yet.
// False where it is open or decided already.
bool open_inspection(State& state, const scheduling::v1::OperationProgressed& event, std::string_view unit_id,
                     Step& step);
void release_hold(State& state, std::string_view unit_id, std::string_view op_id, const Timestamp& at, Step& step);
// Cancels what is pending on a unit and releases its holds.
void drop_unit(State& state, std::string_view unit_id, const Timestamp& at, Step& step);

// The rework operations of the characteristics that failed, each once, in the control plan's order. Empty where one of
// them names none: then there is no rework routing.
std::vector<std::string> rework_operations(const v1::Inspection& inspection);
// Passed or failed, with everything that follows.
void decide(State& state, v1::Inspection& inspection, const Timestamp& at, Step& step);
void dispose(State& state, v1::Inspection& inspection, v1::Disposition disposition, bool automatic, const Timestamp& at,
             Step& step);

// Issues the line's certificate where all its units that count are complete and nothing holds them.
void certify(State& state, state::v1::Line& line, const Timestamp& at, Step& step);
void index(const State& state, Step& step);

}  // namespace loomline::quality::domain
