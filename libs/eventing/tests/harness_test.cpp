// The in-memory harness keeps the kernel's promises to a handler. A toy service stands in: it counts what an order
// hears.
#include <gtest/gtest.h>

#include "loomline/eventing/testing.hpp"
#include "loomline/intake/v1/intake.pb.h"
#include "loomline/production/v1/production.pb.h"
#include "loomline/tracking/v1/tracking.pb.h"

namespace loomline::eventing::testing {
namespace {

using State = tracking::v1::Journey;  // any message serves as a state
using intake::v1::OrderCancelled;
using intake::v1::OrderFulfilled;
using intake::v1::OrderPlaced;
using tracking::v1::OrderProgressed;

const Time start{std::chrono::hours(24 * 365 * 50)};

Service toy() {
  Service service("tracking");
  auto orders = service.aggregate<State>("order", prefix::order);
  orders.on<OrderPlaced>([](State& state, const OrderPlaced& event, Step& step) {
    state.set_order_id(event.order_id());
    state.set_revision(state.revision() + 1);
    OrderProgressed progress;
    progress.set_order_id(event.order_id());
    progress.set_revision(state.revision());
    step.publish(progress);
    step.timer("late", step.now() + std::chrono::hours(1), event);
    step.index("open", "yes");
    return Verdict::applied();
  });
  orders.on<OrderFulfilled>([](State& state, const OrderFulfilled&, Step& step) {
    if (!step.existed()) return Verdict::not_yet("not placed");
    state.set_quantity(state.quantity() + 10);
    step.cancel_timer("late");
    step.index("open", "");
    return Verdict::applied();
  });
  orders.on<OrderCancelled>([](State& state, const OrderCancelled&, Step& step) {
    if (!step.existed()) return Verdict::not_yet("not placed");
    state.set_quantity(state.quantity() * 2);
    return Verdict::applied();
  });
  orders.timer<OrderPlaced>("late", [](State& state, const OrderPlaced&, Step&) {
    state.set_late(true);
    return Verdict::applied();
  });
  orders.command<intake::v1::CancelOrderRequest, intake::v1::CancelOrderResponse>(
      "toy.Cancel", [](const auto& request, const Cause&) -> Result<std::string> { return request.order_id(); },
      [](State& state, const auto& request, Step& step) -> Result<intake::v1::CancelOrderResponse> {
        state.set_revision(state.revision() + 100);
        if (!step.existed()) return not_found("ORDER_UNKNOWN", "There is no such order: " + request.order_id());
        return intake::v1::CancelOrderResponse();
      });
  return service;
}

template <class Event>
Event about(const std::string& order_id) {
  Event event;
  event.set_order_id(order_id);
  return event;
}

State state_of(Harness& harness) {
  State state;
  auto found = harness.get("main", "order", "ord_1", state);
  EXPECT_TRUE(found.ok() && *found);
  return state;
}

TEST(Harness, AppliesAnEventOnceAndPublishes) {
  Harness harness(toy(), start);
  EXPECT_EQ(harness.deliver(about<OrderPlaced>("ord_1"), "intake", "e1").kind(), Verdict::Kind::applied);
  EXPECT_EQ(harness.deliver(about<OrderPlaced>("ord_1"), "intake", "e1").kind(), Verdict::Kind::ignored);
  EXPECT_EQ(state_of(harness).revision(), 1U);
  ASSERT_EQ(harness.published().size(), 1U);
  EXPECT_EQ(harness.take().size(), 1U);
  EXPECT_TRUE(harness.published().empty());
}

TEST(Harness, WhatWaitsQueuesInOrderAndIsOfferedAgain) {
  Harness harness(toy(), start);
  EXPECT_EQ(harness.deliver(about<OrderFulfilled>("ord_1"), "intake").kind(), Verdict::Kind::not_yet);
  EXPECT_EQ(harness.deliver(about<OrderCancelled>("ord_1"), "intake").kind(), Verdict::Kind::not_yet);
  EXPECT_EQ(harness.waiting(), 2U);
  harness.deliver(about<OrderPlaced>("ord_1"), "other");
  EXPECT_EQ(harness.waiting(), 0U);
  EXPECT_EQ(state_of(harness).quantity(), 20);  // (0 + 10) * 2: in the order of their arrival
}

TEST(Harness, TimersFireOnTheBusinessClockUnlessCancelled) {
  Harness harness(toy(), start);
  harness.deliver(about<OrderPlaced>("ord_1"));
  harness.advance_to(start + std::chrono::minutes(59));
  EXPECT_FALSE(state_of(harness).late());
  harness.advance_to(start + std::chrono::hours(1));
  EXPECT_TRUE(state_of(harness).late());

  Harness other(toy(), start);
  other.deliver(about<OrderPlaced>("ord_1"));
  other.deliver(about<OrderFulfilled>("ord_1"));
  other.advance_to(start + std::chrono::hours(2));
  EXPECT_FALSE(state_of(other).late());
}

TEST(Harness, ACommandThatFailsLeavesNothingAndARetryGetsTheSameAnswer) {
  Harness harness(toy(), start);
  intake::v1::CancelOrderRequest request;
  request.set_order_id("ord_1");
  Executor::Options options;
  options.idempotency_key = "k";
  EXPECT_EQ(harness.execute<intake::v1::CancelOrderResponse>("toy.Cancel", request, options).status().code(),
            Code::not_found);
  State none;
  EXPECT_FALSE(*harness.get("main", "order", "ord_1", none));

  harness.deliver(about<OrderPlaced>("ord_1"));
  for (int i = 0; i < 2; ++i)
    EXPECT_TRUE(harness.execute<intake::v1::CancelOrderResponse>("toy.Cancel", request, options).ok());
  EXPECT_EQ(state_of(harness).revision(), 101U);
  request.set_reason("OTHER");
  EXPECT_EQ(harness.execute<intake::v1::CancelOrderResponse>("toy.Cancel", request, options).status().reason(),
            "IDEMPOTENCY_KEY_REUSED");
}

TEST(Harness, FindsByIndex) {
  Harness harness(toy(), start);
  for (const char* id : {"ord_1", "ord_2", "ord_3"}) harness.deliver(about<OrderPlaced>(id));
  harness.deliver(about<OrderFulfilled>("ord_2"));
  auto found = harness.find("main", "order", "open", "yes", "", 10, false);
  ASSERT_EQ(found->size(), 2U);
  EXPECT_EQ((*found)[1].key, "ord_3");
  found = harness.find("main", "order", "open", "yes", "ord_3", 10, true);
  ASSERT_EQ(found->size(), 1U);
  EXPECT_EQ((*found)[0].key, "ord_1");
}

TEST(Harness, RefusesToPublishWhatTheServiceDoesNotOwn) {
  Service service("tracking");
  service.aggregate<State>("order", prefix::order).on<OrderPlaced>([](State&, const OrderPlaced& event, Step& step) {
    step.publish(event);
    return Verdict::applied();
  });
  Harness harness(std::move(service), start);
  EXPECT_THROW(harness.deliver(about<OrderPlaced>("ord_1")), std::logic_error);
}

}  // namespace
}  // namespace loomline::eventing::testing
