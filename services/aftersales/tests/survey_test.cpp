// The survey after delivery: the production Service under the in-memory harness.
#include "domain/survey.hpp"

#include <gtest/gtest.h>

#include "domain/check.hpp"
#include "loomline/aftersales/service.hpp"
#include "loomline/eventing/testing.hpp"
#include "loomline/scheduling/v1/events.pb.h"
#include "loomline/wire/convert.hpp"

namespace loomline::aftersales {
namespace {

using eventing::testing::Harness;
const Time start = parse_rfc3339("2026-03-06T14:00:00Z").value();
using std::chrono::days;

Settings three_days() {
  Settings settings;
  settings.hours = service_hours("UTC", "09:00-17:00", "").value();
  settings.survey_after = days(3);
  return settings;
}

class SurveyTest : public testing::Test {
 protected:
  void deliver(const std::string& shipment, Time when) {
    scheduling::v1::ShipmentDelivered event;
    event.set_order_id("ord_1");
    event.set_shipment_id(shipment);
    *event.mutable_occurred_at() = wire::to_timestamp(when);
    harness.deliver(event, "scheduling");
  }
  Result<v1::AnswerSurveyResponse> answer() {
    state::v1::AnswerSurveyCommand command;
    command.set_order_id("ord_1");
    command.set_recommend(0);
    command.set_product(5);
    command.set_remark_subject_id("sub_remark");
    return harness.execute<v1::AnswerSurveyResponse>(domain::answer_survey_command, command, {});
  }
  std::string said() {
    std::string names;
    for (const auto& event : harness.take()) names += (names.empty() ? "" : " ") + event->GetDescriptor()->name();
    return names;
  }
  Harness harness{make_service_with(three_days()), start};
};

TEST_F(SurveyTest, IsAskedAfterTheLastDeliveryAndAnsweredOnce) {
  EXPECT_EQ(answer().status().code(), Code::not_found);
  deliver("shp_1", start);
  harness.advance_to(start + days(2));
  deliver("shp_2", start + days(2));
  harness.advance_to(start + days(4));
  EXPECT_EQ(said(), "");
  harness.advance_to(start + days(5));
  EXPECT_EQ(said(), "SurveyRequested");
  const auto first = answer();
  ASSERT_TRUE(first.ok()) << first.status().to_string();
  EXPECT_TRUE(first->survey().has_recommend());
  EXPECT_EQ(first->survey().recommend(), 0U);
  EXPECT_FALSE(first->survey().has_delivery());
  EXPECT_EQ(said(), "SurveyAnswered");
  EXPECT_EQ(answer().status().reason(), "SURVEY_ANSWERED");
  harness.advance_to(start + days(90));
  EXPECT_EQ(said(), "");
}

TEST_F(SurveyTest, ASilentCustomerBlocksNothing) {
  deliver("shp_1", start);
  harness.advance_to(start + days(3));
  EXPECT_EQ(said(), "SurveyRequested");
  harness.advance_to(start + days(33));
  EXPECT_EQ(said(), "SurveyExpired");
  EXPECT_EQ(answer().status().reason(), "SURVEY_EXPIRED");
}

TEST_F(SurveyTest, ADeliveryToldLateIsAskedAtOnce) {
  deliver("shp_1", start - days(10));
  harness.advance_to(start + std::chrono::seconds(1));
  EXPECT_EQ(said(), "SurveyRequested");
  deliver("shp_2", start);
  harness.advance_to(start + days(20));
  EXPECT_EQ(said(), "");
}

TEST(SurveyDoor, NamesTheScoreOutOfRange) {
  const auto field = [](auto spoil) {
    v1::AnswerSurveyRequest request;
    request.set_order_id("ord_1");
    spoil(request);
    const auto status = domain::check(request);
    return status.ok() ? "" : status.violations().at(0).field;
  };
  EXPECT_EQ(field([](auto& r) { r.set_recommend(11); }), "recommend");
  EXPECT_EQ(field([](auto& r) { r.set_recommend(0); }), "");
  EXPECT_EQ(field([](auto& r) { r.set_product(0); }), "product");
  EXPECT_EQ(field([](auto& r) { r.set_delivery(6); }), "delivery");
  EXPECT_EQ(field([](auto& r) { r.set_information(4'000'000'000); }), "information");
  EXPECT_EQ(field([](auto& r) { r.set_remark("\xff"); }), "remark");
  EXPECT_EQ(field([](auto&) {}), "recommend");
}

}  // namespace
}  // namespace loomline::aftersales
