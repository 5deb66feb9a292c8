#include "story.hpp"

#include "loomline/intake/v1/events.pb.h"
#include "loomline/production/v1/production.pb.h"
#include "loomline/quality/v1/quality.pb.h"
#include "loomline/scheduling/v1/events.pb.h"
#include "loomline/wire/convert.hpp"

namespace loomline::bench {
namespace {

using namespace production::v1;  // NOLINT: the milestones and states, by name
using quality::v1::Inspection;

constexpr int operations = 10;
constexpr const char* record_measurements = "loomline.quality.v1.QualityService.RecordMeasurements";
const Time start = parse_rfc3339("2026-03-02T08:00:00Z").value();

bool measured(int operation) { return operation == 5 || operation == 8; }
Milestone milestone(int operation) {
  return operation < 8 ? MILESTONE_IN_PRODUCTION : operation == 8 ? MILESTONE_INSPECTED : MILESTONE_PACKED;
}
// As long as a minted id.
std::string id(const std::string& prefix, int number) {
  auto digits = std::to_string(number);
  return prefix + "_01kjq3vm5c" + std::string(16 - digits.size(), '0') + digits;
}

std::vector<Characteristic> characteristics() {
  std::vector<Characteristic> out;
  for (const char* name : {"vibration", "noise", "pressure"}) {
    auto& one = out.emplace_back();
    one.set_characteristic_id(std::string("chr_") + name);
    one.mutable_name()->set_en(name);
    one.mutable_name()->set_zh("振动测量");
    one.mutable_nominal()->set_value(120);
    one.mutable_nominal()->set_scale(1);
    one.mutable_nominal()->set_unit("BAR");
    one.set_lower_limit(100);
    one.set_upper_limit(140);
    one.add_rework_op_ids("op_3");
  }
  return out;
}

class Teller {
 public:
  Teller(const eventing::Service& quality, std::string order_id, int pieces)
      : order_(std::move(order_id)), pieces_(pieces), quality_(quality, "order", order_) {}

  Story tell() {
    placed();
    scheduled();
    for (int op = 1; op <= operations; ++op)
      for (int piece = 0; piece < pieces_; ++piece) operation(op, piece);
    for (int piece = 0; piece < pieces_; ++piece) completed(piece);
    shipped();
    return std::move(story_);
  }

 private:
  // Sets what all have; quality hears it and may answer.
  template <class Event>
  void say(const std::string& source, Event event, bool of_unit) {
    event.set_order_id(order_);
    *event.mutable_occurred_at() = wire::to_timestamp(now_);
    keep(source, std::make_shared<Event>(event), of_unit);
    if (!quality_.hears(event)) return;
    answer(quality_.hear(event, story_.facts.back().cause, of(of_unit)), of_unit);
  }
  void answer(const Kept::Said& said, bool of_unit) {
    for (const auto& event : said) {
      keep("quality", event, of_unit);
      if (const auto* asked = dynamic_cast<const quality::v1::InspectionRequested*>(event.get()))
        inspection_ = asked->inspection();
    }
  }
  void keep(const std::string& source, std::shared_ptr<const Message> event, bool of_unit) {
    now_ += std::chrono::seconds(20);
    eventing::Cause cause;
    cause.key = order_;
    cause.source = source;
    cause.id = source + "/1f/loomline." + source + ".order/3/" + std::to_string(++number_);
    cause.recorded = cause.now = now_;
    story_.facts.push_back({std::move(event), std::move(cause), of_unit});
  }
  Cost& of(bool of_unit) { return of_unit ? story_.quality_units : story_.quality_order; }

  intake::v1::OrderLine line() const {
    intake::v1::OrderLine line;
    line.set_line_id(line_);
    line.set_model_id("mdl_compressor");
    line.set_quantity(pieces_);
    auto& spec = *line.mutable_spec();
    spec.mutable_product_name()->set_en("Screw compressor 75 kW");
    spec.mutable_product_name()->set_zh("螺杆压缩机");
    for (int op = 1; op <= operations; ++op) {
      auto& operation = *spec.add_operations();
      operation.set_op_id("op_" + std::to_string(op));
      operation.mutable_name()->set_en("Operation number " + std::to_string(op));
      operation.mutable_name()->set_zh("工序");
      operation.set_milestone(milestone(op));
      if (measured(op)) operation.add_characteristic_ids("chr_vibration");
    }
    for (const char* feature : {"cooling_water", "drive_direct", "voltage_400"}) line.add_features(feature);
    return line;
  }

  void placed() {
    intake::v1::RequirementCaptured captured;
    captured.add_wishes()->set_quantity(pieces_);
    say("intake", captured, false);
    intake::v1::QuoteIssued quoted;
    *quoted.add_lines() = line();
    say("intake", quoted, false);
    intake::v1::OrderPlaced placed;
    *placed.add_lines() = line();
    placed.set_country("CN");
    placed.set_zone("Asia/Shanghai");
    say("intake", placed, false);
  }

  void scheduled() {
    scheduling::v1::LineScheduled scheduled;
    scheduled.set_line_id(line_);
    scheduled.set_plant_id("plt_1");
    scheduled.set_operations_total(static_cast<std::uint32_t>(pieces_ * operations));
    for (int piece = 0; piece < pieces_; ++piece) scheduled.add_unit_ids(id("unt", piece));
    say("scheduling", scheduled, false);
    scheduling::v1::PromiseMade made;
    made.mutable_promise()->set_line_id(line_);
    made.mutable_promise()->set_revision(1);
    *made.mutable_promise()->mutable_window()->mutable_latest() = wire::to_timestamp(start + std::chrono::hours(9999));
    say("scheduling", made, false);
    scheduling::v1::MaterialReady ready;
    ready.set_line_id(line_);
    say("scheduling", ready, false);
  }

  void operation(int op, int piece) {
    scheduling::v1::OperationProgressed event;
    event.set_line_id(line_);
    event.add_unit_ids(id("unt", piece));
    event.set_plant_id("plt_1");
    event.set_work_order_id(id("wo", piece));
    event.set_op_id("op_" + std::to_string(op));
    event.set_equipment_id("equ_press_1");
    event.set_milestone(milestone(op));
    event.set_operations_total(static_cast<std::uint32_t>(pieces_ * operations));
    event.set_attempt(1);
    event.set_operations_done(done_);
    event.set_state(OPERATION_STATE_RUNNING);
    say("scheduling", event, true);
    event.set_operations_done(++done_);
    event.set_state(OPERATION_STATE_ENDED);
    event.add_lot_ids(id("lot", op));
    if (measured(op))
      for (const auto& one : characteristics()) *event.add_characteristics() = one;
    say("scheduling", event, true);
    if (measured(op)) measure();
  }

  void measure() {
    quality::v1::RecordMeasurementsRequest request;
    request.set_order_id(order_);
    request.set_inspection_id(inspection_.inspection_id());
    for (const auto& characteristic : inspection_.characteristics()) {
      auto& one = *request.add_measurements();
      one.set_characteristic_id(characteristic.characteristic_id());
      one.set_sample(1);
      one.set_value(121);
    }
    eventing::Cause cause;
    cause.id = "cmd/" + std::to_string(++number_);
    cause.now = cause.recorded = now_;
    answer(quality_.execute(record_measurements, request, cause, story_.quality_units), true);
  }

  void completed(int piece) {
    scheduling::v1::UnitCompleted event;
    event.set_line_id(line_);
    event.set_unit_id(id("unt", piece));
    event.set_serial("SN-2026-" + std::to_string(piece));
    say("scheduling", event, true);
  }

  void shipped() {
    scheduling::v1::ShipmentPlanned planned;
    planned.set_shipment_id("shp_1");
    planned.set_carrier("carrier-a");
    for (int piece = 0; piece < pieces_; ++piece) planned.add_unit_ids(id("unt", piece));
    say("scheduling", planned, false);
    scheduling::v1::ShipmentDispatched dispatched;
    dispatched.set_shipment_id("shp_1");
    say("scheduling", dispatched, false);
    scheduling::v1::ShipmentDelivered delivered;
    delivered.set_shipment_id("shp_1");
    say("scheduling", delivered, false);
    say("intake", intake::v1::OrderFulfilled(), false);
  }

  const std::string order_;
  const std::string line_ = id("lin", 1);
  const int pieces_;
  Kept quality_;
  Story story_;
  Inspection inspection_;
  Time now_ = start;
  std::uint32_t done_ = 0;
  int number_ = 0;
};

}  // namespace

Story tell(const eventing::Service& quality, const std::string& order_id, int pieces) {
  return Teller(quality, order_id, pieces).tell();
}

}  // namespace loomline::bench
