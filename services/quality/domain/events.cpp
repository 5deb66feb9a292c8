#include "domain/events.hpp"

#include <algorithm>

#include "domain/certificate.hpp"
#include "domain/inspection.hpp"
#include "loomline/intake/v1/events.pb.h"
#include "loomline/production/v1/production.pb.h"

namespace loomline::quality::domain {
namespace {

void add_unit(state::v1::Line& line, const std::string& unit_id) {
  auto& unit = *line.add_units();
  unit.set_unit_id(unit_id);
  move(unit, state::v1::UNIT_STATE_IN_WORK);
}

// True where a lot was new.
bool note_lots(state::v1::Unit& unit, const scheduling::v1::OperationProgressed& event) {
  const int before = unit.lot_ids_size();
  for (const auto& lot : event.lot_ids())
    if (std::find(unit.lot_ids().begin(), unit.lot_ids().end(), lot) == unit.lot_ids().end()) unit.add_lot_ids(lot);
  return unit.lot_ids_size() > before;
}

Verdict on_order_placed(State& state, const intake::v1::OrderPlaced& event, Step&) {
  if (state.lines_size() > 0) return Verdict::ignored();
  state.set_order_id(event.order_id());
  for (const auto& ordered : event.lines()) {
    auto& line = *state.add_lines();
    line.set_line_id(ordered.line_id());
    *line.mutable_product_name() = ordered.spec().product_name();
    line.set_quantity(ordered.quantity());
  }
  return Verdict::applied();
}

Verdict on_line_scheduled(State& state, const scheduling::v1::LineScheduled& event, Step&) {
  auto* line = find_line(state, event.line_id());
  if (!line) return Verdict::not_yet("OrderPlaced with line " + event.line_id());
  bool changed = false;
  for (const auto& unit_id : event.unit_ids()) {
    if (find_unit(*line, unit_id)) continue;
    add_unit(*line, unit_id);
    changed = true;
  }
  return changed ? Verdict::applied() : Verdict::ignored();
}

Verdict on_operation_progressed(State& state, const scheduling::v1::OperationProgressed& event, Step& step) {
  if (state.cancelled()) return Verdict::ignored();
  auto* line = find_line(state, event.line_id());
  if (!line) return Verdict::not_yet("OrderPlaced with line " + event.line_id());
  const bool measured = event.state() == production::v1::OPERATION_STATE_ENDED && event.characteristics_size() > 0;
  bool changed = false;
  for (const auto& unit_id : event.unit_ids()) {
    auto* unit = find_unit(*line, unit_id);
    if (!unit) return Verdict::not_yet("LineScheduled or UnitReplaced with unit " + unit_id);
    if (unit->state() == state::v1::UNIT_STATE_REPLACED) continue;
    changed |= note_lots(*unit, event);
    if (measured) changed |= open_inspection(state, event, unit_id, step);
  }
  if (!changed) return Verdict::ignored();
  if (measured) index(state, step);
  return Verdict::applied();
}

Verdict on_unit_replaced(State& state, const scheduling::v1::UnitReplaced& event, Step& step) {
  auto* line = find_line(state, event.line_id());
  if (!line) return Verdict::not_yet("OrderPlaced with line " + event.line_id());
  auto* scrapped = find_unit(*line, event.scrapped_unit_id());
  if (!scrapped) return Verdict::not_yet("LineScheduled with unit " + event.scrapped_unit_id());
  if (scrapped->state() == state::v1::UNIT_STATE_REPLACED) return Verdict::ignored();
  move(*scrapped, state::v1::UNIT_STATE_REPLACED);
  drop_unit(state, event.scrapped_unit_id(), event.occurred_at(), step);
  if (!event.unit_id().empty() && !find_unit(*line, event.unit_id())) add_unit(*line, event.unit_id());
  certify(state, *line, event.occurred_at(), step);
  index(state, step);
  return Verdict::applied();
}

Verdict on_unit_completed(State& state, const scheduling::v1::UnitCompleted& event, Step& step) {
  auto* line = find_line(state, event.line_id());
  if (!line) return Verdict::not_yet("OrderPlaced with line " + event.line_id());
  auto* unit = find_unit(*line, event.unit_id());
  if (!unit) return Verdict::not_yet("LineScheduled or UnitReplaced with unit " + event.unit_id());
  if (unit->state() != state::v1::UNIT_STATE_IN_WORK) return Verdict::ignored();
  move(*unit, state::v1::UNIT_STATE_COMPLETED);
  unit->set_serial(event.serial());
  certify(state, *line, event.occurred_at(), step);
  return Verdict::applied();
}

Verdict on_order_cancelled(State& state, const intake::v1::OrderCancelled& event, Step& step) {
  // An order that was never placed had nothing to inspect.
  if (!step.existed() || state.cancelled()) return Verdict::ignored();
  state.set_cancelled(true);
  for (const auto& line : state.lines())
    for (const auto& unit : line.units()) drop_unit(state, unit.unit_id(), event.occurred_at(), step);
  index(state, step);
  return Verdict::applied();
}

}  // namespace

void hear(eventing::Aggregate<State>& orders) {
  orders.on<intake::v1::OrderPlaced>(on_order_placed);
  orders.on<intake::v1::OrderCancelled>(on_order_cancelled);
  orders.on<scheduling::v1::LineScheduled>(on_line_scheduled);
  orders.on<scheduling::v1::OperationProgressed>(on_operation_progressed);
  orders.on<scheduling::v1::UnitReplaced>(on_unit_replaced);
  orders.on<scheduling::v1::UnitCompleted>(on_unit_completed);
}

}  // namespace loomline::quality::domain
