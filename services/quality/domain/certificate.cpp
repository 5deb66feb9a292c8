#include "domain/certificate.hpp"

#include <algorithm>

#include "domain/stored.hpp"

namespace loomline::quality::domain {
namespace {

// Released: it passed, or staff let it be used as it is.
bool released(const v1::Inspection& inspection) {
  return inspection.state() == v1::INSPECTION_STATE_PASSED || inspection.disposition() == v1::DISPOSITION_USE_AS_IS;
}

v1::CertifiedUnit certified(const state::v1::Unit& unit, const Inspections& inspections) {
  v1::CertifiedUnit out;
  out.set_unit_id(unit.unit_id());
  out.set_line_id(unit.line_id());
  out.set_serial(unit.serial());
  *out.mutable_lot_ids() = unit.lot_ids();
  std::uint32_t failed = 0;
  for (const auto& ref : unit.inspections()) {
    const auto& inspection = *inspections.find(ref.inspection_id());
    if (inspection.state() == v1::INSPECTION_STATE_FAILED && !released(inspection)) ++failed;
    if (!released(inspection)) continue;
    // A later attempt at the same operation takes the place of an earlier one.
    auto& shown = *out.mutable_inspections();
    const auto same = std::find_if(shown.begin(), shown.end(),
                                   [&](const v1::Inspection& other) { return other.op_id() == inspection.op_id(); });
    if (same == shown.end())
      *shown.Add() = inspection;
    else
      *same = inspection;
  }
  out.set_reworks(failed);
  return out;
}

}  // namespace

void certify(Order& order, state::v1::Line& line, const Timestamp& at) {
  if (!line.certificate_id().empty() || order.state.cancelled()) return;
  if (line.completed() < line.counting() || line.holds() > 0) return;
  if (line.completed() == 0 || line.completed() < line.quantity()) return;
  line.set_certificate_id(order.step.mint(prefix::certificate));
  *line.mutable_certified_at() = at;
  v1::CertificateIssued event;
  event.set_order_id(order.state.order_id());
  event.set_certificate_id(line.certificate_id());
  event.set_line_id(line.line_id());
  *event.mutable_occurred_at() = at;
  order.step.publish(event);
}

std::vector<v1::Certificate> certificates(const eventing::Snapshot& snapshot) {
  std::vector<v1::Certificate> out;
  read(snapshot, [&](const State& state, const Units& units, const Inspections& inspections) {
    for (const auto& line : state.lines()) {
      if (line.certificate_id().empty()) continue;
      auto& certificate = out.emplace_back();
      certificate.set_certificate_id(line.certificate_id());
      certificate.set_order_id(state.order_id());
      *certificate.mutable_product_name() = line.product_name();
      *certificate.mutable_issued_at() = line.certified_at();
      for (const auto* unit : units_of(units, line.line_id()))
        if (counts(*unit)) *certificate.add_units() = certified(*unit, inspections);
    }
  });
  return out;
}

}  // namespace loomline::quality::domain
