#include "domain/shipping.hpp"

#include <algorithm>

#include "domain/plant.hpp"
#include "domain/plant_model.hpp"
#include "domain/promises.hpp"
#include "domain/unit_facts.hpp"

namespace loomline::scheduling::domain {
namespace {

using namespace production::v1;  // NOLINT: the carrier's own messages, in every line of this file

constexpr std::uint64_t kKeepDelivered = 500;

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

void move_units(PlantStep& step, const Order& order, state::v1::UnitState to) {
  for (const auto& name : names_of_units(step, order.order_id()))
    if (counts(*step.units.find(name))) move(*step.units.edit(name), to);
}

Status cannot_follow(ShipmentState from, ShipmentState to) {
  return failed_precondition("SHIPMENT_STATE", "A shipment that is " + ShipmentState_Name(from) + " cannot become " +
                                                   ShipmentState_Name(to) + "; report DISPATCHED, then DELIVERED.");
}

}  // namespace

std::vector<std::string> names_of_units(const PlantStep& step, const std::string& order_id) {
  std::vector<std::string> names;
  step.units.each(order_id + "/", [&](const std::string& name, const Unit&) { names.push_back(name); });
  return names;
}

void plan_shipment(PlantStep& step, Order& order, Time at) {
  if (!order.shipment_id().empty() || order.cancelled()) return;
  for (const auto& line : order.lines())
    if (line.tally().completed() < line.tally().units()) return;
  const auto& plant = step.model();
  const auto dispatch = dispatch_of(plant, order.country(), order.zone());
  const auto leaves = planning::next_dispatch(step.plan(), dispatch, std::max(at, step.now));
  order.set_shipment_id(step.step.mint(prefix::shipment));
  auto& shipment = step.shipments.add(order.shipment_id());
  shipment.set_shipment_id(order.shipment_id());
  move(shipment, SHIPMENT_STATE_PLANNED);
  shipment.set_order_id(order.order_id());
  for (const auto& line : order.lines())
    step.units.each(units_of(order.order_id(), line.line_id()), [&](const std::string&, const Unit& unit) {
      if (counts(unit)) shipment.add_unit_ids(unit.unit_id());
    });
  shipment.set_carrier(leg_to(plant, order.country()).carrier());
  shipment.set_country(order.country());
  shipment.set_planned_dispatch(micros(leaves ? *leaves : step.now));
  scheduling::v1::ShipmentPlanned event;
  event.set_order_id(order.order_id());
  event.set_shipment_id(shipment.shipment_id());
  event.set_plant_id(plant.plant_id());
  *event.mutable_unit_ids() = shipment.unit_ids();
  event.set_carrier(shipment.carrier());
  event.set_country(shipment.country());
  *event.mutable_planned_dispatch() = to_timestamp(from_micros(shipment.planned_dispatch()));
  *event.mutable_occurred_at() = to_timestamp(at);
  step.step.publish(event);
}

void forget_order(PlantStep& step, const std::string& order_id) {
  for (const auto& name : names_of_units(step, order_id)) {
    if (step.published) step.plan().remove(job_id(*step.units.find(name)));
    step.units.erase(name);
  }
  step.orders.erase(order_id);
}

namespace {

// When the shipment's last unit was complete, or it was dispatched. The clocks of carriers differ from ours.
Time earliest(const PlantStep& step, const state::v1::Shipment& shipment) {
  std::int64_t ready = shipment.dispatched_at();
  for (const auto& name : names_of_units(step, shipment.order_id())) {
    const auto& unit = *step.units.find(name);
    if (counts(unit)) ready = std::max(ready, unit.completed_at());
  }
  return from_micros(ready) - std::chrono::minutes(5);
}

const char* verb(ShipmentState state) { return state == SHIPMENT_STATE_DISPATCHED ? "dispatched" : "delivered"; }

Status parked(const Order& order) {
  return failed_precondition("ORDER_PARKED", "Order " + order.order_id() + " is parked: " + order.parked() +
                                                 ". Publish the plant again when its cause is mended.");
}

// The last deliveries are kept: carriers say things twice.
void keep_delivered(PlantStep& step, state::v1::Shipment& shipment) {
  auto& state = step.state;
  state.set_deliveries(state.deliveries() + 1);
  shipment.set_delivery(state.deliveries());
  for (const auto entry : step.board.index.deliveries) {
    if (entry.key + kKeepDelivered > state.deliveries()) break;
    step.shipments.erase(entry.value);
  }
}

void deliver(PlantStep& step, state::v1::Shipment& shipment, Time at) {
  shipment.set_delivered_at(micros(at));
  move_units(step, *step.orders.find(shipment.order_id()), state::v1::UNIT_STATE_DELIVERED);
  say_delivered(shipment, step.step);
  keep_delivered(step, shipment);
  forget_order(step, shipment.order_id());
}

void dispatch(PlantStep& step, state::v1::Shipment& shipment, Time at) {
  shipment.set_dispatched_at(micros(at));
  move_units(step, *step.orders.find(shipment.order_id()), state::v1::UNIT_STATE_SHIPPED);
  say_dispatched(shipment, step.step);
  review_promises(step, shipment.order_id(), scheduling::v1::PROMISE_REASON_TRANSPORT);
}

}  // namespace

Result<ReportShipmentResponse> report_shipment(PlantStep& step, const ReportShipmentRequest& request) {
  if (request.state() != SHIPMENT_STATE_DISPATCHED && request.state() != SHIPMENT_STATE_DELIVERED)
    return invalid("state", "is neither DISPATCHED nor DELIVERED", "report one of the two");
  const auto* known = step.shipments.find(request.shipment_id());
  if (known == nullptr) return not_found("SHIPMENT_UNKNOWN", "The plant has no such shipment; see ListShipments.");
  if (known->state() == SHIPMENT_STATE_DELIVERED || known->state() == request.state())
    return ReportShipmentResponse{};  // said before
  if (!wire::may_follow(shipment_life, known->state(), request.state()))
    return cannot_follow(known->state(), request.state());
  const auto* order = step.orders.find(known->order_id());
  if (order != nullptr && !order->parked().empty()) return parked(*order);
  const auto at = occurred(request, step.step);
  if (at > step.now + std::chrono::minutes(5))
    return invalid("occurred_at", "is in the future", "give a time no later than now");
  if (const auto before = earliest(step, *known); at < before)
    return invalid("occurred_at", "is before the shipment could be " + std::string(verb(request.state())),
                   "give a time from " + format_rfc3339(before) + " on");
  auto& shipment = *step.shipments.edit(request.shipment_id());
  if (request.has_waybill()) *shipment.mutable_waybill() = request.waybill();
  move(shipment, request.state());
  within(shipment.order_id(), [&] {
    if (request.state() == SHIPMENT_STATE_DISPATCHED)
      dispatch(step, shipment, at);
    else
      deliver(step, shipment, at);
  });
  return ReportShipmentResponse{};
}

}  // namespace loomline::scheduling::domain
