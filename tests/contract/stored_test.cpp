// What the services keep can be read by the version before and by this one; and what could not is found.
#include "stored.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace loomline::contract {
namespace {

using namespace google::protobuf;  // NOLINT: descriptors, by name

TEST(Stored, what_landed_can_be_read_forth_and_back) {
  std::ifstream in(std::string(LOOMLINE_SOURCE_DIR) + "/tests/contract/stored.snapshot");
  std::stringstream text;
  text << in.rdbuf();
  const auto before = parse_snapshot(text.str());
  ASSERT_GT(before.size(), 200U) << "stored.snapshot is missing or cut off";
  for (const auto& change : stored_changes(before, stored(load_built(), all_services())))
    ADD_FAILURE() << change
                  << "\n  See tests/contract/README.md, \"What is stored\". Where no store can hold it any more, run: "
                  << "loomline-contracts snapshot --write";
}

class StoredMutated : public testing::Test {
 protected:
  DescriptorProto& order() {
    for (auto& file : *contracts.files.mutable_file())
      if (file.package() == "loomline.scheduling.state.v1")
        for (auto& type : *file.mutable_message_type())
          if (type.name() == "Order") return type;
    throw std::logic_error("scheduling.state.v1.Order");
  }
  std::string changes() {
    std::string all;
    for (const auto& change : stored_changes(before, stored(contracts, services))) all += change + "\n";
    return all;
  }
  void expect(const std::string& part) {
    EXPECT_NE(changes().find(part), std::string::npos) << "expected: " << part << "\nfound:\n" << changes();
  }
  std::vector<eventing::Service> services = all_services();
  Contracts contracts = load_built();
  Snapshot before = stored(contracts, services);
};

TEST_F(StoredMutated, a_field_goes_when_its_number_is_reserved) {
  const int number = order().field(0).number();
  order().mutable_field()->DeleteSubrange(0, 1);
  expect("field loomline.scheduling.state.v1.Order " + std::to_string(number) + ": was removed");
  auto& range = *order().add_reserved_range();
  range.set_start(number);
  range.set_end(number + 1);
  EXPECT_EQ(changes(), "");
  before = stored(contracts, services);
  order().clear_reserved_range();
  expect("is reserved no more");
}
TEST_F(StoredMutated, a_field_of_another_type) {
  order().mutable_field(0)->set_type(FieldDescriptorProto::TYPE_BYTES);
  expect("its type was 'string', is 'bytes'");
}
TEST_F(StoredMutated, a_field_repeated) {
  order().mutable_field(0)->set_label(FieldDescriptorProto::LABEL_REPEATED);
  expect("its label was 'single', is 'repeated'");
}
TEST_F(StoredMutated, a_message_removed) {
  order().set_name("Purchase");
  expect("message loomline.scheduling.state.v1.Order: was removed");
}
TEST_F(StoredMutated, other_names_and_new_fields_change_no_bytes) {
  order().mutable_field(0)->set_name("purchase_id");
  order().mutable_field(0)->set_json_name("purchaseId");
  auto& field = *order().add_field();
  field.set_name("note");
  field.set_number(1017);
  field.set_type(FieldDescriptorProto::TYPE_STRING);
  EXPECT_EQ(changes(), "");
}
TEST_F(StoredMutated, what_an_aggregate_keeps) {
  services.clear();
  expect("part scheduling/plant/order: was removed");
  expect("kind scheduling/plant: was removed");
  expect("timer scheduling/plant/material: was removed");
  services = all_services();
  before["part scheduling/plant/order"] = {{"type", "loomline.scheduling.state.v1.Unit"}};
  expect("part scheduling/plant/order: its type was 'loomline.scheduling.state.v1.Unit'");
}
TEST_F(StoredMutated, a_new_collection_is_a_hint_or_comes_in_two_versions) {
  before.erase("part scheduling/plant/order");
  expect("part scheduling/plant/order: is new: the version before will not work");
  before = stored(contracts, services);
  auto after = before;
  after["part scheduling/plant/+hint"] = {{"type", "loomline.scheduling.state.v1.Unit"}};
  after["part painting/shop/booth"] = {{"type", "loomline.painting.state.v1.Booth"}};
  EXPECT_TRUE(stored_changes(before, after).empty()) << "a hint, and parts of a kind that is new";
}

}  // namespace
}  // namespace loomline::contract
