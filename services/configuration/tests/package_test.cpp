// What a package is refused for, and what it resolves to.
#include <gtest/gtest.h>

#include "domain/answer.hpp"
#include "domain/product.hpp"
#include "tests/sample.hpp"

namespace loomline::configuration {
namespace {

using domain::compile;

v1::ModelVersion version_of(const domain::Product& product) {
  auto version = domain::describe(product);
  version.set_version(1);
  return version;
}

v1::ValidateResponse validate(const domain::Product& product, const std::vector<std::string>& wanted,
                              std::int64_t quantity = 1) {
  v1::ValidateRequest request;
  request.set_quantity(quantity);
  for (const auto& feature : wanted) {
    auto& choice = *request.add_choices();
    choice.set_feature(feature);
    choice.set_selected(true);
  }
  return domain::validate(product, version_of(product), request).value();
}

// Reason, and the fields that are wrong.
std::string refusal(const v1::ProductPackage& package) {
  const auto compiled = compile(package);
  if (compiled.ok()) return "accepted";
  std::string out = compiled.status().reason();
  for (const auto& violation : compiled.status().violations()) {
    EXPECT_FALSE(violation.remedy.empty()) << violation.field;
    out += " | " + violation.field;
  }
  return out;
}

TEST(Package, EveryWrongFieldIsNamed) {
  EXPECT_EQ(refusal(bicycle()), "accepted");
  auto package = bicycle();
  package.set_model_id("bicycle");
  package.set_currency("EURO");
  package.mutable_bom(0)->mutable_item()->mutable_quantity()->set_value(0);
  package.mutable_bom(1)->mutable_item()->set_op_id("op_paint");
  package.mutable_operations(3)->mutable_operation()->set_run_seconds(0);
  package.mutable_characteristics(0)->mutable_characteristic()->set_lower_limit(151);
  EXPECT_EQ(refusal(package),
            "INVALID_FIELD | package.model_id | package.currency | package.bom[0].item.quantity.value | "
            "package.bom[1].item.op_id | package.operations[3].operation.run_seconds | "
            "package.characteristics[0].characteristic.lower_limit");
}

TEST(Package, PlacesInTheModelAndInConditionsAreNamed) {
  auto package = bicycle();
  package.set_uvl("features\n\tBicycle\n\t\tsome\n\t\t\tFrame\n");
  EXPECT_EQ(refusal(package), "UVL_SYNTAX | package.uvl, line 3, column 3");
  package = bicycle();
  package.set_uvl(package.uvl() + "\tsum(Price) < 3\n");
  EXPECT_EQ(refusal(package), "UVL_LEVEL | package.uvl, line 18, column 2");
  package = bicycle();
  package.mutable_bom(1)->set_condition("Moter");
  package.mutable_operations(1)->mutable_times(0)->set_condition("Alu &");
  EXPECT_EQ(refusal(package),
            "FEATURE_UNKNOWN | package.bom[1].condition, column 1 | "
            "package.operations[1].times[0].condition, line 1, column 6");
  package = bicycle();
  package.mutable_operations(0)->mutable_operation()->add_predecessors("op_test");
  EXPECT_EQ(refusal(package), "INVALID_FIELD | package.operations[0].operation.predecessors");
  package = bicycle();
  package.set_currency("JPY");
  EXPECT_EQ(refusal(package), "PRICE_NOT_EXACT | package.uvl, line 8");
}

TEST(Package, AModelWithoutProductsIsRefusedWithItsContradiction) {
  auto package = bicycle();
  package.set_uvl(package.uvl() + "\tMotor\n\tFrame => Carbon\n");
  const auto compiled = compile(package);
  ASSERT_FALSE(compiled.ok());
  EXPECT_EQ(compiled.status().code(), Code::failed_precondition);
  EXPECT_EQ(compiled.status().reason(), "MODEL_VOID");
  EXPECT_GE(compiled.status().violations().size(), 3u);
}

TEST(Package, ContentHashIgnoresLayoutOnly) {
  const auto first = compile(bicycle()).value();
  auto package = bicycle();
  package.set_uvl("// a comment\n" + package.uvl());
  EXPECT_EQ(compile(package).value()->content_hash, first->content_hash);
  package.set_warranty_days(1);
  EXPECT_NE(compile(package).value()->content_hash, first->content_hash);
}

TEST(Answer, BuildableIsPricedAndResolved) {
  const auto product = compile(bicycle()).value();
  const auto answer = validate(*product, {"Motor"}, 3);
  ASSERT_EQ(answer.answer(), v1::ANSWER_BUILDABLE);
  const auto& configuration = answer.configuration();
  EXPECT_EQ(configuration.price().unit_net().minor_units(), 50000 + 2000 + 70000 + 500);
  EXPECT_EQ(configuration.price().total_net().minor_units(), 3 * 122500);
  EXPECT_EQ(configuration.price().list_version(), "mdl_bicycle@1");
  EXPECT_EQ(configuration.features_size(), 6);
  EXPECT_EQ(
      std::vector<std::string>(configuration.defaulted_features().begin(), configuration.defaulted_features().end()),
      (std::vector<std::string>{"Steel", "Lights", "Rear"}));
  const auto& spec = configuration.spec();
  EXPECT_EQ(spec.bom_size(), 3);
  ASSERT_EQ(spec.operations_size(), 4);
  EXPECT_EQ(spec.operations(1).run_seconds(), 600u);
  EXPECT_EQ(spec.characteristics_size(), 2);
  EXPECT_EQ(configuration.configuration_id(), validate(*product, {"Motor", "Rear"}).configuration().configuration_id());
  EXPECT_NE(configuration.configuration_id(),
            validate(*product, {"Motor", "Front"}).configuration().configuration_id());
}

TEST(Answer, WhatDoesNotApplyLeavesNoTrace) {
  const auto product = compile(bicycle()).value();
  const auto spec = validate(*product, {"Carbon"}).configuration().spec();
  ASSERT_EQ(spec.bom_size(), 1);
  EXPECT_EQ(spec.bom(0).op_id(), "");  // welding does not apply: needed at the first operation
  ASSERT_EQ(spec.operations_size(), 2);
  EXPECT_EQ(spec.operations(1).op_id(), "op_test");
  ASSERT_EQ(spec.operations(1).predecessors_size(), 1);  // op_motor and op_weld gave way to op_cut, once
  EXPECT_EQ(spec.operations(1).predecessors(0), "op_cut");
  EXPECT_EQ(spec.operations(1).characteristic_ids_size(), 1);
  ASSERT_EQ(spec.characteristics_size(), 1);
  ASSERT_EQ(spec.characteristics(0).rework_op_ids_size(), 1);
  EXPECT_EQ(validate(*product, {"Alu"}).configuration().spec().operations(1).run_seconds(), 900u);
  const auto alu = validate(*product, {"Alu"}).configuration().spec();
  const auto steel = validate(*product, {"Steel"}).configuration().spec();
  EXPECT_EQ(alu.bom_hash(), steel.bom_hash());
  EXPECT_NE(alu.routing_hash(), steel.routing_hash());
}

TEST(Answer, ConflictIsNamedInBothLanguagesWithRepairs) {
  const auto product = compile(bicycle()).value();
  const auto answer = validate(*product, {"Motor", "Carbon"});
  ASSERT_EQ(answer.answer(), v1::ANSWER_NOT_BUILDABLE);
  EXPECT_EQ(answer.conflict().choices_size(), 2);
  ASSERT_EQ(answer.conflict().rules_size(), 1);
  EXPECT_EQ(answer.conflict().rules(0).kind(), "constraint");
  EXPECT_EQ(answer.conflict().rules(0).line(), 17u);
  EXPECT_EQ(answer.conflict().explanation().en(),
            "“Carbon frame”, “Motor” cannot be had together, because of: Motor => !Carbon (line 17).");
  EXPECT_EQ(answer.conflict().explanation().zh(),
            "“碳纤维车架”、“电机” 不能同时选择，原因：Motor => !Carbon（第 17 行）。");
  const auto frames = validate(*product, {"Steel", "Carbon"}).conflict().explanation();
  EXPECT_NE(frames.en().find("needs exactly one of"), std::string::npos) << frames.en();
  EXPECT_NE(frames.zh().find("中选择且仅 1 项"), std::string::npos) << frames.zh();
  EXPECT_EQ(frames.zh().find("needs"), std::string::npos) << frames.zh();
  ASSERT_EQ(answer.repairs_size(), 2);
  EXPECT_EQ(answer.repairs(0).explanation().en(), "Leave out “Carbon frame”.");
  EXPECT_EQ(answer.repairs(0).price_change().minor_units(), 2000 - 90050);
  EXPECT_EQ(answer.repairs(1).price_change().minor_units(), -70000);
}

TEST(Answer, AWishOutsideTheModelNeedsEngineering) {
  const auto product = compile(bicycle()).value();
  const auto answer = validate(*product, {"Motor", "Carbn"});
  ASSERT_EQ(answer.answer(), v1::ANSWER_NEEDS_ENGINEERING);
  ASSERT_EQ(answer.unknown_features_size(), 1);
  EXPECT_EQ(answer.unknown_features(0).nearest(0), "Carbon");
}

TEST(Answer, BadRequestsNameTheField) {
  const auto product = compile(bicycle()).value();
  v1::ValidateRequest request;
  request.set_max_repairs(11);
  request.set_quantity(-1);
  request.add_choices()->set_selected(true);
  const auto answer = domain::validate(*product, version_of(*product), request);
  ASSERT_FALSE(answer.ok());
  ASSERT_EQ(answer.status().violations().size(), 3u);
  EXPECT_EQ(answer.status().violations()[2].field, "choices[0].feature");
  v1::CompleteRequest both;
  for (const bool selected : {true, false}) {
    auto& choice = *both.add_choices();
    choice.set_feature("Motor");
    choice.set_selected(selected);
  }
  EXPECT_EQ(domain::complete(*product, both).status().code(), Code::invalid_argument);
}

}  // namespace
}  // namespace loomline::configuration
