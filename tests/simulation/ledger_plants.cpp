// Lines, units, promises and shipments.
#include "ledger.hpp"
#include "loomline/scheduling/lives.hpp"

namespace loomline::simulation {

using namespace scheduling::v1;         // NOLINT: the events, by name
using namespace scheduling::state::v1;  // NOLINT: the states of units
using production::v1::SHIPMENT_STATE_DELIVERED;
using production::v1::SHIPMENT_STATE_DISPATCHED;
using production::v1::SHIPMENT_STATE_PLANNED;
using production::v1::ShipmentState;

void Ledger::listen_to_plants() {
  on<LineScheduled>(&Ledger::take);
  on<MaterialReady>(&Ledger::take);
  on<PromiseMade>(&Ledger::take);
  on<PromiseRevised>(&Ledger::take);
  on<UnitReplaced>(&Ledger::take);
  on<UnitCompleted>(&Ledger::take);
  on<ShipmentPlanned>(&Ledger::take);
  on<ShipmentDispatched>(&Ledger::take);
  on<ShipmentDelivered>(&Ledger::take);
  on<CancellationGranted>(&Ledger::take);
}

void Ledger::move(Order& order, const std::string& unit_id, UnitState to) {
  const auto unit = order.units.find(unit_id);
  if (unit == order.units.end()) return require(false, "unit " + unit_id + " was never minted");
  // Nobody says of a unit that takes another's place when it is in the plan.
  if (unit->second.state == UNIT_STATE_WAITING && to == UNIT_STATE_IN_PRODUCTION)
    unit->second.state = UNIT_STATE_PLANNED;
  require(wire::may_follow(scheduling::unit_life, unit->second.state, to),
          "unit " + unit_id + " goes from " + wire::short_name(unit->second.state) + " to " + wire::short_name(to));
  unit->second.state = to;
}

void Ledger::move(Order& order, const std::string& shipment_id, ShipmentState to) {
  auto& shipment = order.shipments[shipment_id];
  require(wire::may_follow(scheduling::shipment_life, shipment.state, to),
          "shipment " + shipment_id + " goes from " + wire::short_name(shipment.state) + " to " +
              wire::short_name(to));
  shipment.state = to;
}

void Ledger::take(const LineScheduled& event) {
  auto& order = orders_[event.order_id()];
  const auto line = order.lines.find(event.line_id());
  require(order.state >= intake::v1::ORDER_STATE_PLACED && line != order.lines.end(),
          name(event.order_id()) + "a line is scheduled that was not placed");
  if (line == order.lines.end()) return;
  require(!std::exchange(line->second.scheduled, true), name(event.order_id()) + "a line is scheduled twice");
  order.plants.insert(event.plant_id());
  line->second.plant = event.plant_id();
  std::int64_t counting = 0;
  for (const auto& id : event.unit_ids()) {
    auto& unit = order.units[id];  // one that takes a scrapped one's place may be known
    unit.line = event.line_id();
    if (unit.state == UnitState{} || unit.state == UNIT_STATE_WAITING) unit.state = UNIT_STATE_PLANNED;
    counting += unit.state == UNIT_STATE_REPLACED ? 0 : 1;
  }
  require(counting == line->second.quantity, name(event.order_id()) + "line " + event.line_id() + " of " +
                                                 std::to_string(line->second.quantity) + " has " +
                                                 std::to_string(counting) + " units in the plan");
}

void Ledger::take(const MaterialReady& event) {
  auto& line = orders_[event.order_id()].lines[event.line_id()];
  require(!std::exchange(line.material, true), name(event.order_id()) + "material is ready twice");
}

// Revisions are contiguous, and each names the one that it takes the place of.
void Ledger::promised(const std::string& order_id, const Promise& promise) {
  auto& line = orders_[order_id].lines[promise.line_id()];
  require(promise.revision() == line.promise_revision + 1,
          name(order_id) + "promise " + std::to_string(promise.revision()) + " follows promise " +
              std::to_string(line.promise_revision));
  require(promise.supersedes() == line.promise, name(order_id) + "a promise takes another's place than it says");
  line.promise = promise.promise_id();
  line.promise_revision = promise.revision();
}
void Ledger::take(const PromiseMade& event) {
  require(event.promise().revision() == 1, name(event.order_id()) + "the first promise is no first");
  promised(event.order_id(), event.promise());
}
void Ledger::take(const PromiseRevised& event) { promised(event.order_id(), event.promise()); }

void Ledger::take(const UnitReplaced& event) {
  auto& order = orders_[event.order_id()];
  move(order, event.scrapped_unit_id(), UNIT_STATE_REPLACED);
  auto& fresh = order.units[event.unit_id()];
  require(fresh.state == UnitState{}, name(event.order_id()) + "a unit takes two places");
  fresh.line = event.line_id();
  fresh.state = UNIT_STATE_WAITING;
}

void Ledger::take(const UnitCompleted& event) {
  auto& order = orders_[event.order_id()];
  move(order, event.unit_id(), UNIT_STATE_COMPLETED);
  check_released(order, event.unit_id());
}

// The last inspection of each of its operations passed, or staff let it be used as it is.
void Ledger::check_released(const Order& order, const std::string& unit_id) const {
  std::map<std::string, const Inspection*> last;
  for (const auto& [id, inspection] : order.inspections) {
    if (inspection.unit != unit_id) continue;
    auto& slot = last[inspection.op];
    if (slot == nullptr || slot->attempt < inspection.attempt) slot = &inspection;
  }
  for (const auto& [op, inspection] : last)
    require(inspection->state == quality::v1::INSPECTION_STATE_PASSED ||
                inspection->disposition == quality::v1::DISPOSITION_USE_AS_IS,
            "unit " + unit_id + " is complete, and its inspection after " + op + " is " +
                wire::short_name(inspection->state));
}

void Ledger::take(const ShipmentPlanned& event) {
  auto& order = orders_[event.order_id()];
  auto& shipment = order.shipments[event.shipment_id()];
  move(order, event.shipment_id(), SHIPMENT_STATE_PLANNED);
  shipment.plant = event.plant_id();
  shipment.units = {event.unit_ids().begin(), event.unit_ids().end()};
  require(shipment.units == order.counting(event.plant_id()),
          name(event.order_id()) + "a shipment does not hold what its plant made");
  for (const auto& id : shipment.units)
    require(order.units.contains(id) && order.units.at(id).state == UNIT_STATE_COMPLETED,
            name(event.order_id()) + "unit " + id + " is to be sent before it is complete");
}
void Ledger::take(const ShipmentDispatched& event) {
  auto& order = orders_[event.order_id()];
  move(order, event.shipment_id(), SHIPMENT_STATE_DISPATCHED);
  for (const auto& id : order.shipments[event.shipment_id()].units) move(order, id, UNIT_STATE_SHIPPED);
}
void Ledger::take(const ShipmentDelivered& event) {
  auto& order = orders_[event.order_id()];
  move(order, event.shipment_id(), SHIPMENT_STATE_DELIVERED);
  const std::set<std::string> units(event.unit_ids().begin(), event.unit_ids().end());
  require(units == order.shipments[event.shipment_id()].units,
          name(event.order_id()) + "delivered is not what was dispatched");
  for (const auto& id : units) move(order, id, UNIT_STATE_DELIVERED);
}

void Ledger::take(const CancellationGranted& event) {
  auto& order = orders_[event.order_id()];
  // Each of its plants says so, one perhaps after another has refused (docs/reliability.md: what is not promised).
  const bool after_a_refusal = order.cancellation_declined && order.plants.size() > 1;
  require(order.cancellation_asked || after_a_refusal || order.state == intake::v1::ORDER_STATE_CANCELLED,
          name(event.order_id()) + "a cancellation is granted that nobody asked for");
  order.granted = true;
}

}  // namespace loomline::simulation
