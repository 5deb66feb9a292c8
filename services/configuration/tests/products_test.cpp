// The products that Loomline ships with: they compile, and whatever a customer may order can be made at their plants.
#include <gtest/gtest.h>

#include <set>

#include "domain/answer.hpp"
#include "domain/product.hpp"
#include "loomline/scheduling/v1/plant.pb.h"
#include "tests/sample.hpp"

namespace loomline::configuration {
namespace {

scheduling::v1::Plant shipped_plant(const std::string& name) {
  scheduling::v1::Plant plant;
  read_json(file_text(std::string(LOOMLINE_SOURCE_DIR) + "/deploy/products/" + name + "/plant.json"), plant);
  return plant;
}

struct Classes {
  std::set<std::string> equipment;
  std::set<std::string> operators;

  explicit Classes(const scheduling::v1::Plant& plant) {
    std::set<std::string> calendars;
    for (const auto& calendar : plant.calendars()) calendars.insert(calendar.calendar_id());
    EXPECT_TRUE(calendars.contains(plant.dispatch_calendar_id()));
    for (const auto& machine : plant.equipment()) {
      equipment.insert(machine.equipment_class());
      EXPECT_TRUE(calendars.contains(machine.calendar_id())) << machine.equipment_id();
    }
    for (const auto& pool : plant.operators()) {
      operators.insert(pool.operator_class());
      EXPECT_TRUE(calendars.contains(pool.calendar_id())) << pool.operator_class();
    }
  }
};

void check_spec(const production::v1::ManufacturingSpec& spec, const Classes& classes) {
  std::set<std::string> before;
  std::set<production::v1::Milestone> milestones;
  for (const auto& operation : spec.operations()) {
    EXPECT_TRUE(classes.equipment.contains(operation.equipment_class())) << operation.equipment_class();
    EXPECT_TRUE(operation.operator_class().empty() || classes.operators.contains(operation.operator_class()));
    for (const auto& predecessor : operation.predecessors()) EXPECT_TRUE(before.contains(predecessor));
    before.insert(operation.op_id());
    milestones.insert(operation.milestone());
    EXPECT_GT(operation.run_seconds(), 0u);
    EXPECT_LT(operation.run_seconds(), 30'000u);
  }
  for (const auto wanted : {production::v1::MILESTONE_MATERIAL_READY, production::v1::MILESTONE_IN_PRODUCTION,
                            production::v1::MILESTONE_INSPECTED, production::v1::MILESTONE_PACKED})
    EXPECT_TRUE(milestones.contains(wanted)) << wanted;
  EXPECT_GE(spec.characteristics_size(), 3);
  EXPECT_GE(spec.bom_size(), 10);
}

class ShippedProduct : public testing::TestWithParam<const char*> {};

TEST_P(ShippedProduct, WhateverIsOrderedCanBeMade) {
  const auto package = shipped_product(GetParam());
  const auto compiled = domain::compile(package);
  ASSERT_TRUE(compiled.ok()) << compiled.status().to_string();
  const domain::Product& product = **compiled;
  EXPECT_TRUE(product.core_and_dead.dead.empty());
  const auto plant = shipped_plant(GetParam());
  ASSERT_EQ(plant.plant_id(), package.plant_ids(0));
  const Classes classes(plant);
  auto version = domain::describe(product);
  version.set_version(1);
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    v1::CompleteRequest wish;
    wish.set_seed(seed);
    const auto completed = domain::complete(product, wish);
    ASSERT_TRUE(completed.ok());
    ASSERT_EQ(completed->choices_size(), static_cast<int>(version.feature_count()));
    v1::ValidateRequest request;
    *request.mutable_choices() = completed->choices();
    const auto answer = domain::validate(product, version, request);
    ASSERT_TRUE(answer.ok()) << answer.status().to_string();
    ASSERT_EQ(answer->answer(), v1::ANSWER_BUILDABLE);
    EXPECT_GT(answer->configuration().price().unit_net().minor_units(), 50'000);
    EXPECT_EQ(answer->configuration().defaulted_features_size(), 0);
    check_spec(answer->configuration().spec(), classes);
  }
}

INSTANTIATE_TEST_SUITE_P(Products, ShippedProduct, testing::Values("pc", "compressor"),
                         [](const auto& one) { return std::string(one.param); });

TEST(ShippedProducts, CompressorSaysWhyTwoMarketsDoNotGoTogether) {
  const auto product = domain::compile(shipped_product("compressor")).value();
  v1::ValidateRequest request;
  for (const char* feature : {"CE", "UL", "Motor_37_kW"}) {
    auto& choice = *request.add_choices();
    choice.set_feature(feature);
    choice.set_selected(true);
  }
  const auto answer = domain::validate(*product, domain::describe(*product), request).value();
  ASSERT_EQ(answer.answer(), v1::ANSWER_NOT_BUILDABLE);
  EXPECT_EQ(answer.conflict().choices_size(), 2);
  EXPECT_EQ(answer.conflict().rules_size(), 3);
  EXPECT_EQ(answer.repairs_size(), 2);
}

}  // namespace
}  // namespace loomline::configuration
