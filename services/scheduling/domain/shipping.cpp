// Shipments, and orders that end.
#include <algorithm>

#include "domain/network.hpp"
#include "domain/plan_store.hpp"
#include "domain/plant.hpp"
#include "domain/plant_model.hpp"
#include "domain/work.hpp"
#include "loomline/wire/check.hpp"

namespace loomline::scheduling::domain {
namespace {

using namespace production::v1;  // NOLINT: the carrier's own messages, in every line of this file

constexpr int kKeepDelivered = 500;

void say_dispatched(const state::v1::Shipment& shipment, Step& step) {
  scheduling::v1::ShipmentDispatched event;
  event.set_order_id(shipment.order_id());
  event.set_shipment_id(shipment.shipment_id());
  event.set_carrier(shipment.carrier());
  if (shipment.has_waybill()) *event.mutable_waybill() = shipment.waybill();
  *event.mutable_occurred_at() = to_timestamp(from_micros(shipment.dispatched_at()));
  step.publish(event);
}

void say_delivered(const state::v1::Shipment& shipment, Step& step) {
  scheduling::v1::ShipmentDelivered event;
  event.set_order_id(shipment.order_id());
  event.set_shipment_id(shipment.shipment_id());
  *event.mutable_unit_ids() = shipment.unit_ids();
  *event.mutable_occurred_at() = to_timestamp(from_micros(shipment.delivered_at()));
  step.publish(event);
}

void move_units(Order& order, state::v1::UnitState to) {
  for (auto& line : *order.mutable_lines())
    for (auto& unit : *line.mutable_units())
      if (counts(unit)) move(unit, to);
}

Status cannot_follow(ShipmentState from, ShipmentState to) {
  return failed_precondition("SHIPMENT_STATE", "A shipment that is " + ShipmentState_Name(from) + " cannot become " +
                                                   ShipmentState_Name(to) + "; report DISPATCHED, then DELIVERED.");
}

}  // namespace

void plan_shipment(Work& work, Order& order, Time at) {
  if (order.has_shipment() || order.cancelled()) return;
  std::vector<std::string> units;
  for (const auto& line : order.lines())
    for (const auto& unit : line.units()) {
      if (!counts(unit)) continue;
      if (unit.state() != state::v1::UNIT_STATE_COMPLETED) return;
      units.push_back(unit.unit_id());
    }
  const auto& plant = work.state.plant();
  const auto dispatch = dispatch_of(plant, order.country(), order.zone());
  const auto leaves = planning::next_dispatch(*work.plan, dispatch, std::max(at, work.now));
  auto& shipment = *order.mutable_shipment();
  shipment.set_shipment_id(work.step.mint(prefix::shipment));
  move(shipment, SHIPMENT_STATE_PLANNED);
  shipment.set_order_id(order.order_id());
  for (const auto& id : units) shipment.add_unit_ids(id);
  shipment.set_carrier(leg_to(plant, order.country()).carrier());
  shipment.set_country(order.country());
  shipment.set_planned_dispatch(micros(leaves ? *leaves : work.now));
  scheduling::v1::ShipmentPlanned event;
  event.set_order_id(order.order_id());
  event.set_shipment_id(shipment.shipment_id());
  event.set_plant_id(plant.plant_id());
  *event.mutable_unit_ids() = shipment.unit_ids();
  event.set_carrier(shipment.carrier());
  event.set_country(shipment.country());
  *event.mutable_planned_dispatch() = to_timestamp(from_micros(shipment.planned_dispatch()));
  *event.mutable_occurred_at() = to_timestamp(at);
  work.step.publish(event);
}

void forget_order(PlantState& state, const std::string& order_id) {
  auto& orders = *state.mutable_orders();
  const auto it = std::find_if(orders.begin(), orders.end(), [&](const Order& o) { return o.order_id() == order_id; });
  if (it == orders.end()) return;
  for (const auto& line : it->lines())
    for (const auto& unit : line.units())
      if (any_running(unit)) return;
  orders.erase(it);
}

namespace {

// When the shipment's last unit was complete, or it was dispatched. The clocks of carriers differ from ours.
Time earliest(const Order& order) {
  std::int64_t ready = order.shipment().dispatched_at();
  for (const auto& line : order.lines())
    for (const auto& unit : line.units())
      if (counts(unit)) ready = std::max(ready, unit.completed_at());
  return from_micros(ready) - std::chrono::minutes(5);
}

const char* verb(ShipmentState state) { return state == SHIPMENT_STATE_DISPATCHED ? "dispatched" : "delivered"; }

}  // namespace

Result<ReportShipmentResponse> report_shipment(PlantState& state, const ReportShipmentRequest& request, Step& step) {
  if (request.state() != SHIPMENT_STATE_DISPATCHED && request.state() != SHIPMENT_STATE_DELIVERED)
    return invalid("state", "is neither DISPATCHED nor DELIVERED", "report one of the two");
  for (const auto& shipment : state.delivered())
    if (shipment.shipment_id() == request.shipment_id()) return ReportShipmentResponse{};  // said before
  auto& orders = *state.mutable_orders();
  const auto it = std::find_if(orders.begin(), orders.end(), [&](const Order& o) {
    return o.has_shipment() && o.shipment().shipment_id() == request.shipment_id();
  });
  if (it == orders.end()) return not_found("SHIPMENT_UNKNOWN", "The plant has no such shipment; see ListShipments.");
  auto& shipment = *it->mutable_shipment();
  if (shipment.state() == request.state()) return ReportShipmentResponse{};
  if (!may_follow(shipment_life, shipment.state(), request.state()))
    return cannot_follow(shipment.state(), request.state());
  const auto at = occurred(request, step);
  if (at > step.now() + std::chrono::minutes(5))
    return invalid("occurred_at", "is in the future", "give a time no later than now");
  if (const auto before = earliest(*it); at < before)
    return invalid("occurred_at", "is before the shipment could be " + std::string(verb(request.state())),
                   "give a time from " + format_rfc3339(before) + " on");
  if (request.has_waybill()) *shipment.mutable_waybill() = request.waybill();
  move(shipment, request.state());
  if (request.state() == SHIPMENT_STATE_DISPATCHED) {
    shipment.set_dispatched_at(micros(at));
    move_units(*it, state::v1::UNIT_STATE_SHIPPED);
    say_dispatched(shipment, step);
    Work work(state, step);
    review_promises(work, *it, scheduling::v1::PROMISE_REASON_TRANSPORT);
    return ReportShipmentResponse{};
  }
  shipment.set_delivered_at(micros(at));
  move_units(*it, state::v1::UNIT_STATE_DELIVERED);
  say_delivered(shipment, step);
  *state.add_delivered() = shipment;
  if (state.delivered_size() > kKeepDelivered) state.mutable_delivered()->erase(state.delivered().begin());
  forget_order(state, it->order_id());
  return ReportShipmentResponse{};
}

}  // namespace loomline::scheduling::domain
