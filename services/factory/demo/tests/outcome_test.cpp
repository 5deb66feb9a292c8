#include "outcome.hpp"

#include <gtest/gtest.h>

namespace loomline::demo {
namespace {

tracking::v1::Journey closed() {
  tracking::v1::Journey out;
  out.set_order_id("ord_1");
  out.set_status(tracking::v1::JOURNEY_STATUS_CLOSED);
  out.set_survey_answered(true);
  out.set_certificate_available(true);
  out.set_operations_done(8);
  out.set_operations_total(8);
  out.mutable_delivered_at()->set_seconds(1'767'600'000);
  auto& milestone = *out.add_milestones();
  milestone.set_milestone(production::v1::MILESTONE_DELIVERED);
  milestone.mutable_reached_at()->set_seconds(1'767'600'000);
  return out;
}

PlannedOrder plan(Ending ending) {
  PlannedOrder out;
  out.label = "demo-1";
  out.ending = ending;
  return out;
}

TEST(Outcome, ADeliveredAndSurveyedOrderIsAsExpected) {
  const auto outcome = judge(plan(Ending::surveyed), closed(), "", 0);
  EXPECT_EQ(outcome.problem, "");
  ASSERT_EQ(outcome.stages.size(), 1U);
  EXPECT_EQ(outcome.stages[0].name, "DELIVERED");
  EXPECT_EQ(outcome.stages[0].at, "2026-01-05T08:00:00Z");
}

TEST(Outcome, NamesWhatIsMissing) {
  auto journey = closed();
  journey.set_certificate_available(false);
  EXPECT_EQ(judge(plan(Ending::surveyed), journey, "", 0).problem, "delivered without a certificate");
  EXPECT_NE(judge(plan(Ending::surveyed), closed(), "", 1).problem, "") << "a rework must show";
  journey = closed();
  journey.set_status(tracking::v1::JOURNEY_STATUS_ACTIVE);
  journey.set_milestone(production::v1::MILESTONE_PACKED);
  EXPECT_EQ(judge(plan(Ending::surveyed), journey, "", 0).problem, "expected surveyed, is ACTIVE/PACKED");
}

TEST(Outcome, ARefusalNeedsANamedConflict) {
  tracking::v1::Journey journey;
  journey.set_status(tracking::v1::JOURNEY_STATUS_REFUSED);
  EXPECT_EQ(judge(plan(Ending::refused), journey, "a excludes b", 0).problem, "");
  EXPECT_NE(judge(plan(Ending::refused), journey, "", 0).problem, "");
  EXPECT_NE(judge(plan(Ending::surveyed), journey, "", 0).problem, "");
}

TEST(Outcome, FingerprintKnowsStagesButNotIds) {
  auto outcome = judge(plan(Ending::surveyed), closed(), "", 0);
  const auto before = fingerprint({outcome});
  outcome.order_id = "ord_2";
  EXPECT_EQ(fingerprint({outcome}), before);
  outcome.stages[0].at = "2026-01-05T08:00:01Z";
  EXPECT_NE(fingerprint({outcome}), before);
}

}  // namespace
}  // namespace loomline::demo
