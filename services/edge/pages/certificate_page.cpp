#include "pages/certificate_page.hpp"

#include <algorithm>
#include <array>

#include "loomline/http/url.hpp"
#include "pages/dates.hpp"

namespace loomline::edge {
namespace {

using quality::v1::Certificate;
using quality::v1::CertifiedUnit;
using quality::v1::Inspection;
using quality::v1::Measurement;
using Characteristic = production::v1::Characteristic;

// Symbols of the UN/ECE Recommendation 20 codes that products use; others are shown as their code.
std::string_view symbol(std::string_view unit) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 28> symbols{
      {{"C62", ""},   {"H87", ""},   {"KGM", "kg"}, {"GRM", "g"},     {"LTR", "L"},    {"MTR", "m"},
       {"MMT", "mm"}, {"4H", "µm"},  {"SEC", "s"},  {"MIN", "min"},   {"HUR", "h"},    {"KWT", "kW"},
       {"WTT", "W"},  {"VLT", "V"},  {"AMP", "A"},  {"4K", "mA"},     {"BAR", "bar"},  {"MBR", "mbar"},
       {"CEL", "°C"}, {"2N", "dB"},  {"HTZ", "Hz"}, {"P1", "%"},      {"MQH", "m³/h"}, {"C16", "mm/s"},
       {"OHM", "Ω"},  {"E45", "mΩ"}, {"B75", "MΩ"}, {"E46", "kWh/m³"}}};
  const auto* found = std::find_if(symbols.begin(), symbols.end(), [&](const auto& s) { return s.first == unit; });
  return found == symbols.end() ? unit : found->second;
}

std::string decimal(std::int64_t value, std::uint32_t scale) {
  std::string digits = std::to_string(value < 0 ? -value : value);
  const std::size_t places = std::min<std::uint32_t>(scale, 18);
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  if (places > 0) digits.insert(digits.size() - places, ".");
  return (value < 0 ? "−" : "") + digits;
}

std::string limits(const Characteristic& c) {
  const auto& nominal = c.nominal();
  if (c.has_lower_limit() && c.has_upper_limit())
    return decimal(c.lower_limit(), nominal.scale()) + " – " + amount(c.upper_limit(), nominal.scale(), nominal.unit());
  if (c.has_lower_limit()) return "≥ " + amount(c.lower_limit(), nominal.scale(), nominal.unit());
  if (c.has_upper_limit()) return "≤ " + amount(c.upper_limit(), nominal.scale(), nominal.unit());
  return "–";
}

Html cell(const TrackingView& view, Markup key, const std::string& text) {
  Html out;
  out << "<td data-label=\"" << Text(view.text(key.text())) << "\">" << Text(text) << "</td>";
  return out;
}

Html measured_row(const TrackingView& view, const Inspection& inspection, const Characteristic& c) {
  std::string values;
  bool within = true;
  for (const auto& m : inspection.measurements()) {
    if (m.characteristic_id() != c.characteristic_id()) continue;
    values += (values.empty() ? "" : "; ") + amount(m.value(), c.nominal().scale(), c.nominal().unit());
    within = within && m.within_tolerance();
  }
  const bool deviation = inspection.disposition() == quality::v1::DISPOSITION_USE_AS_IS;
  Html out;
  out << "<tr><th scope=row>" << Text(local_text(c.name(), view.language)) << "</th>"
      << cell(view, "cert.nominal", amount(c.nominal().value(), c.nominal().scale(), c.nominal().unit()))
      << cell(view, "cert.limits", limits(c)) << cell(view, "cert.measured", values.empty() ? "–" : values)
      << cell(view, "cert.result",
              view.text(within      ? "cert.pass"
                        : deviation ? "cert.deviation"
                                    : "cert.fail"))
      << "</tr>";
  return out;
}

Html unit_section(const TrackingView& view, const CertifiedUnit& unit) {
  Html out;
  out << "<section class=certified><h3>" << Text(view.text("cert.unit")) << " <code>"
      << Text(unit.serial().empty() ? unit.unit_id() : unit.serial())
      << "</code></h3><table class=measured><thead><tr><th scope=col>" << Text(view.text("cert.characteristic"))
      << "</th><th scope=col>" << Text(view.text("cert.nominal")) << "</th><th scope=col>"
      << Text(view.text("cert.limits")) << "</th><th scope=col>" << Text(view.text("cert.measured"))
      << "</th><th scope=col>" << Text(view.text("cert.result")) << "</th></tr></thead><tbody>";
  for (const auto& inspection : unit.inspections())
    for (const auto& characteristic : inspection.characteristics())
      out << measured_row(view, inspection, characteristic);
  out << "</tbody></table>";
  if (unit.reworks() > 0)
    out << "<p class=\"muted small\">" << Text(view.text("cert.reworked", {{"n", std::to_string(unit.reworks())}}))
        << "</p>";
  if (!unit.lot_ids().empty()) {
    out << "<p class=\"muted small\">" << Text(view.text("cert.lots")) << ": ";
    for (int i = 0; i < unit.lot_ids_size(); ++i) out << (i > 0 ? Markup(", ") : Markup("")) << Text(unit.lot_ids(i));
    out << "</p>";
  }
  out << "</section>";
  return out;
}

Html certificate_article(const TrackingView& view, const Certificate& certificate) {
  Html out;
  out << "<article class=\"card certificate\"><header><p class=eyebrow>Loomline</p><h1>"
      << Text(view.text("cert.title")) << "</h1><p class=muted>"
      << Text(view.text("cert.number", {{"id", certificate.certificate_id()}}))
      << "</p></header><dl class=facts><div><dt>" << Text(view.text("cert.product")) << "</dt><dd>"
      << Text(local_text(certificate.product_name(), view.language)) << "</dd></div><div><dt>"
      << Text(view.text("cert.order")) << "</dt><dd><code>" << Text(certificate.order_id())
      << "</code></dd></div><div><dt>" << Text(view.text("cert.issued")) << "</dt><dd>"
      << Text(day(certificate.issued_at(), view.zone(), view.language)) << "</dd></div></dl><p>"
      << Text(view.text("cert.statement")) << "</p>";
  for (const auto& unit : certificate.units()) out << unit_section(view, unit);
  out << "</article>";
  return out;
}

// Of many pieces an answer holds a part; says so, and leads to the next.
Html further(const TrackingView& view, const quality::v1::GetCertificateResponse& answer) {
  std::int64_t shown = 0, total = 0;
  for (const auto& certificate : answer.certificates()) {
    shown += certificate.units_size();
    total += std::max<std::int64_t>(certificate.units_total(), certificate.units_size());
  }
  Html out;
  if (shown >= total && answer.next_page_token().empty()) return out;
  out << "<nav class=\"no-print pages\"><p class=muted>"
      << Text(view.text("cert.part", {{"n", std::to_string(shown)}, {"total", std::to_string(total)}}))
      << "</p><p><a href=\"" << Text(view.address("/certificate")) << "\">" << Text(view.text("cert.first")) << "</a>";
  if (!answer.next_page_token().empty()) {
    const auto address = view.address("/certificate");
    out << " · <a rel=next href=\""
        << Text(address + (address.find('?') == address.npos ? "?" : "&") +
                "after=" + http::percent_encode(answer.next_page_token()))
        << "\">" << Text(view.text("cert.next")) << "</a>";
  }
  return out << "</p></nav>";
}

}  // namespace

std::string amount(std::int64_t value, std::uint32_t scale, std::string_view unit) {
  const std::string_view sign = symbol(unit);
  return decimal(value, scale) + (sign.empty() ? "" : " ") + std::string(sign);
}

http::Response certificate_page(const TrackingView& view, const quality::v1::GetCertificateResponse& answer) {
  PageFrame frame;
  frame.language = view.language;
  frame.title = view.text("cert.title");
  TrackingView plain = view;
  plain.chosen_language.clear();
  frame.address = plain.address("/certificate");
  frame.main << "<p class=\"no-print small\"><a href=\"" << Text(view.address()) << "\">← "
             << Text(view.text("cert.back")) << "</a></p>";
  for (const auto& certificate : answer.certificates()) frame.main << certificate_article(view, certificate);
  frame.main << further(view, answer);
  if (answer.certificates().empty())
    frame.main << "<section class=\"card notice-page\"><h1>" << Text(view.text("cert.title")) << "</h1><p>"
               << Text(view.text("cert.none")) << "</p></section>";
  else
    frame.main << "<p class=\"no-print muted small\">" << Text(view.text("cert.print")) << "</p>";
  return render(frame);
}

}  // namespace loomline::edge
