// Orders as they are stored: those of before there were parts, those read again from their rows, and large ones.
#include "domain/stored.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "domain/certificate.hpp"
#include "loomline/eventing/testing.hpp"
#include "loomline/intake/v1/events.pb.h"
#include "loomline/production/v1/production.pb.h"
#include "loomline/quality/service.hpp"
#include "loomline/scheduling/v1/events.pb.h"

namespace loomline::quality {
namespace {

using domain::State;

constexpr Time start{std::chrono::seconds(1'772'438'400)};
constexpr const char* measure_method = "loomline.quality.v1.QualityService.RecordMeasurements";
constexpr const char* dispose_method = "loomline.quality.v1.QualityService.DecideDisposition";

scheduling::v1::OperationProgressed ended(const std::string& unit, std::uint32_t attempt) {
  scheduling::v1::OperationProgressed event;
  event.set_order_id("ord_1");
  event.set_line_id("lin_1");
  event.add_unit_ids(unit);
  event.set_plant_id("plt_1");
  event.set_op_id("op_test");
  event.set_state(5);
  event.set_attempt(attempt);
  event.add_lot_ids("lot_a");
  auto& characteristic = *event.add_characteristics();
  characteristic.set_characteristic_id("chr_x");
  characteristic.set_upper_limit(10);
  characteristic.add_rework_op_ids("op_fix");
  return event;
}

v1::RecordMeasurementsRequest measured(const std::string& inspection_id, std::int64_t value) {
  v1::RecordMeasurementsRequest request;
  request.set_order_id("ord_1");
  request.set_inspection_id(inspection_id);
  auto& one = *request.add_measurements();
  one.set_characteristic_id("chr_x");
  one.set_sample(1);
  one.set_value(value);
  return request;
}

scheduling::v1::UnitCompleted completed(const std::string& unit) {
  scheduling::v1::UnitCompleted event;
  event.set_order_id("ord_1");
  event.set_line_id("lin_1");
  event.set_unit_id(unit);
  event.set_serial("SN-" + unit);
  return event;
}

// A line of three, as the version before there were parts stored it: unt_c (scheduled first) passed and is complete,
// unt_b failed and is reworked, unt_a is to be measured; both are held.
class OldOrder : public testing::Test {
 protected:
  void SetUp() override {
    std::ifstream file(LOOMLINE_SOURCE_DIR "/services/quality/tests/order_before_parts.pb", std::ios::binary);
    ASSERT_TRUE(state.ParseFromIstream(&file));
    ASSERT_EQ(state.old_inspections_size(), 3);
    ASSERT_EQ(state.old_holds_size(), 2);
    ASSERT_EQ(state.lines(0).old_units_size(), 3);
  }
  eventing::Snapshot snapshot() const { return {std::make_shared<State>(state), parts, nullptr, 1}; }
  std::map<std::string, v1::InspectionState> states() const {
    std::map<std::string, v1::InspectionState> out;
    domain::each_inspection(snapshot(), [&](const v1::Inspection& one) { out[one.unit_id()] = one.state(); });
    return out;
  }
  std::string id_of(const std::string& unit, v1::InspectionState wanted) const {
    std::string id;
    domain::each_inspection(snapshot(), [&](const v1::Inspection& one) {
      if (one.unit_id() == unit && one.state() == wanted) id = one.inspection_id();
    });
    return id;
  }
  // Each step is one of another process, which reads everything anew.
  template <class Call>
  auto step(Call call) {
    eventing::Cause cause;
    cause.key = "ord_1";
    cause.id = "test/" + std::to_string(++steps);
    cause.now = start;
    eventing::Step one(cause, true, &parts);
    auto done = call(one);
    said.clear();
    for (const auto& event : one.published()) said.push_back(event->GetDescriptor()->name());
    for (const auto& change : one.indexes()) found_under = change.values;
    parts.take_touched();
    state.ParseFromString(state.SerializeAsString());
    return done;
  }
  template <class Event>
  eventing::Verdict hear(const Event& event) {
    return step(
        [&](eventing::Step& one) { return def->events.at(Event::descriptor()->full_name()).apply(state, event, one); });
  }
  template <class Request, class Response>
  Status execute(const char* method, const Request& request, Response& response) {
    return step([&](eventing::Step& one) { return def->commands.at(method).apply(state, request, response, one); });
  }

  eventing::Service service = make_service();
  const eventing::AggregateDef* def = service.aggregates().at("order").get();
  State state;
  eventing::PartStore parts{&def->collections};
  std::vector<std::string> said, found_under;
  int steps = 0;
};

TEST_F(OldOrder, is_read_as_it_is) {
  const auto all = states();
  EXPECT_EQ(all.at("unt_a"), v1::INSPECTION_STATE_PENDING);
  EXPECT_EQ(all.at("unt_b"), v1::INSPECTION_STATE_FAILED);
  EXPECT_EQ(all.at("unt_c"), v1::INSPECTION_STATE_PASSED);
  EXPECT_TRUE(domain::certificates(snapshot(), {}, 50)->certificates().empty());
}

TEST_F(OldOrder, becomes_parts_with_the_next_step_and_loses_nothing) {
  const auto before = states();
  v1::DecideDispositionRequest again;
  domain::each_inspection(snapshot(), [&](const v1::Inspection& one) {
    if (!one.nonconformity_id().empty()) again.set_nonconformity_id(one.nonconformity_id());
  });
  again.set_order_id("ord_1");
  again.set_disposition(v1::DISPOSITION_REWORK);
  v1::DecideDispositionResponse response;
  ASSERT_TRUE(execute(dispose_method, again, response).ok());
  EXPECT_EQ(response.inspection().unit_id(), "unt_b");
  EXPECT_EQ(state.old_inspections_size() + state.old_holds_size() + state.lines(0).old_units_size(), 0);
  EXPECT_EQ(states(), before);
  EXPECT_EQ(eventing::PartsView<state::v1::Unit>(parts).size(), 3U);
  EXPECT_EQ(state.lines(0).completed(), 1);
  EXPECT_EQ(state.lines(0).holds(), 2);
}

TEST_F(OldOrder, goes_on_to_its_certificate) {
  v1::RecordMeasurementsResponse response;
  ASSERT_TRUE(execute(measure_method, measured(id_of("unt_a", v1::INSPECTION_STATE_PENDING), 9), response).ok());
  EXPECT_EQ(said, (std::vector<std::string>{"InspectionPassed", "HoldReleased"}));
  EXPECT_EQ(found_under, (std::vector<std::string>{"plt_1/INSPECTION_STATE_PASSED", "plt_1/INSPECTION_STATE_FAILED"}));
  EXPECT_EQ(hear(ended("unt_b", 1)).kind(), eventing::Verdict::Kind::ignored) << "that attempt was inspected before";
  EXPECT_EQ(hear(ended("unt_b", 2)).kind(), eventing::Verdict::Kind::applied);
  EXPECT_EQ(said, (std::vector<std::string>{"InspectionRequested"})) << "the hold of the first attempt is in force";
  ASSERT_TRUE(execute(measure_method, measured(id_of("unt_b", v1::INSPECTION_STATE_PENDING), 9), response).ok());
  (void)hear(completed("unt_a"));
  (void)hear(completed("unt_b"));
  EXPECT_EQ(said, (std::vector<std::string>{"CertificateIssued"}));
  const auto page = *domain::certificates(snapshot(), {}, 50);
  const auto& issued = page.certificates();
  ASSERT_EQ(issued.size(), 1U);
  ASSERT_EQ(issued[0].units_size(), 3);
  EXPECT_EQ(issued[0].units(0).serial(), "SN-c") << "in the order in which they were scheduled";
  EXPECT_EQ(issued[0].units(2).unit_id(), "unt_b");
  EXPECT_EQ(issued[0].units(2).reworks(), 1U);
  EXPECT_EQ(issued[0].units(2).inspections(0).attempt(), 2U);
}

// Everything that an order of so many units says until all is measured, complete and certified.
std::vector<std::string> life(int units, bool restarts, std::size_t& largest_state) {
  eventing::testing::Harness harness(make_service(), start);
  std::vector<std::string> said;
  const auto after = [&] {
    State state;
    EXPECT_TRUE(harness.get("main", "order", "ord_1", state).ok());
    largest_state = std::max(largest_state, state.ByteSizeLong());
    if (restarts) harness.restart();
  };
  const auto hear = [&](const auto& event) {
    EXPECT_EQ(harness.deliver(event, "test").kind(), eventing::Verdict::Kind::applied);
    after();
  };
  intake::v1::OrderPlaced placed;
  placed.set_order_id("ord_1");
  placed.add_lines()->set_line_id("lin_1");
  placed.mutable_lines(0)->set_quantity(units);
  hear(placed);
  scheduling::v1::LineScheduled scheduled;
  scheduled.set_order_id("ord_1");
  scheduled.set_line_id("lin_1");
  const auto name = [](int i) { return "unt_" + std::to_string(i); };
  for (int i = 0; i < units; ++i) scheduled.add_unit_ids(name(i));
  hear(scheduled);
  for (int i = 0; i < units; ++i) hear(ended(name(i), 1));
  for (int i = 0; i < units; ++i) {
    std::string id;
    domain::each_inspection(*harness.snapshot("main", "order", "ord_1").value(), [&](const v1::Inspection& one) {
      if (one.unit_id() == name(i)) id = one.inspection_id();
    });
    EXPECT_TRUE(harness.execute<v1::RecordMeasurementsResponse>(measure_method, measured(id, 9), {}).ok());
    after();
  }
  for (int i = 0; i < units; ++i) hear(completed(name(i)));
  for (const auto& event : harness.take())
    said.push_back(event->GetDescriptor()->name() + " " + event->SerializeAsString());
  return said;
}

TEST(Stored, a_restart_at_any_point_changes_nothing_that_is_said) {
  std::size_t largest = 0;
  EXPECT_EQ(life(5, false, largest), life(5, true, largest));
}

TEST(Stored, the_state_does_not_grow_with_the_units) {
  std::size_t of_two = 0, of_many = 0;
  const auto few = life(2, false, of_two);
  const auto many = life(300, false, of_many);
  EXPECT_EQ(many.size() - 1, (few.size() - 1) * 150) << "all but the certificate is said of each unit";
  EXPECT_LT(of_many, of_two + 20);
}

}  // namespace
}  // namespace loomline::quality
