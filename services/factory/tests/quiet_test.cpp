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

}  // namespace
}  // namespace loomline::factory
