// The table of transitions and the topic catalogue tell the same story.
#include "loomline/intake/lives.hpp"

#include <gtest/gtest.h>

#include <set>

#include "domain/order_facts.hpp"
#include "loomline/common/v1/topics.pb.h"
#include "loomline/eventing/runtime.hpp"

namespace loomline::intake::domain {
namespace {

TEST(OrderLife, names_exactly_the_events_of_its_topic) {
  std::set<std::string> in_table, in_catalogue;
  for (const auto& transition : order_life) in_table.insert("loomline.intake.v1." + std::string(transition.on));
  for (const auto& topic : eventing::topic_catalog().topic())
    if (topic.name() == "loomline.intake.order") in_catalogue.insert(topic.event().begin(), topic.event().end());
  EXPECT_EQ(in_table, in_catalogue);
}

TEST(OrderLife, every_state_is_reached_and_ends_are_ends) {
  std::set<v1::OrderState> reached{v1::ORDER_STATE_UNSPECIFIED};
  for (std::size_t round = 0; round < order_life.size(); ++round)
    for (const auto& transition : order_life)
      if (reached.contains(transition.from)) reached.insert(transition.to);
  EXPECT_EQ(reached.size(), static_cast<std::size_t>(v1::OrderState_ARRAYSIZE));
  for (const auto& transition : order_life) {
    EXPECT_NE(transition.from, v1::ORDER_STATE_CANCELLED);
    if (transition.from == v1::ORDER_STATE_FULFILLED) {
      EXPECT_EQ(transition.to, v1::ORDER_STATE_FULFILLED);
    }
  }
}

TEST(OrderLife, anything_else_is_refused_with_a_reason) {
  EXPECT_FALSE(wire::next(order_life, v1::ORDER_STATE_CAPTURED, "OrderPlaced"));
  EXPECT_FALSE(wire::next(order_life, v1::ORDER_STATE_CONFIRMED, "OrderPlaced"));
  EXPECT_FALSE(wire::next(order_life, v1::ORDER_STATE_PLACED, "QuoteIssued"));
  OrderRecord order;
  order.set_state(v1::ORDER_STATE_CANCELLED);
  eventing::Step step({}, true);
  v1::OrderPlaced event;
  event.set_order_id("ord_1");
  const auto status = say(order, event, step);
  EXPECT_EQ(status.code(), Code::failed_precondition);
  EXPECT_EQ(status.message(), "The order is CANCELLED; OrderPlaced cannot follow.");
  EXPECT_TRUE(step.published().empty());
}

}  // namespace
}  // namespace loomline::intake::domain
