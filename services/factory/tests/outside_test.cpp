#include "loomline/factory/outside.hpp"

#include <gtest/gtest.h>

namespace loomline::factory {
namespace {

quality::Inspection inspection(std::uint32_t attempt) {
  quality::Inspection out;
  out.set_op_id("op_test");
  out.set_attempt(attempt);
  auto& vibration = *out.add_characteristics();
  vibration.set_characteristic_id("chr_vibration");
  vibration.mutable_nominal()->set_value(200);
  vibration.set_upper_limit(280);
  vibration.set_sample_size(3);
  auto& pressure = *out.add_characteristics();
  pressure.set_characteristic_id("chr_pressure");
  pressure.mutable_nominal()->set_value(1000);
  pressure.set_lower_limit(980);
  pressure.set_upper_limit(1020);
  return out;
}

TEST(Measure, PassingValuesLieWithinTheLimits) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto measured = measure(inspection(1), "u", {.failures_permille = 0, .failing_units = {}}, Draws(seed));
    ASSERT_EQ(measured.values.size(), 4U);
    EXPECT_FALSE(measured.fails);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_LE(measured.values[i].value(), 280);
    EXPECT_EQ(measured.values[2].sample(), 3U);
    EXPECT_GE(measured.values[3].value(), 980);
    EXPECT_LE(measured.values[3].value(), 1020);
  }
}

TEST(Measure, AFailureIsOutsideOneLimit) {
  const auto measured = measure(inspection(1), "u", {.failures_permille = 1000, .failing_units = {}}, Draws(1));
  EXPECT_TRUE(measured.fails);
  EXPECT_GT(measured.values[0].value(), 280);
  EXPECT_LE(measured.values[1].value(), 280);
}

TEST(Measure, AChosenUnitFailsOnceAndAThirdAttemptNever) {
  const RigOptions options{.failures_permille = 0, .repeated_failures_permille = 0, .failing_units = {"demo-1/u0"}};
  EXPECT_TRUE(measure(inspection(1), "demo-1/u0", options, Draws(1)).fails);
  EXPECT_FALSE(measure(inspection(2), "demo-1/u0", options, Draws(1)).fails);
  EXPECT_FALSE(measure(inspection(1), "demo-2/u0", options, Draws(1)).fails);
  const RigOptions always{.failures_permille = 1000, .repeated_failures_permille = 1000, .failing_units = {}};
  EXPECT_TRUE(measure(inspection(2), "u", always, Draws(1)).fails);
  EXPECT_FALSE(measure(inspection(3), "u", always, Draws(1)).fails);
}

TEST(Transit, HasTheLegsMedianAndTail) {
  scheduling::TransportLeg leg;
  leg.set_typical_hours(48);
  leg.set_p95_hours(96);
  int above_typical = 0, above_p95 = 0;
  for (int i = 0; i < 4000; ++i) {
    const auto way = transit(leg, std::to_string(i), Draws(3));
    above_typical += way > std::chrono::hours(48) ? 1 : 0;
    above_p95 += way > std::chrono::hours(96) ? 1 : 0;
  }
  EXPECT_NEAR(above_typical, 2000, 120);
  EXPECT_NEAR(above_p95, 200, 50);
}

TEST(Transit, LegByCountryElseEverywhere) {
  scheduling::Plant plant;
  EXPECT_EQ(leg_to(plant, "DE").typical_hours(), 48U);
  plant.add_transport()->set_typical_hours(240);
  auto& home = *plant.add_transport();
  home.set_country("CN");
  home.set_typical_hours(24);
  EXPECT_EQ(leg_to(plant, "CN").typical_hours(), 24U);
  EXPECT_EQ(leg_to(plant, "DE").typical_hours(), 240U);
}

TEST(Survey, ScoresAreInTheirRange) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const auto answer = answer_survey("ord_1", "demo-1", Draws(seed));
    EXPECT_LE(answer.recommend(), 10U);
    for (const auto score : {answer.product(), answer.delivery(), answer.information()}) {
      EXPECT_GE(score, 1U);
      EXPECT_LE(score, 5U);
    }
  }
}

}  // namespace
}  // namespace loomline::factory
