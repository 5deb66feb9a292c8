// What an order's facts come to, told as a customer would see it.
#include <gtest/gtest.h>

#include "history.hpp"
#include "loomline/aftersales/v1/aftersales.pb.h"
#include "loomline/intake/v1/events.pb.h"
#include "loomline/production/v1/production.pb.h"
#include "loomline/scheduling/v1/events.pb.h"

namespace loomline::tracking::test {
namespace {

using namespace production::v1;  // NOLINT: the milestones and states, by name

class Fold : public testing::Test {
 protected:
  // Up to a line of two units on the floor.
  void begin() {
    history.captured();
    history.placed(1, 2);
    history.scheduled(0, {"unt_1", "unt_2"});
    history.promise(0, 1, std::chrono::hours(240));
    history.material(0);
  }
  void make(const std::string& unit) {
    history.operation(0, unit, "make", OPERATION_STATE_RUNNING);
    history.operation(0, unit, "make", OPERATION_STATE_ENDED);
    history.operation(0, unit, "test", OPERATION_STATE_RUNNING);
    history.operation(0, unit, "test", OPERATION_STATE_ENDED);
  }
  v1::Journey now() {
    Journal journal;
    journal.hear(history.facts());
    last = journal.published.empty() ? v1::OrderProgressed() : journal.published.back();
    return journal.journey();
  }
  std::int64_t at(const v1::Journey& journey, Milestone milestone) {
    for (const auto& one : journey.milestones())
      if (one.milestone() == milestone) return one.quantity();
    return -1;
  }
  History history;
  v1::OrderProgressed last;
};

TEST_F(Fold, a_wish_is_received) {
  history.captured();
  const auto journey = now();
  EXPECT_EQ(journey.status(), v1::JOURNEY_STATUS_WISH);
  EXPECT_EQ(journey.milestone(), MILESTONE_RECEIVED);
  EXPECT_EQ(journey.quantity(), 2);
  EXPECT_EQ(journey.zone(), "Asia/Shanghai");
}

TEST_F(Fold, a_refusal_says_why_and_can_be_mended) {
  history.captured();
  intake::v1::QuoteRefused refused;
  refused.set_answer(configuration::v1::ANSWER_NOT_BUILDABLE);
  refused.mutable_conflict()->mutable_explanation()->set_en("A and B exclude each other.");
  history.say(refused);
  auto journey = now();
  EXPECT_EQ(journey.status(), v1::JOURNEY_STATUS_REFUSED);
  EXPECT_EQ(journey.refusal().en(), "A and B exclude each other.");
  EXPECT_EQ(last.reason(), v1::CUSTOMER_REASON_NOT_BUILDABLE);
  history.say(intake::v1::QuoteIssued());
  journey = now();
  EXPECT_EQ(journey.status(), v1::JOURNEY_STATUS_WISH);
  EXPECT_FALSE(journey.has_refusal());
}

TEST_F(Fold, an_unknown_feature_is_named_in_both_languages) {
  history.captured();
  intake::v1::QuoteRefused refused;
  refused.set_answer(configuration::v1::ANSWER_NEEDS_ENGINEERING);
  refused.add_unknown_features("Warp drive");
  history.say(refused);
  const auto journey = now();
  EXPECT_NE(journey.refusal().en().find("Warp drive"), std::string::npos);
  EXPECT_NE(journey.refusal().zh().find("Warp drive"), std::string::npos);
}

TEST_F(Fold, the_headline_is_the_least_advanced_unit) {
  begin();
  EXPECT_EQ(now().milestone(), MILESTONE_MATERIAL_READY);
  make("unt_1");
  history.inspected(0, "unt_1", true);
  auto journey = now();
  EXPECT_EQ(journey.milestone(), MILESTONE_MATERIAL_READY);
  EXPECT_EQ(at(journey, MILESTONE_INSPECTED), 1);
  EXPECT_EQ(at(journey, MILESTONE_MATERIAL_READY), 2);
  history.operation(0, "unt_2", "make", OPERATION_STATE_RUNNING);
  journey = now();
  EXPECT_EQ(journey.milestone(), MILESTONE_IN_PRODUCTION);
  EXPECT_EQ(at(journey, MILESTONE_IN_PRODUCTION), 2);
}

TEST_F(Fold, an_inspected_operation_counts_when_it_passed_not_when_it_ended) {
  begin();
  make("unt_1");
  EXPECT_EQ(now().lines(0).units(0).milestone(), MILESTONE_IN_PRODUCTION);
  history.inspected(0, "unt_1", true);
  EXPECT_EQ(now().lines(0).units(0).milestone(), MILESTONE_INSPECTED);
}

TEST_F(Fold, an_operation_entry_names_the_operation) {
  begin();
  history.operation(0, "unt_1", "make", OPERATION_STATE_RUNNING);
  const auto journey = now();
  const auto& entry = journey.entries(journey.entries_size() - 1);
  EXPECT_EQ(entry.code(), "operation_started");
  EXPECT_EQ(entry.detail().en(), "make");
  EXPECT_EQ(entry.detail().zh(), "制造");
  EXPECT_EQ(entry.unit_id(), "unt_1");
}

TEST_F(Fold, a_rework_is_a_step_back_with_a_reason) {
  begin();
  make("unt_1");
  history.hold("unt_1", true);
  EXPECT_TRUE(now().lines(0).units(0).held());
  history.inspected(0, "unt_1", false);
  history.rework(0, "unt_1");
  const auto journey = now();
  EXPECT_TRUE(last.setback());
  EXPECT_TRUE(last.held());
  EXPECT_EQ(last.reason(), v1::CUSTOMER_REASON_QUALITY_REWORK);
  EXPECT_EQ(journey.lines(0).units(0).milestone(), MILESTONE_IN_PRODUCTION);
}

TEST_F(Fold, a_replaced_unit_does_not_count) {
  begin();
  history.operation(0, "unt_1", "make", OPERATION_STATE_RUNNING);
  history.replaced(0, "unt_1", "unt_3");
  const auto journey = now();
  EXPECT_TRUE(last.setback());
  EXPECT_EQ(journey.quantity(), 2);
  EXPECT_EQ(journey.milestone(), MILESTONE_SCHEDULED);
  EXPECT_TRUE(journey.lines(0).units(0).scrapped());
  EXPECT_EQ(at(journey, MILESTONE_IN_PRODUCTION), 0);
}

TEST_F(Fold, a_promise_that_moves_back_is_a_step_back_and_the_first_one_is_kept) {
  begin();
  history.promise(0, 2, std::chrono::hours(300), true);
  auto journey = now();
  EXPECT_TRUE(last.setback());
  EXPECT_EQ(last.internal_reason(), "PROMISE_REASON_REWORK");
  EXPECT_EQ(journey.lines(0).first_promise().revision(), 1U);
  EXPECT_EQ(journey.lines(0).promise().revision(), 2U);
  EXPECT_EQ(last.promises(0).revision(), 2U);
  history.promise(0, 3, std::chrono::hours(200), true);
  journey = now();
  EXPECT_FALSE(last.setback());
}

TEST_F(Fold, delivered_then_closed_by_the_survey) {
  begin();
  for (const auto* unit : {"unt_1", "unt_2"}) {
    make(unit);
    history.inspected(0, unit, true);
    history.completed(0, unit);
  }
  EXPECT_EQ(now().milestone(), MILESTONE_PACKED);
  history.certificate(0);
  history.shipment({"unt_1", "unt_2"});
  history.dispatched();
  EXPECT_EQ(now().milestone(), MILESTONE_SHIPPED);
  EXPECT_EQ(now().waybill().id(), "W1");
  history.delivered({"unt_1", "unt_2"});
  auto journey = now();
  EXPECT_EQ(journey.status(), v1::JOURNEY_STATUS_DELIVERED);
  EXPECT_EQ(journey.milestone(), MILESTONE_DELIVERED);
  EXPECT_TRUE(journey.certificate_available());
  EXPECT_TRUE(journey.has_delivered_at());
  EXPECT_FALSE(journey.late());
  EXPECT_EQ(journey.lines(0).units(0).serial(), "SN-unt_1");
  history.survey(true);
  journey = now();
  EXPECT_EQ(journey.status(), v1::JOURNEY_STATUS_CLOSED);
  EXPECT_TRUE(journey.survey_answered());
  EXPECT_FALSE(journey.survey_open());
  EXPECT_EQ(journey.anomalies_size(), 0);
}

TEST_F(Fold, delivered_after_the_first_window_is_late) {
  begin();
  history.promise(0, 2, std::chrono::hours(400), true);
  history.wait(std::chrono::hours(240));
  history.shipment({"unt_1", "unt_2"});
  history.dispatched();
  history.delivered({"unt_1", "unt_2"});
  EXPECT_TRUE(now().late());
  EXPECT_TRUE(last.late());
}

TEST_F(Fold, a_cancelled_order_is_never_late) {
  begin();
  intake::v1::OrderCancelled cancelled;
  cancelled.set_reason("CUSTOMER_CHANGED_MIND");
  history.say(cancelled);
  const auto journey = now();
  EXPECT_EQ(journey.status(), v1::JOURNEY_STATUS_CANCELLED);
  EXPECT_EQ(last.internal_reason(), "CUSTOMER_CHANGED_MIND");
}

TEST_F(Fold, what_should_not_be_is_recorded_not_refused) {
  begin();
  history.operation(0, "unt_9", "make", OPERATION_STATE_RUNNING);
  history.dispatched();
  history.hold("unt_1", false);
  history.scheduled(5, {"unt_7"});
  const auto journey = now();
  ASSERT_EQ(journey.anomalies_size(), 4);
  EXPECT_NE(journey.anomalies(0).find("unt_9"), std::string::npos);
}

TEST_F(Fold, a_ticket_shows_its_state) {
  begin();
  aftersales::v1::OrderTicketChanged changed;
  changed.set_ticket_id("tkt_1");
  changed.set_state(aftersales::v1::TICKET_STATE_OPEN);
  history.say(changed);
  changed.set_state(aftersales::v1::TICKET_STATE_RESOLVED);
  history.say(changed);
  const auto journey = now();
  ASSERT_EQ(journey.tickets_size(), 1);
  EXPECT_EQ(journey.tickets(0).state(), "RESOLVED");
  EXPECT_EQ(journey.entries(journey.entries_size() - 1).code(), "ticket_resolved");
}

// What a gRPC client takes of one answer, if nobody says otherwise.
constexpr std::size_t grpc_default = std::size_t{4} << 20;

std::string unit_id(int line, int piece) {  // as long as a minted one
  const auto digits = std::to_string(line * 10'000 + piece);
  return "unt_01kjq3vm5c" + std::string(16 - digits.size(), '0') + digits;
}

TEST_F(Fold, the_answer_for_the_largest_order_is_one_that_any_client_takes) {
  constexpr int lines = 20, pieces = 1100;
  history.captured();
  history.placed(lines, pieces);
  for (int line = 0; line < lines; ++line) {
    std::vector<std::string> units;
    for (int piece = 0; piece < pieces; ++piece) units.push_back(unit_id(line, piece));
    history.scheduled(line, units);
    history.promise(line, 1, std::chrono::hours(240));
    for (int piece = 0; piece < pieces; ++piece) history.completed(line, units[static_cast<std::size_t>(piece)]);
  }
  for (int piece = 0; piece < pieces; ++piece) {
    history.hold(unit_id(0, piece), true);
    history.hold(unit_id(lines, piece), false);  // an anomaly
    history.operation(0, unit_id(0, piece), "make", OPERATION_STATE_RUNNING);
  }
  const auto journey = now();
  EXPECT_EQ(journey.entries_size(), 1000);
  EXPECT_EQ(journey.anomalies_size(), 1000);
  EXPECT_EQ(journey.hold_ids_size(), 1000);
  ASSERT_EQ(journey.lines_size(), lines);
  for (const auto& line : journey.lines()) {
    EXPECT_EQ(line.units_size(), 1000);
    EXPECT_EQ(line.units_total(), static_cast<std::uint32_t>(pieces));
  }
  EXPECT_LT(journey.ByteSizeLong(), grpc_default);
  EXPECT_GT(journey.ByteSizeLong(), grpc_default / 8);
}

TEST_F(Fold, a_fact_keeps_only_what_is_shown) {
  scheduling::v1::OperationProgressed event;
  event.set_order_id("ord_1");
  event.add_lot_ids("lot_a");
  event.add_characteristics()->mutable_name()->set_en("Vibration");
  const auto fact = domain::make_fact(event, start, "scheduling", "scheduling/1f/loomline.scheduling.order/3/42");
  EXPECT_EQ(fact.sequence(), 42U);
  EXPECT_EQ(fact.type(), "scheduling.v1.OperationProgressed");
  scheduling::v1::OperationProgressed kept;
  ASSERT_TRUE(kept.ParseFromString(fact.body()));
  EXPECT_EQ(kept.lot_ids_size(), 0);
  EXPECT_EQ(kept.characteristics_size(), 1);
  EXPECT_FALSE(kept.characteristics(0).has_name());
}

}  // namespace
}  // namespace loomline::tracking::test
