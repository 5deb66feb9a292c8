// The words that the pieces of the domain share. Not for others.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "loomline/base/id.hpp"
#include "loomline/eventing/step.hpp"
#include "loomline/production/v1/production.pb.h"
#include "loomline/scheduling/lives.hpp"
#include "loomline/scheduling/state/v1/state.pb.h"
#include "loomline/scheduling/v1/events.pb.h"
#include "loomline/scheduling/v1/scheduling.pb.h"
#include "loomline/wire/convert.hpp"

namespace loomline::scheduling::domain {

using eventing::Step;
using eventing::Verdict;
using production::v1::ManufacturingSpec;
using PlantState = state::v1::Plant;
using state::v1::Line;
using state::v1::Order;
using state::v1::Tally;
using state::v1::Unit;
using WorkOrder = state::v1::WorkOrder;
using Operation = state::v1::Operation;
using wire::to_time;
using wire::to_timestamp;

inline std::int64_t micros(Time time) { return time.time_since_epoch().count(); }
inline Time from_micros(std::int64_t value) { return Time{Duration{value}}; }

// The business time that a fact carries; the step's where it names none.
template <class Event>
Time occurred(const Event& event, const Step& step) {
  return event.has_occurred_at() ? to_time(event.occurred_at()) : step.now();
}

// A transition that the table does not have is a broken invariant and throws.
inline void move(Unit& unit, state::v1::UnitState to) {
  unit.set_state(wire::moved(unit_life, unit.state(), to, "unit " + unit.unit_id()));
}
inline void move(WorkOrder& order, production::v1::WorkOrderState to) {
  order.set_state(wire::moved(work_order_life, order.state(), to, "work order " + order.work_order_id()));
}
inline void move(Operation& op, production::v1::OperationState to) {
  op.set_state(wire::moved(operation_life, op.state(), to, "operation " + op.op_id()));
}
inline void move(state::v1::Shipment& shipment, production::v1::ShipmentState to) {
  shipment.set_state(wire::moved(shipment_life, shipment.state(), to, "shipment " + shipment.shipment_id()));
}

inline Line* find_line(Order& order, std::string_view line_id) {
  for (auto& line : *order.mutable_lines())
    if (line.line_id() == line_id) return &line;
  return nullptr;
}
inline const Line* find_line(const Order& order, std::string_view line_id) {
  for (const auto& line : order.lines())
    if (line.line_id() == line_id) return &line;
  return nullptr;
}

}  // namespace loomline::scheduling::domain
