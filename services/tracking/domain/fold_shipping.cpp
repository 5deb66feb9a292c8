// What scheduling says of shipments and cancellations.
#include "domain/fact_table.hpp"
#include "loomline/scheduling/v1/events.pb.h"

namespace loomline::tracking::domain {
namespace {

using namespace scheduling::v1;  // NOLINT: the events, by name
using namespace production::v1;  // NOLINT: the milestones, by name

using UnitIds = std::vector<std::string>;

// Null where it was not planned (an anomaly).
std::shared_ptr<const UnitIds> find_shipment(Folding& folding, const std::string& shipment_id) {
  if (const auto* known = folding.fold.shipments.find(shipment_id)) return *known;
  folding.anomaly("shipment " + shipment_id + " was not planned");
  return nullptr;
}

template <class Ids>
void reach_all(Folding& folding, const Ids& unit_ids, Milestone milestone) {
  for (const auto& unit_id : unit_ids) {
    const auto [line, unit] = folding.find_unit(unit_id);
    if (unit != nullptr)
      folding.reach(*line, *unit, milestone);
    else
      folding.anomaly("unit " + unit_id + " was not scheduled");
  }
}

void on(Folding& folding, const ShipmentPlanned& event) {
  auto& shipments = folding.fold.shipments;
  if (!shipments.contains(event.shipment_id()))
    shipments.set(event.shipment_id(),
                  std::make_shared<const UnitIds>(event.unit_ids().begin(), event.unit_ids().end()));
  folding.head([&](Head& head) { head.shown.set_carrier(event.carrier()); });
  folding.entry("shipment_planned");
}

void on(Folding& folding, const ShipmentDispatched& event) {
  if (const auto unit_ids = find_shipment(folding, event.shipment_id()))
    reach_all(folding, *unit_ids, MILESTONE_SHIPPED);
  folding.head([&](Head& head) {
    if (!event.carrier().empty()) head.shown.set_carrier(event.carrier());
    if (event.has_waybill()) *head.shown.mutable_waybill() = event.waybill();
  });
  folding.entry("shipment_dispatched");
}

void on(Folding& folding, const ShipmentDelivered& event) {
  if (event.unit_ids_size() > 0)
    reach_all(folding, event.unit_ids(), MILESTONE_DELIVERED);
  else if (const auto unit_ids = find_shipment(folding, event.shipment_id()))
    reach_all(folding, *unit_ids, MILESTONE_DELIVERED);
  folding.entry("shipment_delivered");
}

void on(Folding& folding, const CancellationRefused& event) {
  folding.entry("cancellation_refused");
  folding.internal_reason(event.reason());
}

}  // namespace

void add_shipping_facts(FactTable& table) {
  table.add<ShipmentPlanned>(on);
  table.add<ShipmentDispatched>(on);
  table.add<ShipmentDelivered>(on);
  table.add<CancellationRefused>(on);
}

}  // namespace loomline::tracking::domain
