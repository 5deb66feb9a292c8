// Serves the pages with made-up journeys, for looking at them: loomline_edge_preview [port]. Links: /t/link-made (in
// production, moved, reworked), /t/link-done, /t/link-no, /t/link-wish; operations with the token lmt_staff.
#include <unistd.h>

#include <iostream>

#include "fake_services.hpp"
#include "loomline/base/time.hpp"
#include "loomline/edge/edge.hpp"
#include "loomline/wire/convert.hpp"
#include "loomline/wire/milestones.hpp"

namespace loomline::edge {
namespace {

using namespace tracking::v1;  // NOLINT: the journey's messages, by name
using production::v1::Milestone;

google::protobuf::Timestamp at(const std::string& text) { return wire::to_timestamp(parse_rfc3339(text).value()); }
google::protobuf::Timestamp hour(int day, int h) {
  const auto two = [](int n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return at("2026-11-" + two(day) + "T" + two(h) + ":12:00Z");
}

JourneyEntry& entry(Journey& journey, const std::string& code, google::protobuf::Timestamp when) {
  auto& out = *journey.add_entries();
  out.set_code(code);
  *out.mutable_occurred_at() = std::move(when);
  out.set_line_id("lin_1");
  return out;
}

void step(Journey& journey, const char* en, const char* zh, int day, int h) {
  for (const char* code : {"operation_started", "operation_ended"}) {
    auto& out = entry(journey, code, hour(day, h++));
    out.mutable_detail()->set_en(en);
    out.mutable_detail()->set_zh(zh);
  }
}

scheduling::v1::Promise promise(std::uint32_t revision, const char* from, const char* to) {
  scheduling::v1::Promise out;
  out.set_revision(revision);
  out.set_probability_permille(900);
  out.set_zone("Europe/Berlin");
  out.set_milestone(Milestone::MILESTONE_DELIVERED);
  *out.mutable_window()->mutable_earliest() = at(from);
  *out.mutable_window()->mutable_latest() = at(to);
  return out;
}

Journey base(const std::string& id) {
  Journey journey;
  journey.set_order_id(id);
  journey.set_revision(17);
  journey.set_status(JOURNEY_STATUS_ACTIVE);
  journey.set_zone("Europe/Berlin");
  journey.set_quantity(3);
  *journey.mutable_placed_at() = hour(9, 9);
  *journey.mutable_updated_at() = hour(21, 15);
  auto& line = *journey.add_lines();
  line.set_line_id("lin_1");
  line.set_plant_id("plt_suzhou-1");
  line.set_quantity(3);
  line.mutable_product_name()->set_en("Screw compressor LC-37");
  line.mutable_product_name()->set_zh("LC-37 螺杆压缩机");
  for (const char* feature : {"Power_37kW", "Pressure_10bar", "Drive_VariableSpeed", "Cooling_Air",
                              "Enclosure_Silenced", "Controller_Touch", "Certification_CE", "Dryer_Integrated"})
    line.add_features(feature);
  *line.mutable_first_promise() = promise(1, "2026-11-27T23:00:00Z", "2026-11-30T23:00:00Z");
  *line.mutable_promise() = promise(1, "2026-11-27T23:00:00Z", "2026-11-30T23:00:00Z");
  entry(journey, "requirement_captured", hour(8, 13));
  entry(journey, "quote_issued", hour(8, 14));
  entry(journey, "order_placed", hour(9, 9));
  entry(journey, "line_scheduled", hour(9, 9));
  entry(journey, "promise_made", hour(9, 9));
  entry(journey, "material_ready", hour(12, 7));
  return journey;
}

void milestones(Journey& journey, int reached, std::int64_t partly) {
  const int days[] = {0, 8, 9, 9, 12, 16, 20, 21, 23, 27};
  // The first nine are on every product's way.
  for (int m = 1; m <= 9; ++m) {
    auto& progress = *journey.add_milestones();
    progress.set_milestone(wire::milestones().all()[static_cast<std::size_t>(m - 1)]);
    progress.set_quantity(m <= reached ? 3 : m == reached + 1 ? partly : 0);
    if (m <= reached) *progress.mutable_reached_at() = hour(days[m], 10);
  }
  journey.set_milestone(wire::milestones().all()[static_cast<std::size_t>(reached - 1)]);
}

void units(JourneyLine& line, std::initializer_list<Milestone> milestones) {
  int n = 0;
  for (const auto milestone : milestones) {
    auto& unit = *line.add_units();
    unit.set_unit_id("unt_" + std::to_string(++n));
    unit.set_milestone(milestone);
    if (wire::milestones().reached(milestone, Milestone::MILESTONE_INSPECTED))
      unit.set_serial("LC37-26-0041" + std::to_string(n));
  }
}

Journey being_made() {
  Journey journey = base("ord_01KAMADE00N9QJ4V8Z0K3C5T7R");
  milestones(journey, 5, 1);
  journey.set_operations_done(13);
  journey.set_operations_total(24);
  auto& line = *journey.mutable_lines(0);
  *line.mutable_promise() = promise(2, "2026-11-30T23:00:00Z", "2026-12-02T23:00:00Z");
  units(line, {Milestone::MILESTONE_INSPECTED, Milestone::MILESTONE_IN_PRODUCTION, Milestone::MILESTONE_IN_PRODUCTION});
  line.mutable_units(1)->set_held(true);
  line.mutable_units(2)->set_scrapped(true);
  units(line, {Milestone::MILESTONE_SCHEDULED});
  journey.add_hold_ids("hld_1");
  step(journey, "Machining of the housing", "壳体加工", 16, 7);
  step(journey, "Assembly of the air end", "主机装配", 17, 8);
  step(journey, "Final assembly", "总装", 18, 7);
  auto& failed = entry(journey, "inspection_failed", hour(19, 11));
  failed.mutable_detail()->set_en("Vibration at full load");
  failed.mutable_detail()->set_zh("满载振动");
  auto& rework = entry(journey, "rework_scheduled", hour(19, 12));
  rework.set_reason(CUSTOMER_REASON_QUALITY_REWORK);
  rework.set_setback(true);
  auto& replaced = entry(journey, "unit_replaced", hour(20, 8));
  replaced.set_reason(CUSTOMER_REASON_REPLACEMENT);
  replaced.set_setback(true);
  auto& moved = entry(journey, "promise_revised", hour(20, 8));
  moved.set_reason(CUSTOMER_REASON_REPLACEMENT);
  moved.set_setback(true);
  auto& passed = entry(journey, "inspection_passed", hour(21, 15));
  passed.mutable_detail()->set_en("Final test");
  passed.mutable_detail()->set_zh("出厂试验");
  auto& ticket = *journey.add_tickets();
  ticket.set_state("IN_PROGRESS");
  *ticket.mutable_opened_at() = hour(20, 16);
  journey.add_anomalies("OperationProgressed evt_77: operation ended twice");
  return journey;
}

Journey done() {
  Journey journey = base("ord_01KADONE00N9QJ4V8Z0K3C5T8S");
  milestones(journey, 9, 0);
  journey.set_status(JOURNEY_STATUS_DELIVERED);
  *journey.mutable_delivered_at() = hour(28, 10);
  journey.set_operations_done(24);
  journey.set_operations_total(24);
  units(*journey.mutable_lines(0),
        {Milestone::MILESTONE_DELIVERED, Milestone::MILESTONE_DELIVERED, Milestone::MILESTONE_DELIVERED});
  journey.set_certificate_available(true);
  journey.set_survey_open(true);
  journey.set_carrier("DHL Freight");
  journey.mutable_waybill()->set_id("JJD0099123456");
  step(journey, "Final assembly", "总装", 18, 7);
  entry(journey, "certificate_issued", hour(21, 9));
  entry(journey, "shipment_dispatched", hour(23, 9));
  entry(journey, "shipment_delivered", hour(28, 10));
  entry(journey, "survey_requested", hour(29, 10));
  return journey;
}

Journey refused() {
  Journey journey = base("ord_01KAREFUSED9QJ4V8Z0K3C5T9T");
  journey.clear_lines();
  journey.clear_placed_at();
  journey.set_quantity(1);
  journey.set_status(JOURNEY_STATUS_REFUSED);
  journey.mutable_entries()->DeleteSubrange(1, journey.entries_size() - 1);
  entry(journey, "quote_refused", hour(8, 14)).set_reason(CUSTOMER_REASON_NOT_BUILDABLE);
  journey.mutable_refusal()->set_en("Water cooling needs at least 55 kW, and you chose 37 kW.");
  journey.mutable_refusal()->set_zh("水冷要求功率至少 55 kW，而您选择了 37 kW。");
  return journey;
}

quality::v1::GetCertificateResponse certificate(const std::string& order_id) {
  quality::v1::GetCertificateResponse answer;
  auto& out = *answer.add_certificates();
  out.set_certificate_id("crt_01KADONE00N9QJ4V8Z0K3C5T8S");
  out.set_order_id(order_id);
  out.mutable_product_name()->set_en("Screw compressor LC-37");
  out.mutable_product_name()->set_zh("LC-37 螺杆压缩机");
  *out.mutable_issued_at() = hour(21, 9);
  struct Row {
    const char *id, *en, *zh, *unit;
    std::int64_t nominal, low, high, value;
    std::uint32_t scale;
  };
  const Row rows[] = {{"chr_v", "Vibration at full load", "满载振动", "C16", 28, -1, 45, 31, 1},
                      {"chr_p", "Working pressure", "工作压力", "BAR", 100, 98, 102, 100, 1},
                      {"chr_n", "Noise at 1 m", "1 米处噪声", "2N", 68, -1, 70, 67, 0},
                      {"chr_f", "Free air delivery", "容积流量", "MQH", 372, 360, 390, 374, 0}};
  for (int u = 1; u <= 2; ++u) {
    auto& unit = *out.add_units();
    unit.set_serial("LC37-26-0041" + std::to_string(u));
    unit.set_reworks(u == 2 ? 1 : 0);
    unit.add_lot_ids("lot_castings-118");
    unit.add_lot_ids("lot_bearings-2204");
    auto& inspection = *unit.add_inspections();
    for (const auto& row : rows) {
      auto& c = *inspection.add_characteristics();
      c.set_characteristic_id(row.id);
      c.mutable_name()->set_en(row.en);
      c.mutable_name()->set_zh(row.zh);
      c.mutable_nominal()->set_value(row.nominal);
      c.mutable_nominal()->set_scale(row.scale);
      c.mutable_nominal()->set_unit(row.unit);
      if (row.low >= 0) c.set_lower_limit(row.low);
      c.set_upper_limit(row.high);
      auto& m = *inspection.add_measurements();
      m.set_characteristic_id(row.id);
      m.set_value(row.value + u - 1);
      m.set_within_tolerance(true);
    }
  }
  return answer;
}

int run(unsigned short port) {
  FakeServices services;
  const auto add = [&](const std::string& link, Journey journey) {
    services.put(journey);
    journey.set_order_id("ord_" + link);  // what link-LINK resolves to
    services.put(journey);
  };
  add("made", being_made());
  add("done", done());
  add("no", refused());
  Journey wish = base("ord_01KAWISH000N9QJ4V8Z0K3C5TAA");
  wish.set_status(JOURNEY_STATUS_WISH);
  wish.clear_lines();
  wish.clear_placed_at();
  wish.mutable_entries()->DeleteSubrange(1, wish.entries_size() - 1);
  milestones(wish, 1, 0);
  add("wish", wish);
  services.certificates["ord_done"] = certificate("ord_01KADONE00N9QJ4V8Z0K3C5T8S");
  common::v1::DeadLetter letter;
  letter.set_service("quality");
  letter.set_dead_letter_id("dlq_1");
  letter.set_event_type("loomline.scheduling.v1.OperationProgressed");
  letter.set_key("ord_01KAMADE00N9QJ4V8Z0K3C5T7R");
  letter.set_reason("The value is not a message of its type.");
  letter.set_queued_behind(2);
  services.letters.push_back(letter);
  services.start();
  Options options;
  options.http.port = port;
  Edge edge(options, services.peers());
  if (const auto status = edge.start(); !status.ok()) return std::cerr << status.to_string() << "\n", 1;
  std::cout << edge.url() << std::endl;
  std::uint64_t revision = 17;
  for (;;) {
    sleep(5);
    Journey made = services.journey("ord_made");
    made.set_revision(++revision);
    made.set_operations_done(std::min(made.operations_done() + 1, made.operations_total()));
    services.put(made);
    services.progress("ord_made", revision);
  }
}

}  // namespace
}  // namespace loomline::edge

int main(int argc, char** argv) {
  return loomline::edge::run(static_cast<unsigned short>(argc > 1 ? std::stoi(argv[1]) : 18080));
}
