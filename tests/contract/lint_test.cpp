#include "lint.hpp"

#include <gtest/gtest.h>

#include "loomline/common/v1/http.pb.h"

namespace loomline::contract {
namespace {

TEST(Lint, the_contracts_keep_every_rule) {
  for (const auto& problem : lint(load_built())) ADD_FAILURE() << problem;
}

// What the lint finds in contracts that a change has spoilt.
class Spoilt : public testing::Test {
 protected:
  google::protobuf::FileDescriptorProto& file(const std::string& name) {
    for (auto& one : *contracts.files.mutable_file())
      if (one.name() == name) return one;
    throw std::logic_error(name);
  }
  google::protobuf::MethodDescriptorProto& method(const std::string& file_name, const std::string& name) {
    for (auto& service : *file(file_name).mutable_service())
      for (auto& one : *service.mutable_method())
        if (one.name() == name) return one;
    throw std::logic_error(name);
  }
  void expect(const std::string& part) {
    std::string all;
    for (const auto& problem : lint(contracts)) all += problem + "\n";
    EXPECT_NE(all.find(part), std::string::npos) << "expected: " << part << "\nfound:\n" << all;
  }
  Contracts contracts = load_built();
};

TEST_F(Spoilt, a_zero_value_that_means_something) {
  file("loomline/common/v1/http.proto").mutable_enum_type(0)->mutable_value(0)->set_name("ROLE_NOBODY");
  expect("loomline.common.v1.Role: its zero value must be ROLE_UNSPECIFIED");
}
TEST_F(Spoilt, no_comments) {
  file("loomline/quality/v1/quality.proto").clear_source_code_info();
  expect("loomline.quality.v1.InspectionState: has no comment");
  expect("loomline.quality.v1.QualityService.ListInspections: has no comment");
  expect("loomline.quality.v1.Measurement: has no comment");
}
TEST_F(Spoilt, a_route_twice) {
  auto& first = method("loomline/quality/v1/quality.proto", "GetCertificate");
  auto& second = method("loomline/tracking/v1/tracking.proto", "GetJourney");
  second.mutable_options()
      ->MutableExtension(common::v1::http, 0)
      ->set_path(first.options().GetExtension(common::v1::http, 0).path());
  expect("another method has this route");
}
TEST_F(Spoilt, a_parameter_that_the_request_does_not_have) {
  method("loomline/tracking/v1/tracking.proto", "GetJourney")
      .mutable_options()
      ->MutableExtension(common::v1::http, 0)
      ->set_path("/v1/orders/{order}/journey");
  expect("{order} is no string field of GetJourneyRequest");
  expect("the path must have {order_id}");
}
TEST_F(Spoilt, a_route_without_a_role) {
  method("loomline/tracking/v1/tracking.proto", "GetJourney")
      .mutable_options()
      ->MutableExtension(common::v1::http, 0)
      ->clear_roles();
  expect("names no role");
}
TEST_F(Spoilt, an_event_on_two_topics) {
  contracts.topics.mutable_topic(1)->add_event(contracts.topics.topic(0).event(0));
  expect("loomline.intake.v1.RequirementCaptured: is on");
}
TEST_F(Spoilt, an_event_without_its_key_or_its_topic) {
  contracts.topics.mutable_topic(0)->set_key_field("order_number");
  expect("has no string field order_number");
  contracts.topics.mutable_topic(0)->clear_event();
  expect("loomline.intake.v1.OrderPlaced: looks like an event, but no topic carries it");
}

}  // namespace
}  // namespace loomline::contract
