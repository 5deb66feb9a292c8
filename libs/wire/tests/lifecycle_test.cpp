#include "loomline/wire/lifecycle.hpp"

#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

namespace loomline::wire {
namespace {

// An enum of protobuf's own, so that no contract is needed: CARDINALITY is as good as any state.
using google::protobuf::FieldDescriptorProto;
using Label = FieldDescriptorProto::Label;
constexpr auto optional = FieldDescriptorProto::LABEL_OPTIONAL;
constexpr auto required = FieldDescriptorProto::LABEL_REQUIRED;
constexpr auto repeated = FieldDescriptorProto::LABEL_REPEATED;

constexpr auto life = lifecycle<Label>({
    {optional, required, "asked"},
    {required, repeated, "asked"},
    {required, optional, "withdrawn"},
});
static_assert(may_follow(life, optional, required));
static_assert(!may_follow(life, optional, repeated));
static_assert(next(life, required, "withdrawn") == optional);
static_assert(!next(life, repeated, "asked"));
static_assert(each_cause_once(life));
static_assert(!each_cause_once(lifecycle<Label>({{optional, required, "asked"}, {optional, repeated, "asked"}})));

TEST(Lifecycle, a_step_of_the_table_is_taken) { EXPECT_EQ(moved(life, optional, required, "a field"), required); }

TEST(Lifecycle, any_other_step_is_a_broken_invariant_that_names_both_ends) {
  try {
    moved(life, repeated, optional, "field 7");
    FAIL() << "was taken";
  } catch (const std::logic_error& error) {
    EXPECT_STREQ(error.what(), "field 7 cannot go from LABEL_REPEATED to LABEL_OPTIONAL");
  }
}

// Of a proto3 enum the prefix of its zero value goes.
const google::protobuf::EnumDescriptor& build(google::protobuf::DescriptorPool& pool) {
  google::protobuf::FileDescriptorProto file;
  file.set_name("stage.proto");
  file.set_syntax("proto3");
  auto& type = *file.add_enum_type();
  type.set_name("PaintStage");
  int number = 0;
  for (const char* name : {"PAINT_STAGE_UNSPECIFIED", "PAINT_STAGE_PRIMED", "DRY"}) {
    auto& value = *type.add_value();
    value.set_name(name);
    value.set_number(number++);
  }
  return *pool.BuildFile(file)->enum_type(0);
}

TEST(EnumName, is_short_and_gives_digits_for_what_is_not_known) {
  google::protobuf::DescriptorPool pool;
  const auto& type = build(pool);
  EXPECT_EQ(short_name(type, 0), "UNSPECIFIED");
  EXPECT_EQ(short_name(type, 1), "PRIMED");
  EXPECT_EQ(short_name(type, 2), "DRY");
  EXPECT_EQ(short_name(type, 9), "9");
}

}  // namespace
}  // namespace loomline::wire
