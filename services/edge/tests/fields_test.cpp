#include "api/fields.hpp"

#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>
#include <loomline/intake/v1/intake.pb.h>
#include <loomline/production/v1/production.pb.h>
#include <loomline/tracking/v1/tracking.pb.h>

#include "api/contracts.hpp"
#include "api/transcode.hpp"
#include "loomline/wire/read_json.hpp"

namespace loomline::edge {
namespace {

TEST(SetField, SetsWhatTheQueryNames) {
  tracking::v1::ListJourneysRequest request;
  Status status;
  set_field(request, "late", "true", status);
  set_field(request, "status", "ACTIVE", status);
  set_field(request, "page.page_size", "20", status);
  set_field(request, "page.pageToken", "x y", status);
  ASSERT_TRUE(status.ok()) << status.to_string();
  EXPECT_TRUE(request.late());
  EXPECT_EQ(request.status(), tracking::v1::JOURNEY_STATUS_ACTIVE);
  EXPECT_EQ(request.page().page_size(), 20U);
  EXPECT_EQ(request.page().page_token(), "x y");
  production::v1::ListWorkOrdersRequest list;
  set_field(list, "states", "WORK_ORDER_STATE_OFFERED", status);
  set_field(list, "states", "running", status);
  EXPECT_EQ(list.states_size(), 1);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.violations().at(0).field, "states");
}

TEST(SetField, NamesFieldProblemAndRemedy) {
  for (const auto& [path, text] : std::vector<std::pair<const char*, const char*>>{{"nothing", "1"},
                                                                                   {"late", "yes"},
                                                                                   {"page", "1"},
                                                                                   {"page.page_size", "-1"},
                                                                                   {"page.page_size", "1.5"},
                                                                                   {"page.page_size", "99999999999"},
                                                                                   {"status", "LATE"},
                                                                                   {"page.nothing", "1"},
                                                                                   {"late.more", "1"}}) {
    tracking::v1::ListJourneysRequest request;
    Status status;
    set_field(request, path, text, status);
    ASSERT_EQ(status.code(), Code::invalid_argument) << path;
    EXPECT_EQ(status.violations().at(0).field, path);
    EXPECT_FALSE(status.violations().at(0).remedy.empty());
  }
}

Status checked(std::string_view json) {
  intake::v1::CaptureRequirementRequest request;
  return wire::read_json(json, request);
}

// What the library reads is the same, where it can read it.
TEST(ReadJson, FillsAsTheLibraryDoes) {
  const std::string json =
      R"({"channel":"CHANNEL_WEB","wishes":[{"model_id":"mdl_a","quantity":"3"},{"modelId":"b","quantity":4}],
      "wanted_at":"2026-11-22T00:00:00.123456+01:00","budget":null,
      "parties":[{"role":1,"details":{"name":"中\u0041"}}]})";
  intake::v1::CaptureRequirementRequest own, library;
  ASSERT_TRUE(wire::read_json(json, own).ok());
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(json, &library).ok());
  EXPECT_EQ(own.DebugString(), library.DebugString());
  EXPECT_EQ(own.wishes_size(), 2);
}

TEST(ReadJson, WhatStandsThereTwiceIsNamed) {
  const auto twice = checked(R"({"wishes":[{"model_id":"a","modelId":"b"}]})");
  ASSERT_EQ(twice.violations().size(), 1U);
  EXPECT_EQ(twice.violations().at(0).field, "wishes[0].modelId");
  EXPECT_EQ(twice.violations().at(0).problem, "stands there twice");
}

void expect_plain(const google::protobuf::Descriptor& type, std::set<const google::protobuf::Descriptor*>& seen) {
  if (!seen.insert(&type).second) return;
  for (int i = 0; i < type.field_count(); ++i) {
    const auto& field = *type.field(i);
    EXPECT_NE(field.type(), google::protobuf::FieldDescriptor::TYPE_BYTES) << field.full_name();
    EXPECT_NE(field.cpp_type(), google::protobuf::FieldDescriptor::CPPTYPE_DOUBLE) << field.full_name();
    EXPECT_NE(field.cpp_type(), google::protobuf::FieldDescriptor::CPPTYPE_FLOAT) << field.full_name();
    EXPECT_FALSE(field.is_map()) << field.full_name();
    if (field.message_type() == nullptr || field.message_type()->full_name() == "google.protobuf.Timestamp") continue;
    EXPECT_NE(field.message_type()->file()->package(), "google.protobuf") << field.full_name();
    expect_plain(*field.message_type(), seen);
  }
}
TEST(ReadJson, EveryPublicMessageIsMadeOfWhatItReads) {
  std::set<const google::protobuf::Descriptor*> seen;
  for (const auto& route : api_routes()) {
    expect_plain(*route.method->input_type(), seen);
    expect_plain(*route.method->output_type(), seen);
  }
  EXPECT_GT(seen.size(), 40U);
}

TEST(ReadJson, AFieldWithAnEmptyNameIsNamedToo) {
  EXPECT_EQ(checked(R"({"":1})").violations().at(0).field, "\"\"");
  EXPECT_EQ(checked(R"({"wishes":[{"":1}]})").violations().at(0).field, "wishes[0].\"\"");
  intake::v1::CaptureRequirementRequest request;
  Status status;
  set_field(request, "", "1", status);
  EXPECT_EQ(status.violations().at(0).field, "\"\"");
}

// Each kind of value in each field of a request: read, or refused with its place, the problem and the remedy.
void expect_clear(const google::protobuf::Descriptor& request, const google::protobuf::Descriptor& at,
                  const std::string& before, const std::string& after) {
  static constexpr int kDeepest = 80;
  for (int i = 0; i < at.field_count() && before.size() < kDeepest; ++i) {
    const auto& field = *at.field(i);
    const std::string head = before + "{\"" + field.name() + "\":" + (field.is_repeated() ? "[" : "");
    const std::string tail = (field.is_repeated() ? "]}" : "}") + after;
    for (const char* value : {"null", "true", "1", "-1", "1.5", "1e300", "18446744073709551615", "\"\"", "\"x\"", "[]",
                              "{}", "[[]]", "[{}]", "{\"x\":1}"}) {
      const auto message = make_message(request);
      const auto status = wire::read_json(head + value + tail, *message);
      for (const auto& violation : status.violations())
        EXPECT_FALSE(violation.field.empty() || violation.problem.empty() || violation.remedy.empty()) << head << value;
      EXPECT_EQ(status.ok(), status.violations().empty()) << head << value << tail;
    }
    if (field.message_type() != nullptr) expect_clear(request, *field.message_type(), head, tail);
  }
}
TEST(ReadJson, AValueOfAnotherKindIsNamedAndNeverThrows) {
  for (const auto& route : api_routes()) expect_clear(*route.method->input_type(), *route.method->input_type(), "", "");
  const auto status = checked(R"({"wanted_at":{}})");
  ASSERT_EQ(status.violations().size(), 1U);
  EXPECT_EQ(status.violations().at(0).field, "wanted_at");
  EXPECT_EQ(status.violations().at(0).problem, "is not a time");
}

TEST(ReadJson, AcceptsBothNamesNullsAndNumbersAsText) {
  EXPECT_TRUE(
      checked(R"({"channel":"CHANNEL_WEB","wishes":[{"model_id":"mdl_a","quantity":"3"},{"modelId":"b","quantity":4}],
      "wanted_at":"2026-11-22T00:00:00Z","budget":null,"parties":[{"role":1,"details":{"name":"中"}}]})")
          .ok());
}

TEST(ReadJson, NamesEachFieldByItsPath) {
  const auto status =
      checked(R"({"chanel":"x","wishes":[{"quantity":"many"},{"model_id":3,"choices":{}}],"wanted_at":"tomorrow",
      "channel":"CARRIER_PIGEON","text":["a"],"parties":[{"details":"Li"}]})");
  ASSERT_EQ(status.code(), Code::invalid_argument);
  std::set<std::string> fields;
  for (const auto& violation : status.violations()) fields.insert(violation.field);
  EXPECT_EQ(fields, (std::set<std::string>{"chanel", "wishes[0].quantity", "wishes[1].model_id", "wishes[1].choices",
                                           "wanted_at", "channel", "text", "parties[0].details"}));
  EXPECT_NE(status.violations().at(0).remedy.find("channel"), std::string::npos);
  EXPECT_FALSE(checked("[]").ok());
  EXPECT_FALSE(checked("\"x\"").ok());
}

// An answer may come from a server that knows more.
TEST(ReadJson, PassesOverWhatANewerServerSays) {
  const std::string json =
      R"({"channel":"CHANNEL_HOLOGRAM","mood":{"a":[1]},"wishes":[{"model_id":"a","aura":"blue","quantity":2}]})";
  intake::v1::CaptureRequirementRequest message;
  const auto status = wire::read_json(json, message, wire::Unknown::ignore);
  ASSERT_TRUE(status.ok()) << status.to_string();
  EXPECT_EQ(message.channel(), intake::v1::CHANNEL_UNSPECIFIED);
  EXPECT_EQ(message.wishes(0).model_id(), "a");
  EXPECT_EQ(message.wishes(0).quantity(), 2U);
  EXPECT_EQ(checked(json).violations().size(), 3U);
  EXPECT_FALSE(wire::read_json(R"({"wishes":[{"quantity":"many"}]})", message, wire::Unknown::ignore).ok());
}

TEST(ReadJson, BoundsWhatItReports) {
  std::string many = "{";
  for (int i = 0; i < 500; ++i) many += (i ? "," : "") + ("\"f" + std::to_string(i) + "\":1");
  EXPECT_LE(checked(many + "}").violations().size(), 20U);
}

TEST(ToJson, IsSnakeCaseWithDefaults) {
  tracking::v1::StageCount count;
  count.set_orders(5);
  const std::string json = to_json(count);
  EXPECT_NE(json.find("\"orders\":\"5\""), std::string::npos) << json;
  EXPECT_NE(json.find("\"milestone\":\"MILESTONE_UNSPECIFIED\""), std::string::npos) << json;
}

}  // namespace
}  // namespace loomline::edge
