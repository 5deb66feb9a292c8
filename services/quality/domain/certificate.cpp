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

v1::Certificate* head(const State& state, const state::v1::Line& line, std::size_t units, v1::Certificate& out) {
  out.set_certificate_id(line.certificate_id());
  out.set_order_id(state.order_id());
  *out.mutable_product_name() = line.product_name();
  *out.mutable_issued_at() = line.certified_at();
  out.set_units_total(static_cast<std::uint32_t>(units));
  return &out;
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

std::optional<v1::GetCertificateResponse> certificates(const eventing::Snapshot& snapshot, std::string_view after_unit,
                                                       std::size_t size) {
  v1::GetCertificateResponse page;
  bool begun = after_unit.empty();
  read(snapshot, [&](const State& state, const Units& units, const Inspections& inspections) {
    std::size_t given = 0, bytes = 0;
    for (const auto& line : state.lines()) {
      if (line.certificate_id().empty()) continue;
      auto of_line = units_of(units, line.line_id());
      std::erase_if(of_line, [](const state::v1::Unit* unit) { return !counts(*unit); });
      v1::Certificate* certificate = nullptr;
      for (const auto* unit : of_line) {
        if (!begun) {
          begun = unit->unit_id() == after_unit;
          continue;
        }
        if (given == size || bytes > most_certified_bytes) return;
        if (certificate == nullptr) certificate = head(state, line, of_line.size(), *page.add_certificates());
        auto& added = *certificate->add_units() = certified(*unit, inspections);
        bytes += added.ByteSizeLong();
        ++given;
        page.set_next_page_token(unit->unit_id());
      }
    }
    page.clear_next_page_token();  // that was the last
  });
  if (!begun) return std::nullopt;
  return page;
}

}  // namespace loomline::quality::domain
