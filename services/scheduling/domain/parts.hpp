// What the pieces of the domain share. Not for others.
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
  unit.set_state(wire::moved(unit_life, unit.state(), to, "a unit"));
}
inline void move(WorkOrder& order, production::v1::WorkOrderState to) {
  order.set_state(wire::moved(work_order_life, order.state(), to, "a work order"));
}
inline void move(Operation& op, production::v1::OperationState to) {
  op.set_state(wire::moved(operation_life, op.state(), to, "an operation"));
}
inline void move(state::v1::Shipment& shipment, production::v1::ShipmentState to) {
  shipment.set_state(wire::moved(shipment_life, shipment.state(), to, "a shipment"));
}

inline Order* find_order(PlantState& state, std::string_view order_id) {
  for (auto& order : *state.mutable_orders())
    if (order.order_id() == order_id) return &order;
  return nullptr;
}
inline Line* find_line(Order& order, std::string_view line_id) {
  for (auto& line : *order.mutable_lines())
    if (line.line_id() == line_id) return &line;
  return nullptr;
}
inline Unit* find_unit(Line& line, std::string_view unit_id) {
  for (auto& unit : *line.mutable_units())
    if (unit.unit_id() == unit_id) return &unit;
  return nullptr;
}

// Visits (order, line, unit, work order) for every work order of a plant, in the order of the state.
template <class Visit>
void each_work_order(const PlantState& state, Visit visit) {
  for (const auto& order : state.orders())
    for (const auto& line : order.lines())
      for (const auto& unit : line.units())
        for (const auto& work_order : unit.work_orders()) visit(order, line, unit, work_order);
}
template <class Visit>
void each_work_order(PlantState& state, Visit visit) {
  for (auto& order : *state.mutable_orders())
    for (auto& line : *order.mutable_lines())
      for (auto& unit : *line.mutable_units())
        for (auto& work_order : *unit.mutable_work_orders()) visit(order, line, unit, work_order);
}

// Scrapped and cancelled units no longer count.
inline bool counts(const Unit& unit) {
  return unit.state() != state::v1::UNIT_STATE_REPLACED && unit.state() != state::v1::UNIT_STATE_CANCELLED;
}
inline bool begun(const Operation& op) {
  return op.state() == production::v1::OPERATION_STATE_RUNNING ||
         op.state() == production::v1::OPERATION_STATE_INTERRUPTED ||
         op.state() == production::v1::OPERATION_STATE_ENDED;
}
inline bool running(const Operation& op) {
  return op.state() == production::v1::OPERATION_STATE_RUNNING ||
         op.state() == production::v1::OPERATION_STATE_INTERRUPTED;
}
inline bool any_running(const Unit& unit) {
  for (const auto& work_order : unit.work_orders())
    for (const auto& op : work_order.operations())
      if (running(op)) return true;
  return false;
}

}  // namespace loomline::scheduling::domain
