// What scheduling says of shipments and cancellations.
#include "domain/fact_table.hpp"
#include "loomline/scheduling/v1/events.pb.h"

namespace loomline::tracking::domain {
namespace {

using namespace scheduling::v1;  // NOLINT: the events, by name
using namespace production::v1;  // NOLINT: the milestones, by name

state::v1::Shipment* find_shipment(Folding& folding, const std::string& shipment_id) {
  for (auto& known : *folding.fold.mutable_shipments())
    if (known.shipment_id() == shipment_id) return &known;
  folding.anomaly("shipment " + shipment_id + " was not planned");
  return nullptr;
}

template <class UnitIds>
void reach_all(Folding& folding, const UnitIds& unit_ids, Milestone milestone) {
  for (const auto& unit_id : unit_ids) {
    if (auto* unit = folding.find_unit(unit_id))
      folding.reach(*unit, milestone);
    else
      folding.anomaly("unit " + unit_id + " was not scheduled");
  }
}

void on(Folding& folding, const ShipmentPlanned& event) {
  auto& shipment = *folding.fold.add_shipments();
  shipment.set_shipment_id(event.shipment_id());
  *shipment.mutable_unit_ids() = event.unit_ids();
  folding.fold.set_carrier(event.carrier());
  folding.entry("shipment_planned");
}

void on(Folding& folding, const ShipmentDispatched& event) {
  if (const auto* shipment = find_shipment(folding, event.shipment_id()))
    reach_all(folding, shipment->unit_ids(), MILESTONE_SHIPPED);
  if (!event.carrier().empty()) folding.fold.set_carrier(event.carrier());
  if (event.has_waybill()) *folding.fold.mutable_waybill() = event.waybill();
  folding.entry("shipment_dispatched");
}

void on(Folding& folding, const ShipmentDelivered& event) {
  if (event.unit_ids_size() > 0)
    reach_all(folding, event.unit_ids(), MILESTONE_DELIVERED);
  else if (const auto* shipment = find_shipment(folding, event.shipment_id()))
    reach_all(folding, shipment->unit_ids(), MILESTONE_DELIVERED);
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
