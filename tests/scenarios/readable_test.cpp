#include "readable.hpp"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "loomline/configuration/v1/product.pb.h"
#include "loomline/intake/v1/intake.pb.h"
#include "loomline/production/v1/production.pb.h"
#include "loomline/scheduling/v1/events.pb.h"

namespace loomline::scenarios {
namespace {

template <class Message>
Message read(const std::string& text) {
  Message message;
  const auto form = to_text_form(*Message::descriptor(), text);
  EXPECT_TRUE(form.ok()) << form.status().to_string();
  const auto protobuf = form.ok() ? *form : std::string();
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(protobuf, &message)) << protobuf;
  return message;
}
template <class Message>
std::string refusal(const std::string& text) {
  return to_text_form(*Message::descriptor(), text).status().message();
}

TEST(Readable, times_are_rfc_3339) {
  const auto event = read<scheduling::v1::MaterialReady>(R"(line_id: "lin_1" occurred_at: "2026-03-02T08:00:00.5Z")");
  EXPECT_EQ(event.occurred_at().seconds(), 1'772'438'400);
  EXPECT_EQ(event.occurred_at().nanos(), 500'000'000);
  const auto promise = read<scheduling::v1::Promise>(R"(window: "2026-03-02T08:00:00Z/2026-03-02T08:00:01Z")");
  EXPECT_EQ(promise.window().latest().seconds() - promise.window().earliest().seconds(), 1);
  EXPECT_EQ(refusal<scheduling::v1::MaterialReady>(R"(occurred_at: "tomorrow")"),
            "loomline.scheduling.v1.MaterialReady.occurred_at is \"tomorrow\"; write a time such as "
            "\"2026-03-02T08:00:00Z\"");
}

TEST(Readable, quantities_money_and_texts_are_one_word) {
  const auto item = read<production::v1::BomItem>(R"(quantity: "-12.50 KGM" name: "Tube | 管")");
  EXPECT_EQ(item.quantity().ShortDebugString(), "value: -1250 scale: 2 unit: \"KGM\"");
  EXPECT_EQ(read<production::v1::BomItem>(R"(quantity: "0.08 MTR")").quantity().value(), 8);
  EXPECT_EQ(read<production::v1::BomItem>(R"(quantity: "0.00 MTR")").quantity().value(), 0);
  EXPECT_EQ(item.name().en(), "Tube");
  EXPECT_EQ(item.name().zh(), "管");
  EXPECT_EQ(read<intake::v1::Order>(R"(budget: "841.90 EUR")").budget().minor_units(), 84190);
  EXPECT_NE(refusal<intake::v1::Order>(R"(budget: "841.9 EUR")").find("two decimal places"), std::string::npos);
}

TEST(Readable, enums_are_names_and_never_numbers) {
  EXPECT_EQ(read<production::v1::Operation>("milestone: PACKED").milestone(), production::v1::MILESTONE_PACKED);
  EXPECT_EQ(read<production::v1::Operation>("milestone: MILESTONE_PACKED").milestone(),
            production::v1::MILESTONE_PACKED);
  EXPECT_NE(refusal<production::v1::Operation>("milestone: 7").find("is 7; write one of UNSPECIFIED, RECEIVED"),
            std::string::npos);
}

TEST(Readable, also_where_the_contract_keeps_them_in_a_number) {
  using scheduling::v1::OperationProgressed;
  EXPECT_EQ(read<OperationProgressed>("state: ENDED attempt: 2").state(), production::v1::OPERATION_STATE_ENDED);
  EXPECT_NE(refusal<OperationProgressed>("state: 5").find("OperationProgressed.state is 5"), std::string::npos);
}

TEST(Readable, lists_and_nested_messages_are_read_through) {
  const auto event = read<scheduling::v1::OperationProgressed>(
      R"(unit_ids: ["unt_1", "unt_" "2"] characteristics {characteristic_id: "chr" nominal: "2.0 C16"} characteristics {})");
  ASSERT_EQ(event.unit_ids_size(), 2);
  EXPECT_EQ(event.unit_ids(1), "unt_2") << "texts one after the other are one";
  ASSERT_EQ(event.characteristics_size(), 2);
  EXPECT_EQ(event.characteristics(0).nominal().value(), 20);
  EXPECT_EQ(refusal<scheduling::v1::OperationProgressed>("colour: RED"),
            "loomline.scheduling.v1.OperationProgressed has no field colour");
}

}  // namespace
}  // namespace loomline::scenarios
