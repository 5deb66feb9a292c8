#include "loomline/factory/edge_client.hpp"

#include <gtest/gtest.h>
#include <loomline/intake/v1/intake.pb.h>
#include <loomline/production/v1/production.pb.h>
#include <loomline/tracking/v1/tracking.pb.h>

namespace loomline::factory {
namespace {

TEST(Travel, PostKeepsPathFieldsOutOfTheBody) {
  intake::v1::PlaceOrderRequest request;
  request.set_order_id("ord_1/2");
  request.set_quote_id("quo_9");
  const auto travel = travel_of("loomline.intake.v1.IntakeService.PlaceOrder", request);
  ASSERT_TRUE(travel.ok()) << travel.status().to_string();
  EXPECT_EQ(travel->verb, "POST");
  EXPECT_EQ(travel->target, "/v1/orders/ord_1%2F2/place");
  EXPECT_EQ(travel->body, R"({"quoteId":"quo_9"})");
}

TEST(Travel, GetPutsTheRestIntoTheQuery) {
  production::v1::ListWorkOrdersRequest request;
  request.set_plant_id("plt_a");
  request.add_states(production::v1::WORK_ORDER_STATE_OFFERED);
  request.add_states(production::v1::WORK_ORDER_STATE_RUNNING);
  request.set_after("wo_1");
  const auto travel = travel_of("loomline.production.v1.ProductionService.ListWorkOrders", request);
  ASSERT_TRUE(travel.ok());
  EXPECT_EQ(travel->target,
            "/v1/plants/plt_a/work-orders?states=WORK_ORDER_STATE_OFFERED&states=WORK_ORDER_STATE_RUNNING&after=wo_1");
}

TEST(Travel, NestedFieldsAreDotted) {
  tracking::v1::ListJourneysRequest request;
  request.set_late(true);
  request.mutable_page()->set_page_size(100);
  const auto travel = travel_of("loomline.tracking.v1.TrackingService.ListJourneys", request);
  ASSERT_TRUE(travel.ok());
  EXPECT_EQ(travel->target, "/v1/journeys?late=true&page.page_size=100");
}

TEST(Travel, SaysWhatIsMissing) {
  const auto empty = travel_of("loomline.intake.v1.IntakeService.PlaceOrder", intake::v1::PlaceOrderRequest());
  ASSERT_FALSE(empty.ok());
  EXPECT_EQ(empty.status().violations().at(0).field, "order_id");
  EXPECT_FALSE(travel_of("loomline.intake.v1.IntakeService.StoreText", intake::v1::StoreTextRequest()).ok());
}

TEST(EdgeClient, NobodyListening) {
  EdgeClient client("http://127.0.0.1:1", "");
  intake::v1::PlaceOrderRequest request;
  request.set_order_id("ord_1");
  const auto answer =
      client.call<intake::v1::PlaceOrderResponse>("loomline.intake.v1.IntakeService.PlaceOrder", request);
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.status().code(), Code::unavailable);
}

}  // namespace
}  // namespace loomline::factory
