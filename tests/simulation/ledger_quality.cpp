// Inspections, dispositions, holds and certificates.
#include "ledger.hpp"
#include "loomline/quality/lives.hpp"

namespace loomline::simulation {

using namespace quality::v1;  // NOLINT: the events, by name

void Ledger::listen_to_quality() {
  on<InspectionRequested>(&Ledger::take);
  on<InspectionPassed>(&Ledger::take);
  on<InspectionFailed>(&Ledger::take);
  on<DispositionDecided>(&Ledger::take);
  on<HoldPlaced>(&Ledger::take);
  on<HoldReleased>(&Ledger::take);
  on<CertificateIssued>(&Ledger::take);
}

// Each inspection has its operation, which ended; each end is inspected once.
void Ledger::take(const InspectionRequested& event) {
  auto& order = orders_[event.order_id()];
  const auto& asked = event.inspection();
  require(!order.inspections.contains(asked.inspection_id()), name(event.order_id()) + "an inspection is asked twice");
  require(order.measured.contains(asked.unit_id() + "/" + asked.op_id() + "/" + std::to_string(asked.attempt())),
          name(event.order_id()) + "an inspection of " + asked.op_id() + ", which did not end");
  for (const auto& [id, other] : order.inspections)
    require(other.unit != asked.unit_id() || other.op != asked.op_id() || other.attempt != asked.attempt(),
            name(event.order_id()) + "two inspections of one operation");
  order.inspections[asked.inspection_id()] = {asked.unit_id(), asked.op_id(), "", asked.attempt(),
                                              INSPECTION_STATE_PENDING, {}};
}

void Ledger::decided(const quality::v1::Inspection& inspection) {
  auto& known = orders_[inspection.order_id()].inspections[inspection.inspection_id()];
  require(wire::may_follow(quality::inspection_life, known.state, inspection.state()),
          "inspection " + inspection.inspection_id() + " goes from " + wire::short_name(known.state) + " to " +
              wire::short_name(inspection.state()));
  known.state = inspection.state();
  known.nonconformity = inspection.nonconformity_id();
}
void Ledger::take(const InspectionPassed& event) { decided(event.inspection()); }
void Ledger::take(const InspectionFailed& event) { decided(event.inspection()); }

void Ledger::take(const DispositionDecided& event) {
  for (auto& [id, inspection] : orders_[event.order_id()].inspections) {
    if (inspection.nonconformity != event.nonconformity_id()) continue;
    require(wire::may_follow(quality::disposition_life, inspection.disposition, event.disposition()),
            name(event.order_id()) + event.nonconformity_id() + " is decided twice");
    inspection.disposition = event.disposition();
    return;
  }
  require(false, name(event.order_id()) + event.nonconformity_id() + " is decided, and nothing failed");
}

void Ledger::take(const HoldPlaced& event) {
  require(orders_[event.order_id()].holds.insert(event.hold_id()).second,
          name(event.order_id()) + "a hold is placed twice");
}
void Ledger::take(const HoldReleased& event) {
  auto& order = orders_[event.order_id()];
  require(order.holds.contains(event.hold_id()) && order.holds_released.insert(event.hold_id()).second,
          name(event.order_id()) + "hold " + event.hold_id() + " is released without being in force");
}

void Ledger::take(const CertificateIssued& event) {
  auto& order = orders_[event.order_id()];
  require(!std::exchange(order.lines[event.line_id()].certified, true),
          name(event.order_id()) + "a line is certified twice");
  for (const auto& id : order.counting("")) {
    const auto& unit = order.units.at(id);
    require(unit.line != event.line_id() || unit.state >= scheduling::state::v1::UNIT_STATE_COMPLETED,
            name(event.order_id()) + "certified, and unit " + id + " is " + wire::short_name(unit.state));
  }
}

}  // namespace loomline::simulation
