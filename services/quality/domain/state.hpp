// What quality keeps of one order: finding things in it, moving them on by the tables of their lives, and under what it
// is found.
#pragma once

#include <string>
#include <string_view>

#include "loomline/eventing/step.hpp"
#include "loomline/quality/state/v1/state.pb.h"
#include "loomline/quality/v1/quality.pb.h"

namespace loomline::quality::domain {

using State = state::v1::OrderQuality;
using eventing::Step;
using eventing::Verdict;
using google::protobuf::Timestamp;

// Null where there is none.
state::v1::Line* find_line(State& state, std::string_view line_id);
state::v1::Unit* find_unit(state::v1::Line& line, std::string_view unit_id);
v1::Inspection* find_inspection(State& state, std::string_view inspection_id);

// A transition that the table of its life does not have is a broken invariant and throws.
void move(v1::Inspection& inspection, v1::InspectionState to);
void move(v1::Inspection& inspection, v1::Disposition to);
void move(state::v1::Unit& unit, state::v1::UnitState to);

// The index under which an order is found by where it has something to measure or decide: "plt_x/PENDING".
inline constexpr std::string_view plant_index = "plant_state";
std::string plant_index_value(std::string_view plant_id, v1::InspectionState state);
// Failed inspections that still wait for a disposition.
std::string plant_undecided_value(std::string_view plant_id);
// Every step that changes an inspection ends with it.
void index(const State& state, Step& step);

}  // namespace loomline::quality::domain
