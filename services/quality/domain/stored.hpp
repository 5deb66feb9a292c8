// An order's state and parts as they are stored: what the state counts of the parts, and what was stored before there
// were parts.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "domain/state.hpp"
#include "loomline/eventing/service.hpp"

namespace loomline::quality::domain {

// What an order keeps besides its state.
void declare(eventing::Aggregate<State>& orders);

std::string unit_name(std::string_view line_id, std::string_view unit_id);
// Not replaced.
bool counts(const state::v1::Unit& unit);
void count(state::v1::Line& line, const state::v1::Unit& unit, int by);
void count(State& state, const v1::Inspection& inspection, int by);
// Lets the unit know of its inspection.
void add_ref(state::v1::Unit& unit, const v1::Inspection& inspection);
// Under what the order is found.
std::vector<std::string> index_values(const State& state);

using Units = eventing::PartsView<state::v1::Unit>;
using Inspections = eventing::PartsView<v1::Inspection>;
// The units of a line, in the order they were heard of.
std::vector<const state::v1::Unit*> units_of(const Units& units, std::string_view line_id);

// Makes parts of what was stored before there were any.
void convert(State& state, eventing::Parts<state::v1::Unit>& units, eventing::Parts<v1::Inspection>& inspections,
             eventing::Parts<state::v1::Nonconformity>& nonconformities);
// visit(state, units, inspections) with all as parts, however they are stored.
void read(const eventing::Snapshot& snapshot,
          const std::function<void(const State&, const Units&, const Inspections&)>& visit);
void each_inspection(const eventing::Snapshot& snapshot, const std::function<void(const v1::Inspection&)>& visit);

}  // namespace loomline::quality::domain
