#include "domain/events.hpp"

#include <algorithm>

#include "domain/certificate.hpp"
#include "domain/inspection.hpp"
#include "loomline/intake/v1/events.pb.h"
#include "loomline/production/v1/production.pb.h"

namespace loomline::quality::domain {
namespace {

bool has_new_lots(const state::v1::Unit& unit, const scheduling::v1::OperationProgressed& event) {
  return std::any_of(event.lot_ids().begin(), event.lot_ids().end(), [&](const std::string& lot) {
    return std::find(unit.lot_ids().begin(), unit.lot_ids().end(), lot) == unit.lot_ids().end();
  });
}

void note_lots(state::v1::Unit& unit, const scheduling::v1::OperationProgressed& event) {
  for (const auto& lot : event.lot_ids())
    if (std::find(unit.lot_ids().begin(), unit.lot_ids().end(), lot) == unit.lot_ids().end()) unit.add_lot_ids(lot);
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

Verdict on_line_scheduled(State& state, const scheduling::v1::LineScheduled& event, Step& step) {
  Order order(state, step);
  auto* line = order.line(event.line_id());
  if (!line) return Verdict::not_yet("OrderPlaced with line " + event.line_id());
  bool changed = false;
  for (const auto& unit_id : event.unit_ids()) {
    if (order.unit(event.line_id(), unit_id)) continue;
    order.add_unit(*line, unit_id);
    changed = true;
  }
  return changed ? Verdict::applied() : Verdict::ignored();
}

Verdict on_operation_progressed(State& state, const scheduling::v1::OperationProgressed& event, Step& step) {
  if (state.cancelled()) return Verdict::ignored();
  Order order(state, step);
  if (!order.line(event.line_id())) return Verdict::not_yet("OrderPlaced with line " + event.line_id());
  const bool measured = event.state() == production::v1::OPERATION_STATE_ENDED && event.characteristics_size() > 0;
  const std::uint32_t attempt = std::max(event.attempt(), 1U);
  bool changed = false;
  for (const auto& unit_id : event.unit_ids()) {
    const auto* unit = order.unit(event.line_id(), unit_id);
    if (!unit) return Verdict::not_yet("LineScheduled or UnitReplaced with unit " + unit_id);
    if (unit->state() == state::v1::UNIT_STATE_REPLACED) continue;
    const bool inspects = measured && !inspected(*unit, event.op_id(), attempt);
    if (!inspects && !has_new_lots(*unit, event)) continue;
    auto& written = order.edit(*unit);
    note_lots(written, event);
    if (inspects) open_inspection(order, written, event);
    changed = true;
  }
  if (!changed) return Verdict::ignored();
  order.index();
  return Verdict::applied();
}

Verdict on_unit_replaced(State& state, const scheduling::v1::UnitReplaced& event, Step& step) {
  Order order(state, step);
  auto* line = order.line(event.line_id());
  if (!line) return Verdict::not_yet("OrderPlaced with line " + event.line_id());
  const auto* scrapped = order.unit(event.line_id(), event.scrapped_unit_id());
  if (!scrapped) return Verdict::not_yet("LineScheduled with unit " + event.scrapped_unit_id());
  if (scrapped->state() == state::v1::UNIT_STATE_REPLACED) return Verdict::ignored();
  auto& written = order.edit(*scrapped);
  order.move(written, state::v1::UNIT_STATE_REPLACED);
  drop_unit(order, written, event.occurred_at());
  if (!event.unit_id().empty() && !order.unit(event.line_id(), event.unit_id())) order.add_unit(*line, event.unit_id());
  certify(order, *line, event.occurred_at());
  order.index();
  return Verdict::applied();
}

Verdict on_unit_completed(State& state, const scheduling::v1::UnitCompleted& event, Step& step) {
  Order order(state, step);
  auto* line = order.line(event.line_id());
  if (!line) return Verdict::not_yet("OrderPlaced with line " + event.line_id());
  const auto* unit = order.unit(event.line_id(), event.unit_id());
  if (!unit) return Verdict::not_yet("LineScheduled or UnitReplaced with unit " + event.unit_id());
  if (unit->state() != state::v1::UNIT_STATE_IN_WORK) return Verdict::ignored();
  auto& completed = order.edit(*unit);
  order.move(completed, state::v1::UNIT_STATE_COMPLETED);
  completed.set_serial(event.serial());
  certify(order, *line, event.occurred_at());
  return Verdict::applied();
}

Verdict on_order_cancelled(State& state, const intake::v1::OrderCancelled& event, Step& step) {
  // An order that was never placed had nothing to inspect.
  if (!step.existed() || state.cancelled()) return Verdict::ignored();
  Order order(state, step);
  state.set_cancelled(true);
  for (const auto& line : state.lines())
    for (const auto* unit : order.units(line)) drop_unit(order, *unit, event.occurred_at());
  order.index();
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
