#include "history.hpp"

#include <random>

#include "loomline/aftersales/v1/aftersales.pb.h"
#include "loomline/common/v1/topics.pb.h"
#include "loomline/eventing/runtime.hpp"
#include "loomline/intake/v1/events.pb.h"
#include "loomline/production/v1/production.pb.h"
#include "loomline/quality/v1/quality.pb.h"
#include "loomline/scheduling/v1/events.pb.h"
#include "loomline/tracking/service.hpp"

namespace loomline::tracking::test {
namespace {

using namespace production::v1;  // NOLINT: the milestones and states, by name

const common::v1::Topic& topic_of(const Message& event) {
  for (const auto& topic : eventing::topic_catalog().topic())
    for (const auto& name : topic.event())
      if (name == event.GetDescriptor()->full_name()) return topic;
  throw std::logic_error("no topic");
}

}  // namespace

void History::add(std::shared_ptr<Message> event) {
  const auto& topic = topic_of(*event);
  recorded_ += Duration(3);
  // The numbers of a chain have gaps here: other orders use them, too.
  const auto id = topic.owner() + "/1f/" + topic.name() + "/3/" + std::to_string(7 + 2 * facts_.size());
  facts_.push_back({std::move(event), recorded_, topic.owner(), id, topic.name()});
}

void History::captured() {
  intake::v1::RequirementCaptured event;
  event.add_wishes()->set_quantity(2);
  auto& party = *event.add_parties();
  party.set_role(common::v1::PARTY_ROLE_SHIP_TO);
  party.set_country("CN");
  party.set_zone("Asia/Shanghai");
  say(event);
}

void History::placed(int lines, std::int64_t quantity) {
  intake::v1::OrderPlaced event;
  for (int i = 0; i < lines; ++i) {
    auto& line = *event.add_lines();
    line.set_line_id(line_id(i));
    line.set_quantity(quantity);
    line.mutable_spec()->mutable_product_name()->set_en("Compressor");
    line.mutable_spec()->mutable_product_name()->set_zh("压缩机");
    const std::tuple<const char*, const char*, Milestone> steps[] = {{"make", "制造", MILESTONE_IN_PRODUCTION},
                                                                     {"test", "测试", MILESTONE_INSPECTED},
                                                                     {"pack", "包装", MILESTONE_PACKED}};
    for (const auto& [op, zh, milestone] : steps) {
      auto& operation = *line.mutable_spec()->add_operations();
      operation.set_op_id(std::string("op_") + op);
      operation.mutable_name()->set_en(op);
      operation.mutable_name()->set_zh(zh);
      operation.set_milestone(milestone);
      if (milestone == MILESTONE_INSPECTED) operation.add_characteristic_ids("chr_x");
    }
  }
  event.set_country("CN");
  event.set_zone("Asia/Shanghai");
  say(event);
}

void History::scheduled(int line, std::vector<std::string> units) {
  scheduling::v1::LineScheduled event;
  event.set_line_id(line_id(line));
  event.set_plant_id("plt_1");
  event.set_operations_total(static_cast<std::uint32_t>(3 * units.size()));
  for (auto& unit : units) event.add_unit_ids(std::move(unit));
  say(event);
}

void History::promise(int line, std::uint32_t revision, Duration from_start, bool revised) {
  scheduling::v1::Promise promise;
  promise.set_line_id(line_id(line));
  promise.set_revision(revision);
  *promise.mutable_window()->mutable_earliest() = wire::to_timestamp(start + from_start - std::chrono::hours(24));
  *promise.mutable_window()->mutable_latest() = wire::to_timestamp(start + from_start);
  promise.set_milestone(MILESTONE_DELIVERED);
  if (!revised) {
    scheduling::v1::PromiseMade event;
    *event.mutable_promise() = promise;
    return say(event);
  }
  scheduling::v1::PromiseRevised event;
  *event.mutable_promise() = promise;
  event.mutable_promise()->set_reason(scheduling::v1::PROMISE_REASON_REWORK);
  say(event);
}

void History::material(int line) {
  scheduling::v1::MaterialReady event;
  event.set_line_id(line_id(line));
  say(event);
}

void History::operation(int line, const std::string& unit, const std::string& op, std::uint32_t state) {
  scheduling::v1::OperationProgressed event;
  event.set_line_id(line_id(line));
  event.add_unit_ids(unit);
  event.set_op_id("op_" + op);
  event.set_state(state);
  event.set_operations_done(static_cast<std::uint32_t>(facts_.size()));
  event.set_operations_total(99);
  say(event);
}

void History::inspected(int line, const std::string& unit, bool passed) {
  quality::v1::Inspection inspection;
  inspection.set_line_id(line_id(line));
  inspection.set_unit_id(unit);
  inspection.set_op_id("op_test");
  if (passed) {
    quality::v1::InspectionPassed event;
    *event.mutable_inspection() = inspection;
    return say(event);
  }
  quality::v1::InspectionFailed event;
  *event.mutable_inspection() = inspection;
  say(event);
}

void History::hold(const std::string& unit, bool placed) {
  const auto fill = [&](auto event) {
    event.set_hold_id("hld_" + unit);
    event.set_unit_id(unit);
    event.set_kind(quality::v1::HOLD_KIND_QUALITY);
    say(event);
  };
  if (placed)
    fill(quality::v1::HoldPlaced());
  else
    fill(quality::v1::HoldReleased());
}

void History::rework(int line, const std::string& unit) {
  scheduling::v1::ReworkScheduled event;
  event.set_line_id(line_id(line));
  event.set_unit_id(unit);
  event.add_op_ids("op_make");
  say(event);
}

void History::replaced(int line, const std::string& scrapped, const std::string& unit) {
  scheduling::v1::UnitReplaced event;
  event.set_line_id(line_id(line));
  event.set_scrapped_unit_id(scrapped);
  event.set_unit_id(unit);
  say(event);
}

void History::completed(int line, const std::string& unit) {
  scheduling::v1::UnitCompleted event;
  event.set_line_id(line_id(line));
  event.set_unit_id(unit);
  event.set_serial("SN-" + unit);
  say(event);
}

void History::shipment(std::vector<std::string> units) {
  scheduling::v1::ShipmentPlanned event;
  event.set_shipment_id("shp_1");
  event.set_carrier("carrier-a");
  for (auto& unit : units) event.add_unit_ids(std::move(unit));
  say(event);
}
void History::dispatched() {
  scheduling::v1::ShipmentDispatched event;
  event.set_shipment_id("shp_1");
  event.mutable_waybill()->set_id("W1");
  say(event);
}
void History::delivered(std::vector<std::string> units) {
  scheduling::v1::ShipmentDelivered event;
  event.set_shipment_id("shp_1");
  for (auto& unit : units) event.add_unit_ids(std::move(unit));
  say(event);
}
void History::certificate(int line) {
  quality::v1::CertificateIssued event;
  event.set_certificate_id("crt_1");
  event.set_line_id(line_id(line));
  say(event);
}
void History::survey(bool answered) {
  aftersales::v1::SurveyRequested asked;
  asked.set_survey_id("srv_1");
  say(asked);
  if (answered) return say(aftersales::v1::SurveyAnswered());
  say(aftersales::v1::SurveyExpired());
}

namespace {

using Random = std::mt19937;

bool chance(Random& random, int percent) { return static_cast<int>(random() % 100) < percent; }

// Makes one unit up to its completion; gives the unit that was completed in the end.
std::string make_unit(History& history, Random& random, int line, std::string unit) {
  for (int attempt = 1;; ++attempt) {
    for (const char* op : {"make", "test"}) {
      history.operation(line, unit, op, OPERATION_STATE_RUNNING);
      if (chance(random, 20)) history.operation(line, unit, op, OPERATION_STATE_INTERRUPTED);
      history.operation(line, unit, op, OPERATION_STATE_ENDED);
      history.wait(std::chrono::minutes(random() % 600));
    }
    if (attempt == 1) history.hold(unit, true);
    if (chance(random, 60) || attempt == 3) break;
    history.inspected(line, unit, false);
    if (chance(random, 25)) {
      history.hold(unit, false);
      history.replaced(line, unit, unit + "x");
      unit += "x";
      attempt = 0;
      continue;
    }
    history.rework(line, unit);
    history.promise(line, static_cast<std::uint32_t>(history.facts().size()), std::chrono::hours(24 * (random() % 30)),
                    true);
  }
  history.inspected(line, unit, true);
  history.hold(unit, false);
  history.operation(line, unit, "pack", OPERATION_STATE_RUNNING);
  history.operation(line, unit, "pack", OPERATION_STATE_ENDED);
  history.completed(line, unit);
  return unit;
}

}  // namespace

History random_life(std::uint32_t seed) {
  Random random(seed);
  History history;
  history.captured();
  const int lines = 1 + static_cast<int>(random() % 2);
  const int quantity = 1 + static_cast<int>(random() % 3);
  history.placed(lines, quantity);
  std::vector<std::string> done;
  for (int line = 0; line < lines; ++line) {
    std::vector<std::string> units;
    for (int i = 0; i < quantity; ++i) units.push_back("unt_" + std::to_string(line) + std::to_string(i));
    history.scheduled(line, units);
    history.promise(line, 1, std::chrono::hours(24 * 10));
    history.material(line);
    for (const auto& unit : units) done.push_back(make_unit(history, random, line, unit));
    history.certificate(line);
  }
  history.shipment(done);
  history.dispatched();
  history.wait(std::chrono::hours(24 * (random() % 20)));
  history.delivered(done);
  history.say(intake::v1::OrderFulfilled());
  history.survey(chance(random, 50));
  return history;
}

Journal::Journal(std::string order_id)
    : order_id_(std::move(order_id)), service_(make_service()), def_(service_.aggregates().at("journey").get()) {
  parts = eventing::PartStore(&def_->collections);
  derived = def_->derive(state, parts);
}

void Journal::keep(const eventing::Step& step) {
  for (const auto& event : step.published()) published.push_back(static_cast<const v1::OrderProgressed&>(*event));
  parts.take_touched();
}

eventing::Verdict Journal::hear(const Said& said) {
  eventing::Cause cause;
  cause.key = order_id_;
  cause.id = said.id;
  cause.source = said.source;
  cause.recorded = said.recorded;
  cause.now = said.recorded;
  eventing::Step step(cause, state.revision() > 0, &parts, derived.get());
  auto verdict = def_->events.at(said.event->GetDescriptor()->full_name()).apply(state, *said.event, step);
  keep(step);
  return verdict;
}

Result<state::v1::RebuildResponse> Journal::rebuild() {
  eventing::Step step({}, true, &parts, derived.get());
  auto done = domain::rebuild(state, {}, step);
  keep(step);
  return done;
}

void Journal::restart() {
  eventing::PartStore fresh(&def_->collections);
  for (std::size_t c = 0; c < def_->collections.size(); ++c)
    for (const auto entry : parts.map(c)) {
      auto* part = entry.value->New();
      part->ParseFromString(entry.value->SerializeAsString());
      fresh.put(c, entry.key, eventing::PartStore::Body(part));
    }
  parts = std::move(fresh);
  state.ParseFromString(state.SerializeAsString());
  derived = def_->derive(state, parts);
}

std::shared_ptr<const eventing::Snapshot> Journal::snapshot() const {
  return std::make_shared<const eventing::Snapshot>(std::make_shared<domain::State>(state), parts, derived->copy(),
                                                    static_cast<std::int64_t>(published.size()));
}

std::string Journal::stored() const {
  auto comparable = state;
  comparable.clear_revision();
  comparable.clear_milestones_of();
  comparable.clear_promises_of();
  auto text = comparable.ShortDebugString();
  eventing::PartsView<state::v1::Fact>(parts).each([&](const std::string& name, const state::v1::Fact& fact) {
    text += "\n" + name + ": " + fact.ShortDebugString();
  });
  return text;
}

}  // namespace loomline::tracking::test
