// What quality says.
#include "domain/digest.hpp"
#include "domain/fact_table.hpp"

namespace loomline::tracking::domain {
namespace {

using namespace quality::v1;  // NOLINT: the events, by name

v1::JourneyEntry& inspection_entry(Folding& folding, std::string_view code, const Inspection& inspection) {
  auto& entry = folding.entry(code);
  entry.set_line_id(inspection.line_id());
  entry.set_unit_id(inspection.unit_id());
  if (const auto* step = folding.line(inspection.line_id()).find_step(inspection.op_id()))
    *entry.mutable_detail() = step->name;
  return entry;
}

// The operation counts as done for customers once quality lets the unit go on.
void release(Folding& folding, const std::string& line_id, const std::string& unit_id, const std::string& op_id) {
  auto& line = folding.line(line_id);
  // The floor may scrap a unit while its inspection is decided: what passed then counts no more.
  if (const auto* known = line.find(unit_id); known != nullptr && known->scrapped) return;
  auto* unit = folding.unit(line, unit_id);
  const auto* step = line.find_step(op_id);
  if (unit && step) folding.reach(line, *unit, when_ended(step->milestone));
}

void on(Folding& folding, const InspectionRequested& event) {
  inspection_entry(folding, "inspection_requested", event.inspection());
}
void on(Folding& folding, const InspectionPassed& event) {
  const auto& inspection = event.inspection();
  release(folding, inspection.line_id(), inspection.unit_id(), inspection.op_id());
  inspection_entry(folding, "inspection_passed", inspection);
}
void on(Folding& folding, const InspectionFailed& event) {
  inspection_entry(folding, "inspection_failed", event.inspection());
  folding.internal_reason(event.inspection().nonconformity_id());
}
// Rework and replacement are told when scheduling has planned them.
void on(Folding& folding, const DispositionDecided& event) {
  if (event.disposition() == DISPOSITION_USE_AS_IS) release(folding, event.line_id(), event.unit_id(), event.op_id());
  folding.internal_reason(Disposition_Name(event.disposition()));
}
std::uint64_t digest(const std::string& hold_id, const Hold& hold) {
  return Digest().add(hold.number).add(hold_id).add(hold.unit_id).value();
}
bool lift(Fold& fold, const std::string& hold_id) {
  const auto* held = fold.holds.find(hold_id);
  if (held == nullptr) return false;
  fold.holds_digest -= digest(hold_id, *held);
  return fold.holds.erase(hold_id);
}
void on(Folding& folding, const HoldPlaced& event) {
  auto& fold = folding.fold;
  lift(fold, event.hold_id());
  const auto& hold = fold.holds.set(event.hold_id(), {++fold.holds_placed, event.unit_id()});
  fold.holds_digest += digest(event.hold_id(), hold);
  folding.internal_reason(HoldKind_Name(event.kind()));
}
void on(Folding& folding, const HoldReleased& event) {
  if (!lift(folding.fold, event.hold_id())) return folding.anomaly("hold " + event.hold_id() + " was not in force");
  folding.internal_reason(HoldKind_Name(event.kind()));
}
void on(Folding& folding, const CertificateIssued& event) {
  folding.line(event.line_id()).certified = true;
  folding.entry("certificate_issued").set_line_id(event.line_id());
}

// A journey shows that and where, not what was measured.
template <class Event>
void strip(Event& event) {
  auto& inspection = *event.mutable_inspection();
  inspection.clear_order_id();
  inspection.clear_plant_id();
  inspection.clear_work_order_id();
  inspection.clear_characteristics();
  inspection.clear_measurements();
  inspection.clear_equipment_id();
  inspection.clear_requested_at();
  inspection.clear_decided_at();
}

}  // namespace

void add_quality_facts(FactTable& table) {
  table.add<InspectionRequested>(on, strip);
  table.add<InspectionPassed>(on, strip);
  table.add<InspectionFailed>(on, strip);
  table.add<DispositionDecided>(on);
  table.add<HoldPlaced>(on);
  table.add<HoldReleased>(on);
  table.add<CertificateIssued>(on);
}

}  // namespace loomline::tracking::domain
