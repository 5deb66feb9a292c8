// The sample of docs/guides/add-a-stage.md, run: said by one service, heard by another and by tracking, and shown.
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "loomline/base/id.hpp"
#include "loomline/common/v1/topics.pb.h"
#include "loomline/eventing/runtime.hpp"
#include "loomline/eventing/testing.hpp"
#include "loomline/intake/v1/events.pb.h"
#include "loomline/quality/v1/quality.pb.h"
#include "loomline/scheduling/v1/events.pb.h"
#include "loomline/tracking/service.hpp"
#include "loomline/tracking/state/v1/state.pb.h"
#include "loomline/tracking/v1/shown.pb.h"
#include "loomline/wire/convert.hpp"
#include "paint_shop.hpp"
#include "unit_painted.pb.h"

namespace loomline::guide {
namespace {

constexpr Time start{std::chrono::seconds(1'772'438'400)};

// The build does it for the contracts: the topic that an event names carries it.
void declare(const google::protobuf::Descriptor& event) {
  auto catalog = eventing::topic_catalog();
  for (auto& topic : *catalog.mutable_topic())
    if (topic.name() == event.options().GetExtension(common::v1::topic)) topic.add_event(event.full_name());
  std::string text;
  google::protobuf::TextFormat::PrintToString(catalog, &text);
  eventing::testing::use_catalog(text);
}

eventing::Service service(const char* name, void (*hear)(eventing::Aggregate<google::protobuf::Int64Value>&)) {
  eventing::Service made(name);
  auto orders = made.aggregate<google::protobuf::Int64Value>("order", prefix::order);
  hear(orders);
  return made;
}

class AddAStage : public testing::Test {
 protected:
  static void SetUpTestSuite() { declare(*v1::UnitPainted::descriptor()); }
  void SetUp() override {
    intake::v1::OrderPlaced placed;
    placed.set_order_id("ord_1");
    auto& line = *placed.add_lines();
    line.set_line_id("lin_1");
    line.set_quantity(1);
    tracking.deliver(placed, "intake");
    scheduling::v1::LineScheduled scheduled;
    scheduled.set_order_id("ord_1");
    scheduled.set_line_id("lin_1");
    scheduled.add_unit_ids("unt_1");
    tracking.deliver(scheduled, "scheduling");
  }
  void paint() {
    quality::v1::InspectionPassed passed;
    passed.set_order_id("ord_1");
    passed.mutable_inspection()->set_line_id("lin_1");
    passed.mutable_inspection()->set_unit_id("unt_1");
    passed.mutable_inspection()->set_op_id("op_paint");
    *passed.mutable_occurred_at() = wire::to_timestamp(start + std::chrono::hours(3));
    paint_shop.deliver(passed, "quality");
    eventing::testing::settle({&paint_shop, &gloss_check, &tracking});
  }
  eventing::testing::Harness paint_shop{service("scheduling", hear_as_paint_shop), start};
  eventing::testing::Harness gloss_check{service("quality", hear_as_gloss_check), start};
  eventing::testing::Harness tracking{tracking::make_service(), start};
};

TEST_F(AddAStage, tracking_shows_the_event_as_its_contract_declares) {
  paint();
  const auto said = tracking.take();
  ASSERT_FALSE(said.empty());
  const auto& progress = static_cast<const tracking::v1::OrderProgressed&>(*said.at(2));
  EXPECT_EQ(progress.entry().code(), "unit_painted");
  EXPECT_EQ(progress.entry().unit_id(), "unt_1");
  EXPECT_EQ(wire::to_time(progress.entry().occurred_at()), start + std::chrono::hours(3));
  EXPECT_EQ(progress.milestone(), production::v1::MILESTONE_IN_PRODUCTION);
}

TEST_F(AddAStage, another_service_acts_on_it) {
  paint();
  const auto said = gloss_check.take();
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(static_cast<const quality::v1::InspectionRequested&>(*said[0]).inspection().op_id(), "op_gloss");
}

TEST_F(AddAStage, its_words_are_there_in_both_languages) {
  std::ifstream file(std::string(LOOMLINE_SOURCE_DIR) + "/tests/guides/add_a_stage/messages.json");
  const auto words = nlohmann::json::parse(file);
  const auto key = "entry." + v1::UnitPainted::descriptor()->options().GetExtension(tracking::v1::shown).entry();
  for (const char* language : {"en", "zh"}) EXPECT_FALSE(words.at(key).at(language).get<std::string>().empty());
}

}  // namespace
}  // namespace loomline::guide
