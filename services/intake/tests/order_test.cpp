// An order's commercial life, as the floor would tell it: the production Service under the in-memory harness.
#include "domain/order.hpp"

#include <gtest/gtest.h>

#include "domain/quote.hpp"
#include "domain/requirement.hpp"
#include "loomline/base/id.hpp"
#include "loomline/eventing/testing.hpp"
#include "loomline/intake/service.hpp"
#include "loomline/scheduling/v1/events.pb.h"
#include "loomline/wire/convert.hpp"

namespace loomline::intake {
namespace {

using eventing::testing::Harness;
const Time start = parse_rfc3339("2026-03-02T08:00:00Z").value();

class OrderTest : public testing::Test {
 protected:
  template <class Response, class Request>
  Result<Response> run(std::string_view method, const Request& request, const std::string& key = {}) {
    eventing::Executor::Options options;
    options.idempotency_key = key;
    return harness.execute<Response>(method, request, options);
  }

  // The short names of what was said since the last time.
  std::string said() {
    std::string names;
    for (const auto& event : harness.take()) {
      names += (names.empty() ? "" : " ") + event->GetDescriptor()->name();
      last = event;
    }
    return names;
  }

  static state::v1::CaptureCommand wish(int pieces = 2) {
    state::v1::CaptureCommand command;
    command.set_channel(v1::CHANNEL_WEB);
    auto& party = *command.add_parties();
    party.set_role(common::v1::PARTY_ROLE_SHIP_TO);
    party.set_subject_id("sub_1");
    party.set_subject_version(1);
    party.set_country("DE");
    party.set_zone("Europe/Berlin");
    auto& wanted = *command.add_wishes();
    wanted.set_model_id("mdl_pc");
    wanted.set_quantity(pieces);
    return command;
  }

  std::string captured(const state::v1::CaptureCommand& command) {
    auto response = run<v1::CaptureRequirementResponse>(domain::capture_command, command);
    EXPECT_TRUE(response.ok()) << response.status().to_string();
    return response->order_id();
  }

  Result<v1::QuoteResponse> quote(const std::string& order, int pieces = 2, std::uint32_t revision = 1) {
    state::v1::RecordQuoteCommand command;
    command.set_order_id(order);
    command.set_requirement_revision(revision);
    auto& answer = *command.mutable_answer();
    answer.set_answer(configuration::v1::ANSWER_BUILDABLE);
    auto& line = *answer.add_lines();
    line.set_line_id("lin_1");
    line.set_quantity(pieces);
    *line.mutable_promise()->mutable_window()->mutable_latest() = wire::to_timestamp(start + std::chrono::days(20));
    answer.mutable_total_net()->set_minor_units(100'001);
    answer.mutable_total_net()->set_currency("EUR");
    return run<v1::QuoteResponse>(domain::record_quote_command, command);
  }

  Result<v1::PlaceOrderResponse> place(const std::string& order, const std::string& quote_id) {
    v1::PlaceOrderRequest request;
    request.set_order_id(order);
    request.set_quote_id(quote_id);
    return run<v1::PlaceOrderResponse>("loomline.intake.v1.IntakeService.PlaceOrder", request);
  }

  Result<v1::CancelOrderResponse> cancel(const std::string& order) {
    v1::CancelOrderRequest request;
    request.set_order_id(order);
    request.set_reason("CUSTOMER_CHANGED_MIND");
    return run<v1::CancelOrderResponse>("loomline.intake.v1.IntakeService.CancelOrder", request);
  }

  Result<v1::AnswerConfirmationResponse> answer(const state::v1::AnswerCommand& command) {
    return run<v1::AnswerConfirmationResponse>(domain::answer_command, command);
  }

  std::string placed(int pieces = 2) {
    const auto order = captured(wish(pieces));
    EXPECT_TRUE(place(order, quote(order, pieces)->quote_id()).ok());
    said();
    return order;
  }

  void deliver(const std::string& order, const std::string& shipment, int pieces) {
    scheduling::v1::ShipmentDelivered event;
    event.set_order_id(order);
    event.set_shipment_id(shipment);
    for (int i = 0; i < pieces; ++i) event.add_unit_ids("unt_" + shipment + std::to_string(i));
    *event.mutable_occurred_at() = wire::to_timestamp(start + std::chrono::days(3));
    harness.deliver(event, "scheduling");
  }

  state::v1::OrderRecord record(const std::string& order) {
    state::v1::OrderRecord state;
    EXPECT_TRUE(harness.get("main", "order", order, state).value());
    return state;
  }

  Harness harness{make_service(), start};
  std::shared_ptr<const google::protobuf::Message> last;
};

TEST_F(OrderTest, FromWishToFulfilment) {
  const auto order = captured(wish());
  EXPECT_TRUE(is_id(prefix::order, order));
  EXPECT_EQ(said(), "RequirementCaptured RequirementConfirmed");
  const auto answer = quote(order);
  ASSERT_TRUE(answer.ok()) << answer.status().to_string();
  EXPECT_EQ(wire::to_time(answer->valid_until()), start + std::chrono::days(14));
  EXPECT_EQ(said(), "QuoteIssued");
  const auto response = place(order, answer->quote_id());
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->line_ids(0), "lin_1");
  EXPECT_EQ(said(), "OrderPlaced");
  const auto& event = dynamic_cast<const v1::OrderPlaced&>(*last);
  EXPECT_EQ(event.country(), "DE");
  EXPECT_EQ(event.zone(), "Europe/Berlin");
  EXPECT_EQ(event.total_net().minor_units(), 100'001);
  deliver(order, "shp_1", 1);
  EXPECT_EQ(said(), "");
  deliver(order, "shp_1", 1);  // told twice
  EXPECT_EQ(said(), "");
  deliver(order, "shp_2", 1);
  EXPECT_EQ(said(), "OrderFulfilled");
  EXPECT_EQ(record(order).state(), v1::ORDER_STATE_FULFILLED);
  EXPECT_EQ(cancel(order).status().reason(), "ORDER_STATE");
}

TEST_F(OrderTest, AsksWhatIsMissingUntilNothingIsOpen) {
  state::v1::CaptureCommand command;
  command.set_channel(v1::CHANNEL_EMAIL);
  const auto order = captured(command);
  EXPECT_EQ(said(), "RequirementCaptured ConfirmationAsked");
  EXPECT_EQ(quote(order).status().reason(), "QUESTIONS_OPEN");
  EXPECT_EQ(quote(order).status().violations().size(), 2U);

  v1::AskConfirmationRequest ask;
  ask.set_order_id(order);
  ask.add_questions()->mutable_text()->set_en("Which voltage?");
  const auto asked = run<v1::AskConfirmationResponse>("loomline.intake.v1.IntakeService.AskConfirmation", ask);
  ASSERT_TRUE(asked.ok());
  EXPECT_EQ(asked->round(), 2U);
  ASSERT_EQ(asked->open_questions_size(), 3);
  EXPECT_EQ(asked->open_questions(2).question_id(), "q1");
  EXPECT_EQ(said(), "ConfirmationAsked");

  state::v1::AnswerCommand first;
  first.set_order_id(order);
  first.add_answers()->set_question_id("q1");
  first.mutable_answers(0)->set_text_subject_id("sub_text");
  first.add_wishes()->set_model_id("mdl_pc");  // how many, the mail does not say
  auto open = answer(first);
  ASSERT_TRUE(open.ok());
  ASSERT_EQ(open->open_questions_size(), 2);
  EXPECT_EQ(open->open_questions(0).question_id(), "quantity");
  EXPECT_EQ(said(), "ConfirmationAnswered");

  state::v1::AnswerCommand second;
  second.set_order_id(order);
  second.add_answers()->set_question_id("q1");
  EXPECT_EQ(answer(second).status().violations().at(0).field, "answers[0].question_id");
  second.mutable_answers(0)->set_question_id("quantity");
  *second.add_wishes() = wish(7).wishes(0);
  *second.add_parties() = wish().parties(0);
  open = answer(second);
  ASSERT_TRUE(open.ok());
  EXPECT_EQ(open->open_questions_size(), 0);
  EXPECT_EQ(said(), "ConfirmationAnswered RequirementConfirmed");
  EXPECT_EQ(record(order).state(), v1::ORDER_STATE_CONFIRMED);
}

TEST_F(OrderTest, AFormThatLeavesOutTheQuantityMeansOne) {
  const auto order = captured(wish(0));
  EXPECT_EQ(record(order).wishes(0).quantity(), 1);
  EXPECT_EQ(record(order).state(), v1::ORDER_STATE_CONFIRMED);
}

TEST_F(OrderTest, AQuoteExpires) {
  const auto order = captured(wish());
  const auto quote_id = quote(order)->quote_id();
  said();
  harness.advance_to(start + std::chrono::days(14) - std::chrono::seconds(1));
  EXPECT_EQ(said(), "");
  harness.advance_to(start + std::chrono::days(14));
  EXPECT_EQ(said(), "QuoteExpired");
  EXPECT_EQ(place(order, quote_id).status().reason(), "QUOTE_EXPIRED");
  EXPECT_TRUE(quote(order).ok());
  EXPECT_EQ(said(), "QuoteIssued");
}

TEST_F(OrderTest, OnlyTheLastQuoteIsPlacedAndOnlyOnce) {
  const auto order = captured(wish());
  const auto first = quote(order)->quote_id();
  const auto second = quote(order)->quote_id();
  ASSERT_NE(first, second);
  EXPECT_EQ(place(order, first).status().reason(), "QUOTE_SUPERSEDED");
  ASSERT_TRUE(place(order, second).ok());
  said();
  const auto again = place(order, second);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->state(), v1::ORDER_STATE_PLACED);
  EXPECT_EQ(said(), "");
  EXPECT_EQ(place(order, first).status().reason(), "ORDER_STATE");
  EXPECT_EQ(quote(order).status().reason(), "ORDER_STATE");
  harness.advance_to(start + std::chrono::days(30));
  EXPECT_EQ(said(), "");
}

TEST_F(OrderTest, AChangedWishTakesItsQuoteBack) {
  const auto order = captured(wish());
  const auto quote_id = quote(order)->quote_id();
  said();
  state::v1::AnswerCommand change;
  change.set_order_id(order);
  *change.add_wishes() = wish(5).wishes(0);
  ASSERT_TRUE(answer(change).ok());
  EXPECT_EQ(said(), "QuoteExpired ConfirmationAnswered RequirementConfirmed");
  EXPECT_EQ(place(order, quote_id).status().reason(), "NO_QUOTE");
  EXPECT_EQ(quote(order, 5, 1).status().reason(), "WISH_CHANGED");
  EXPECT_TRUE(quote(order, 5, 2).ok());
}

TEST_F(OrderTest, ARefusalNamesTheConflictAndCanBeMended) {
  const auto order = captured(wish());
  said();
  state::v1::RecordQuoteCommand command;
  command.set_order_id(order);
  command.set_requirement_revision(1);
  command.mutable_answer()->set_answer(configuration::v1::ANSWER_NOT_BUILDABLE);
  command.mutable_answer()->mutable_conflict()->mutable_explanation()->set_en("A excludes B");
  ASSERT_TRUE(run<v1::QuoteResponse>(domain::record_quote_command, command).ok());
  EXPECT_EQ(said(), "QuoteRefused");
  EXPECT_EQ(dynamic_cast<const v1::QuoteRefused&>(*last).conflict().explanation().en(), "A excludes B");
  EXPECT_EQ(record(order).state(), v1::ORDER_STATE_REFUSED);
  EXPECT_EQ(place(order, "quo_1").status().reason(), "NO_QUOTE");
  state::v1::AnswerCommand change;
  change.set_order_id(order);
  *change.add_wishes() = wish(1).wishes(0);
  ASSERT_TRUE(answer(change).ok());
  EXPECT_TRUE(quote(order, 1, 2).ok());
}

TEST_F(OrderTest, BudgetAndWantedDateAreHeld) {
  auto command = wish();
  command.mutable_budget()->set_minor_units(100'000);
  command.mutable_budget()->set_currency("EUR");
  *command.mutable_wanted_at() = wire::to_timestamp(start + std::chrono::days(19));
  const auto answer = quote(captured(command));
  EXPECT_TRUE(answer->over_budget());
  EXPECT_TRUE(answer->later_than_wanted());
  command.mutable_budget()->set_minor_units(100'001);
  *command.mutable_wanted_at() = wire::to_timestamp(start + std::chrono::days(20));
  const auto enough = quote(captured(command));
  EXPECT_FALSE(enough->over_budget());
  EXPECT_FALSE(enough->later_than_wanted());
}

TEST_F(OrderTest, CancelledAtOnceBeforeItIsPlaced) {
  const auto order = captured(wish());
  ASSERT_TRUE(quote(order).ok());
  said();
  EXPECT_EQ(cancel(order)->state(), v1::ORDER_STATE_CANCELLED);
  EXPECT_EQ(said(), "OrderCancelled");
  EXPECT_EQ(dynamic_cast<const v1::OrderCancelled&>(*last).fee().minor_units(), 0);
  EXPECT_EQ(cancel(order)->state(), v1::ORDER_STATE_CANCELLED);
  EXPECT_EQ(said(), "");
  harness.advance_to(start + std::chrono::days(30));
  EXPECT_EQ(said(), "");
}

TEST_F(OrderTest, CancelledWithAFeeWhereSchedulingGrants) {
  const auto order = placed();
  EXPECT_EQ(cancel(order)->state(), v1::ORDER_STATE_PLACED);
  EXPECT_EQ(said(), "OrderCancellationRequested");
  EXPECT_EQ(cancel(order)->state(), v1::ORDER_STATE_PLACED);
  EXPECT_EQ(said(), "");
  scheduling::v1::CancellationGranted granted;
  granted.set_order_id(order);
  granted.set_fee_permille(300);
  harness.deliver(granted, "scheduling");
  EXPECT_EQ(said(), "OrderCancelled");
  const auto& event = dynamic_cast<const v1::OrderCancelled&>(*last);
  EXPECT_EQ(event.fee().minor_units(), 30'000);  // 30 000.3 cents
  EXPECT_EQ(event.reason(), "CUSTOMER_CHANGED_MIND");
  harness.deliver(granted, "scheduling");
  deliver(order, "shp_1", 2);
  EXPECT_EQ(said(), "");
}

TEST_F(OrderTest, StaysPlacedWhereSchedulingRefuses) {
  const auto order = placed();
  ASSERT_TRUE(cancel(order).ok());
  deliver(order, "shp_1", 2);
  EXPECT_EQ(said(), "OrderCancellationRequested OrderFulfilled");
  scheduling::v1::CancellationRefused refused;
  refused.set_order_id(order);
  refused.set_reason("ALREADY_SHIPPED");
  harness.deliver(refused, "scheduling");
  EXPECT_EQ(said(), "OrderCancellationDeclined");
  EXPECT_EQ(record(order).state(), v1::ORDER_STATE_FULFILLED);
}

TEST_F(OrderTest, UnknownOrdersAreNotFound) {
  EXPECT_EQ(place("ord_x", "quo_x").status().code(), Code::not_found);
  EXPECT_EQ(cancel("ord_x").status().code(), Code::not_found);
  EXPECT_EQ(quote("ord_x").status().code(), Code::not_found);
}

TEST_F(OrderTest, ARetriedCaptureIsTheSameOrder) {
  const auto first = run<v1::CaptureRequirementResponse>(domain::capture_command, wish(), "key-1");
  const auto again = run<v1::CaptureRequirementResponse>(domain::capture_command, wish(), "key-1");
  ASSERT_TRUE(first.ok() && again.ok());
  EXPECT_EQ(first->order_id(), again->order_id());
  EXPECT_EQ(said(), "RequirementCaptured RequirementConfirmed");
}

TEST_F(OrderTest, ListedByStateNewestFirst) {
  const auto one = captured(wish());
  harness.advance_to(start + std::chrono::seconds(1));
  const auto two = captured(wish());
  ASSERT_TRUE(quote(one).ok());
  const auto list = [&](const std::string& value) {
    std::vector<std::string> keys;
    const auto found = harness.find("main", "order", "list", value, "", 10, true);
    for (const auto& entry : found.value()) keys.push_back(entry.key);
    return keys;
  };
  EXPECT_EQ(list("all"), (std::vector<std::string>{two, one}));
  EXPECT_EQ(list("state/" + std::to_string(v1::ORDER_STATE_QUOTED)), std::vector<std::string>{one});
  EXPECT_EQ(list("state/" + std::to_string(v1::ORDER_STATE_CONFIRMED)), std::vector<std::string>{two});
}

}  // namespace
}  // namespace loomline::intake
