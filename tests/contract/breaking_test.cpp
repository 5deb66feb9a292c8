// The contracts as they are break nothing of those that landed last; and what would break them is found.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "loomline/common/v1/http.pb.h"
#include "snapshot.hpp"

namespace loomline::contract {
namespace {

using namespace google::protobuf;  // NOLINT: descriptors, by name

std::string landed() {
  std::ifstream in(std::string(LOOMLINE_SOURCE_DIR) + "/tests/contract/contracts.snapshot");
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

TEST(Breaking, nothing_that_landed_is_broken) {
  const auto before = parse_snapshot(landed());
  ASSERT_GT(before.size(), 500U) << "contracts.snapshot is missing or cut off";
  for (const auto& change : breaking_changes(before, snapshot(load_built())))
    ADD_FAILURE() << change
                  << "\n  A breaking change is a new package (v2) and a new topic. Where nobody can rely on the "
                  << "old contract yet, run: loomline-contracts snapshot --write";
}

TEST(Breaking, the_list_can_be_read_back) {
  const auto now = snapshot(load_built());
  EXPECT_EQ(parse_snapshot(to_text(now)), now);
}

class Mutated : public testing::Test {
 protected:
  FileDescriptorProto& file(const std::string& name) {
    for (auto& one : *contracts.files.mutable_file())
      if (one.name() == name) return one;
    throw std::logic_error(name);
  }
  DescriptorProto& message(const std::string& file_name, const std::string& name) {
    for (auto& one : *file(file_name).mutable_message_type())
      if (one.name() == name) return one;
    throw std::logic_error(name);
  }
  DescriptorProto& money() { return message("loomline/common/v1/types.proto", "Money"); }
  ServiceDescriptorProto& tracking() { return *file("loomline/tracking/v1/tracking.proto").mutable_service(0); }
  std::vector<std::string> changes() { return breaking_changes(before, snapshot(contracts)); }
  void expect(const std::string& part) {
    std::string all;
    for (const auto& change : changes()) all += change + "\n";
    EXPECT_NE(all.find(part), std::string::npos) << "expected: " << part << "\nfound:\n" << all;
  }

  Contracts contracts = load_built();
  Snapshot before = snapshot(contracts);
};

TEST_F(Mutated, nothing) { EXPECT_TRUE(changes().empty()); }

TEST_F(Mutated, a_field_removed) {
  money().mutable_field()->DeleteSubrange(0, 1);
  expect("field loomline.common.v1.Money 1 (minor_units): was removed");
}
TEST_F(Mutated, a_field_renumbered) {
  money().mutable_field(0)->set_number(9);
  expect("field loomline.common.v1.Money 1 (minor_units): was removed");
}
TEST_F(Mutated, a_field_of_another_type) {
  money().mutable_field(0)->set_type(FieldDescriptorProto::TYPE_INT32);
  expect("its type was 'int64', is 'int32'");
}
TEST_F(Mutated, a_field_renamed) {
  money().mutable_field(0)->set_name("cents");
  money().mutable_field(0)->set_json_name("cents");
  expect("its name was 'minor_units', is 'cents'");
  expect("its json was 'minorUnits', is 'cents'");
}
TEST_F(Mutated, a_field_repeated) {
  money().mutable_field(0)->set_label(FieldDescriptorProto::LABEL_REPEATED);
  expect("its label was 'single', is 'repeated'");
}
TEST_F(Mutated, a_field_moved_into_a_oneof) {
  money().add_oneof_decl()->set_name("amount");
  money().mutable_field(0)->set_oneof_index(0);
  expect("its oneof was '', is 'amount'");
}
TEST_F(Mutated, a_message_removed) {
  file("loomline/common/v1/error.proto").mutable_message_type()->RemoveLast();
  expect("message loomline.common.v1.ErrorDetail: was removed");
}
TEST_F(Mutated, an_enum_value_removed_or_renumbered) {
  auto& role = *file("loomline/common/v1/http.proto").mutable_enum_type(0);
  role.mutable_value(1)->set_number(99);
  expect("value loomline.common.v1.Role 1 (ROLE_ANYONE): was removed");
}
TEST_F(Mutated, an_enum_value_renamed) {
  file("loomline/common/v1/http.proto").mutable_enum_type(0)->mutable_value(1)->set_name("ROLE_PUBLIC");
  expect("its name was 'ROLE_ANYONE', is 'ROLE_PUBLIC'");
}
TEST_F(Mutated, a_method_removed) {
  const auto name = tracking().method(0).name();
  tracking().mutable_method()->DeleteSubrange(0, 1);
  expect("method loomline.tracking.v1.TrackingService." + name + ": was removed");
}
TEST_F(Mutated, a_method_of_other_types) {
  tracking().mutable_method(0)->set_output_type(".loomline.tracking.v1.Journey");
  expect("is 'loomline.tracking.v1.Journey'");
  tracking().mutable_method(0)->set_server_streaming(true);
  expect("its streaming was '', is 'server'");
}
TEST_F(Mutated, a_route_or_its_role_taken_away) {
  tracking().mutable_method(0)->mutable_options()->MutableExtension(common::v1::http, 0)->mutable_roles()->RemoveLast();
  expect("route GET /v1/orders/{order_id}/journey ROLE_CUSTOMER: was removed");
}
TEST_F(Mutated, a_topic_removed) {
  contracts.topics.mutable_topic()->DeleteSubrange(0, 1);
  expect("topic loomline.intake.order: was removed");
  expect("event loomline.intake.v1.OrderPlaced: was removed");
}
TEST_F(Mutated, a_topic_with_another_key) {
  contracts.topics.mutable_topic(0)->set_key_field("quote_id");
  contracts.topics.mutable_topic(0)->set_key_type("quo");
  expect("its key_field was 'order_id', is 'quote_id'");
  expect("its key_type was 'ord', is 'quo'");
}
TEST_F(Mutated, a_topic_that_forgets_sooner) {
  contracts.topics.mutable_topic(0)->set_retention_hours(24);
  expect("its retention_hours was '0', is '24'");
}
TEST_F(Mutated, a_topic_that_remembers_longer_breaks_nothing) {
  contracts.topics.mutable_topic(0)->set_retention_hours(24);
  before = snapshot(contracts);
  for (const int hours : {48, 0}) {
    contracts.topics.mutable_topic(0)->set_retention_hours(static_cast<unsigned>(hours));
    EXPECT_TRUE(changes().empty()) << hours;
  }
}
TEST_F(Mutated, an_event_on_another_topic) {
  auto& events = *contracts.topics.mutable_topic(0)->mutable_event();
  const auto event = events[0];
  events.DeleteSubrange(0, 1);
  contracts.topics.mutable_topic(1)->add_event(event);
  expect("event " + event + ": its topic was 'loomline.intake.order'");
}
TEST_F(Mutated, a_reserved_number_used_again) {
  auto& range = *money().add_reserved_range();
  range.set_start(7);
  range.set_end(8);
  before = snapshot(contracts);
  money().clear_reserved_range();
  auto& field = *money().add_field();
  field.set_name("again");
  field.set_number(7);
  field.set_type(FieldDescriptorProto::TYPE_STRING);
  expect("reserved loomline.common.v1.Money 7: is reserved no more");
  expect("reserved loomline.common.v1.Money 7: a reserved number is used again");
}

TEST_F(Mutated, what_is_added_breaks_nothing) {
  auto& field = *money().add_field();
  field.set_name("note");
  field.set_number(17);
  field.set_type(FieldDescriptorProto::TYPE_STRING);
  file("loomline/common/v1/types.proto").add_message_type()->set_name("Tax");
  auto& value = *file("loomline/common/v1/http.proto").mutable_enum_type(0)->add_value();
  value.set_name("ROLE_AUDITOR");
  value.set_number(77);
  auto& method = *tracking().add_method();
  method.set_name("CountMore");
  method.set_input_type(".loomline.tracking.v1.CountOrdersRequest");
  method.set_output_type(".loomline.tracking.v1.CountOrdersResponse");
  contracts.topics.add_topic()->set_name("loomline.tax.order");
  EXPECT_TRUE(changes().empty()) << changes().front();
}

TEST(Breaking, private_state_is_no_contract) {
  for (const auto& [key, attributes] : snapshot(load_built()))
    EXPECT_EQ(key.find(".state.v1"), std::string::npos) << key;
}

}  // namespace
}  // namespace loomline::contract
