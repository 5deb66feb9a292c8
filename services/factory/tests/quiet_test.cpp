#include "loomline/factory/quiet.hpp"

#include <gtest/gtest.h>

namespace loomline::factory {
namespace {

TEST(Rest, SumsTheServicesUp) {
  common::v1::GetQuietResponse answer;
  answer.mutable_business_time()->set_seconds(1000);
  for (int i = 0; i < 3; ++i) {
    auto& service = *answer.add_services();
    service.set_service(i == 0 ? "quality" : "scheduling");
    service.set_steps_applied(10);
    service.set_dead_letters(i);
    service.set_events_waiting(1);
  }
  const auto rest = rest_of(answer);
  EXPECT_EQ(rest.steps.at("quality"), 10);
  EXPECT_EQ(rest.steps.at("scheduling"), 20);
  EXPECT_EQ(rest.dead_letters, 3);
  EXPECT_EQ(rest.events_waiting, 3);
  EXPECT_EQ(rest.business_time, Time{std::chrono::seconds(1000)});
  EXPECT_FALSE(rest.next_timer);
  answer.mutable_services(0)->mutable_next_timer_at()->set_seconds(5000);
  answer.mutable_services(2)->mutable_next_timer_at()->set_seconds(4000);
  EXPECT_EQ(rest_of(answer).next_timer, Time{std::chrono::seconds(4000)});
}

TEST(Rest, IsReadFromTheAnswersHeader) {
  const auto rest = rest_of(
      "quiet, business_time=\"2026-01-05T08:00:00Z\", next_timer_at=\"2026-01-05T08:00:03Z\", events_waiting=1, "
      "dead_letters=2, steps.quality=7, steps.scheduling=12");
  ASSERT_TRUE(rest);
  EXPECT_EQ(format_rfc3339(rest->business_time), "2026-01-05T08:00:00Z");
  EXPECT_EQ(format_rfc3339(rest->next_timer.value()), "2026-01-05T08:00:03Z");
  EXPECT_EQ(rest->steps.at("scheduling"), 12);
  EXPECT_EQ(rest->events_waiting, 1);
  EXPECT_EQ(rest->dead_letters, 2);
  EXPECT_FALSE(rest_of("quiet=?0, why_not=\"quality: 1 commands are running\""));
  EXPECT_FALSE(rest_of("quiet, business_time=\"yesterday\""));
  EXPECT_FALSE(rest_of("quiet, steps.quality=many"));
  EXPECT_FALSE(rest_of(""));
}

}  // namespace
}  // namespace loomline::factory
