// The methods of intake with a real vault, the production aggregate in memory, and peers that answer as they are told.
#include <gtest/gtest.h>

#include <cstdlib>

#include "api/access_api.hpp"
#include "api/calls.hpp"
#include "migrations.hpp"
#include "loomline/base/id.hpp"
#include "loomline/configuration/v1/configuration.pb.h"
#include "loomline/eventing/testing.hpp"
#include "loomline/intake/service.hpp"
#include "loomline/postgres/migrations.hpp"
#include "loomline/rpc/server.hpp"
#include "loomline/wire/convert.hpp"
#include "store/cipher.hpp"

namespace loomline::intake {
namespace {

using eventing::testing::Harness;
const Time start = parse_rfc3339("2026-03-02T08:00:00Z").value();

// Configuration and scheduling in this process.
class Peers {
 public:
  Peers() {
    using namespace configuration::v1;
    server.unary<ValidateRequest, ValidateResponse>(
        "loomline.configuration.v1.ConfigurationService.Validate",
        [this](const rpc::CallContext&, const ValidateRequest& request) -> Result<ValidateResponse> {
          ++validations;
          if (!configuration.ok()) return configuration;
          return validate(request);
        });
    using namespace scheduling::v1;
    server.unary<QuotePromiseRequest, QuotePromiseResponse>(
        "loomline.scheduling.v1.SchedulingService.QuotePromise",
        [this](const rpc::CallContext&, const QuotePromiseRequest& request) -> Result<QuotePromiseResponse> {
          if (!scheduling.ok()) return scheduling;
          return promise(request);
        });
    EXPECT_TRUE(server.start().ok());
    directory.add("configuration", server.in_process_channel());
    directory.add("scheduling", server.in_process_channel());
  }

  configuration::v1::ValidateResponse validate(const configuration::v1::ValidateRequest& request) const {
    configuration::v1::ValidateResponse response;
    response.set_answer(answer);
    if (answer == configuration::v1::ANSWER_NOT_BUILDABLE)
      response.mutable_conflict()->mutable_explanation()->set_en("Water cooling excludes the small case.");
    if (answer == configuration::v1::ANSWER_NEEDS_ENGINEERING)
      response.add_unknown_features()->set_feature("Gold plating");
    if (answer != configuration::v1::ANSWER_BUILDABLE) return response;
    auto& found = *response.mutable_configuration();
    found.set_model_id(request.model_id());
    found.set_model_version(3);
    found.set_configuration_id("cfg_1");
    found.mutable_price()->mutable_total_net()->set_minor_units(50'000 * request.quantity());
    found.mutable_price()->mutable_total_net()->set_currency(request.model_id() == "mdl_cn" ? "CNY" : "EUR");
    found.mutable_spec()->set_model_id(request.model_id());
    return response;
  }
  scheduling::v1::QuotePromiseResponse promise(const scheduling::v1::QuotePromiseRequest& request) const {
    scheduling::v1::QuotePromiseResponse response;
    EXPECT_EQ(request.country(), "CN");
    EXPECT_EQ(request.zone(), "Asia/Shanghai");
    for (const auto& line : request.lines()) {
      auto& made = *response.add_promises();
      made.set_line_id(line.line_id());
      *made.mutable_window()->mutable_latest() = wire::to_timestamp(start + std::chrono::days(10 + validations));
      response.add_plant_ids("plt_1");
    }
    return response;
  }

  rpc::Server server{{.address = ""}};
  rpc::Directory directory;
  configuration::v1::Answer answer = configuration::v1::ANSWER_BUILDABLE;
  Status configuration, scheduling;
  std::atomic<int> validations = 0;
};

class ApiTest : public testing::Test {
 protected:
  void SetUp() override {
    const char* database_server = std::getenv("LOOMLINE_POSTGRES");
    if (database_server == nullptr) GTEST_SKIP() << "LOOMLINE_POSTGRES is not set; tests/run starts a server";
    admin = {.conninfo = database_server};
    database = "intake_api_" + random_hex128().substr(0, 12);
    postgres::create_database_if_missing(admin, database);
    pool = std::make_unique<postgres::Pool>(
        postgres::Options{.conninfo = postgres::with_database(database_server, database)}, 4);
    std::vector<postgres::Migration> steps;
    const auto all = migrations();
    for (const auto& step : all) steps.push_back({step.version, step.name, step.sql});
    {
      auto connection = pool->acquire();
      postgres::migrate(*connection, "intake", steps);
    }
    peers = std::make_unique<Peers>();
    orders = std::make_shared<api::IntakeApi>(
        harness, harness, store::Vault(*pool, store::random_bytes(store::key_bytes)), peers->directory);
    access = std::make_unique<api::AccessApi>(orders, store::Tokens(*pool, std::string(32, 't')), std::string(32, 'l'),
                                              [this] { return wall; });
  }
  void TearDown() override {
    access.reset(), orders.reset(), peers.reset(), pool.reset();
    if (!database.empty()) postgres::Connection(admin).exec_script("DROP DATABASE " + database + " WITH (FORCE)");
  }

  static rpc::CallContext call(const std::string& method, const std::string& key = {}) {
    rpc::CallContext context;
    context.method = "loomline.intake.v1.IntakeService." + method;
    context.caller.name = "test";
    context.idempotency_key = key;
    return context;
  }
  static v1::CaptureRequirementRequest wish(const std::string& model = "mdl_pc") {
    v1::CaptureRequirementRequest request;
    request.set_channel(v1::CHANNEL_WEB);
    auto& party = *request.add_parties();
    party.set_role(common::v1::PARTY_ROLE_SHIP_TO);
    party.mutable_details()->set_name("Wang Fang");
    party.mutable_details()->set_country("CN");
    party.mutable_details()->set_zone("Asia/Shanghai");
    request.set_text("Please ring twice.");
    request.add_wishes()->set_model_id(model);
    request.mutable_wishes(0)->set_quantity(2);
    return request;
  }
  std::string captured() { return orders->capture(call("CaptureRequirement"), wish())->order_id(); }
  Result<v1::QuoteResponse> quote(const std::string& order, const std::string& key = {}) {
    v1::QuoteRequest request;
    request.set_order_id(order);
    return orders->quote(call("Quote", key), request);
  }
  v1::Order shown(const std::string& order) {
    v1::GetOrderRequest request;
    request.set_order_id(order);
    return orders->get_order(call("GetOrder"), request)->order();
  }

  Time wall = start;
  Harness harness{make_service(), start};
  postgres::Options admin;
  std::string database;
  std::unique_ptr<postgres::Pool> pool;
  std::unique_ptr<Peers> peers;
  std::shared_ptr<api::IntakeApi> orders;
  std::unique_ptr<api::AccessApi> access;
};

TEST_F(ApiTest, PeopleGoToTheVaultAndNowhereElse) {
  const auto order = captured();
  const auto shown_order = shown(order);
  ASSERT_EQ(shown_order.parties_size(), 1);
  EXPECT_EQ(shown_order.parties(0).subject_version(), 1U);
  EXPECT_EQ(shown_order.parties(0).country(), "CN");
  for (const auto& event : harness.published())
    EXPECT_EQ(event->SerializeAsString().find("Fang"), std::string::npos) << event->GetDescriptor()->name();
  v1::GetSubjectRequest subject;
  subject.set_subject_id(shown_order.parties(0).subject_id());
  const auto person = orders->get_subject(call("GetSubject"), subject);
  ASSERT_TRUE(person.ok()) << person.status().to_string();
  EXPECT_EQ(person->details().name(), "Wang Fang");
  EXPECT_EQ(person->texts(0), "Please ring twice.");
  v1::EraseSubjectRequest erase;
  erase.set_subject_id(subject.subject_id());
  ASSERT_TRUE(orders->erase_subject(call("EraseSubject"), erase).ok());
  EXPECT_EQ(orders->get_subject(call("GetSubject"), subject).status().reason(), "SUBJECT_ERASED");
  EXPECT_EQ(shown(order).parties(0).subject_id(), subject.subject_id());
}

TEST_F(ApiTest, ARetriedCaptureIsOneOrderAndOnePerson) {
  const auto first = orders->capture(call("CaptureRequirement", "k1"), wish());
  const auto again = orders->capture(call("CaptureRequirement", "k1"), wish());
  ASSERT_TRUE(again.ok()) << again.status().to_string();
  EXPECT_EQ(first->order_id(), again->order_id());
  EXPECT_EQ(pool->acquire()->exec("SELECT count(*) FROM vault_subject").one().int64(0), 2);
  auto other = wish();
  other.mutable_parties(0)->mutable_details()->set_name("Li Na");
  EXPECT_EQ(orders->capture(call("CaptureRequirement", "k1"), other).status().reason(), "IDEMPOTENCY_KEY_REUSED");
}

TEST_F(ApiTest, AKnownSubjectIsUsedAndMayMove) {
  const auto subject = shown(captured()).parties(0).subject_id();
  auto request = wish();
  request.mutable_parties(0)->clear_details();
  request.mutable_parties(0)->set_subject_id(subject);
  auto order = orders->capture(call("CaptureRequirement"), request);
  ASSERT_TRUE(order.ok()) << order.status().to_string();
  EXPECT_EQ(shown(order->order_id()).parties(0).subject_version(), 1U);
  EXPECT_EQ(shown(order->order_id()).parties(0).zone(), "Asia/Shanghai");
  *request.mutable_parties(0)->mutable_details() = wish().parties(0).details();
  request.mutable_parties(0)->mutable_details()->set_country("DE");
  order = orders->capture(call("CaptureRequirement"), request);
  EXPECT_EQ(shown(order->order_id()).parties(0).subject_version(), 2U);
  EXPECT_EQ(shown(order->order_id()).parties(0).country(), "DE");
  request.mutable_parties(0)->set_subject_id("sub_nobody");
  const auto unknown = orders->capture(call("CaptureRequirement"), request).status();
  EXPECT_EQ(unknown.code(), Code::not_found);
  EXPECT_EQ(unknown.violations().at(0).field, "parties[0].subject_id");
}

TEST_F(ApiTest, OneCallAnswersPriceAndDate) {
  const auto answer = quote(captured());
  ASSERT_TRUE(answer.ok()) << answer.status().to_string();
  EXPECT_EQ(answer->answer(), configuration::v1::ANSWER_BUILDABLE);
  EXPECT_EQ(answer->total_net().minor_units(), 100'000);
  ASSERT_EQ(answer->lines_size(), 1);
  EXPECT_EQ(answer->lines(0).plant_id(), "plt_1");
  EXPECT_EQ(answer->lines(0).model_version(), 3U);
  EXPECT_TRUE(is_id(prefix::line, answer->lines(0).line_id()));
  EXPECT_TRUE(is_id(prefix::quote, answer->quote_id()));
}

TEST_F(ApiTest, ARetriedQuoteIsToldTheSameWithoutAskingAgain) {
  const auto order = captured();
  const auto first = quote(order, "k");
  ASSERT_TRUE(first.ok());
  const int asked = peers->validations;
  const auto again = quote(order, "k");
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(first->SerializeAsString(), again->SerializeAsString());
  EXPECT_EQ(peers->validations, asked);
  EXPECT_NE(quote(order, "other")->quote_id(), first->quote_id());
}

TEST_F(ApiTest, RefusalsAreRecordedWithTheirReason) {
  const auto order = captured();
  peers->answer = configuration::v1::ANSWER_NOT_BUILDABLE;
  const auto refused = quote(order);
  ASSERT_TRUE(refused.ok());
  EXPECT_EQ(refused->answer(), configuration::v1::ANSWER_NOT_BUILDABLE);
  EXPECT_EQ(refused->conflict().explanation().en(), "Water cooling excludes the small case.");
  EXPECT_EQ(shown(order).state(), v1::ORDER_STATE_REFUSED);
  peers->answer = configuration::v1::ANSWER_NEEDS_ENGINEERING;
  EXPECT_EQ(quote(order)->unknown_features(0), "Gold plating");
}

TEST_F(ApiTest, PeersThatFailLeaveTheWishAsItIs) {
  const auto order = captured();
  peers->configuration = internal("something broke");
  auto status = quote(order).status();
  EXPECT_EQ(status.code(), Code::unavailable);
  EXPECT_EQ(status.reason(), "CONFIGURATION_UNAVAILABLE");
  EXPECT_EQ(status.message().find("broke"), std::string::npos);
  peers->configuration = not_found("MODEL_UNKNOWN", "There is no model mdl_pc.");
  status = quote(order).status();
  EXPECT_EQ(status.code(), Code::failed_precondition);
  EXPECT_EQ(status.violations().at(0).field, "wishes[0].model_id");
  peers->configuration = {};
  peers->scheduling = failed_precondition("NO_PLANT", "No plant can make it.");
  EXPECT_EQ(quote(order).status().reason(), "NO_PLANT");
  peers->scheduling = {};
  EXPECT_EQ(shown(order).state(), v1::ORDER_STATE_CONFIRMED);
  EXPECT_TRUE(quote(order).ok());
  rpc::Directory nobody;
  api::IntakeApi alone(harness, harness, store::Vault(*pool, std::string(32, 'k')), nobody);
  v1::QuoteRequest request;
  request.set_order_id(order);
  EXPECT_EQ(alone.quote(call("Quote"), request).status().reason(), "CONFIGURATION_UNAVAILABLE");
}

TEST_F(ApiTest, OneOrderHasOneCurrency) {
  auto request = wish();
  *request.add_wishes() = wish("mdl_cn").wishes(0);
  const auto order = orders->capture(call("CaptureRequirement"), request)->order_id();
  EXPECT_EQ(quote(order).status().reason(), "CURRENCIES_DIFFER");
}

TEST_F(ApiTest, AnswersGoToTheVaultAndBelongToTheBuyer) {
  const auto order = captured();
  v1::AskConfirmationRequest ask;
  ask.set_order_id(order);
  ask.add_questions()->mutable_text()->set_en("Which door?");
  ASSERT_TRUE(
      harness.execute<v1::AskConfirmationResponse>("loomline.intake.v1.IntakeService.AskConfirmation", ask, {}).ok());
  v1::AnswerConfirmationRequest request;
  request.set_order_id(order);
  request.add_answers()->set_question_id("q1");
  request.mutable_answers(0)->set_text("The back door, ask for Fang.");
  const auto first = orders->answer(call("AnswerConfirmation", "k"), request);
  ASSERT_TRUE(first.ok()) << first.status().to_string();
  EXPECT_EQ(first->open_questions_size(), 0);
  EXPECT_TRUE(orders->answer(call("AnswerConfirmation", "k"), request).ok());
  EXPECT_EQ(orders->answer(call("AnswerConfirmation"), request).status().violations().at(0).field,
            "answers[0].question_id");
  v1::GetSubjectRequest subject;
  subject.set_subject_id(shown(order).parties(0).subject_id());
  EXPECT_EQ(orders->get_subject(call("GetSubject"), subject)->texts_size(), 2);
}

TEST_F(ApiTest, TextsOfOtherServicesBelongToTheOrdersBuyer) {
  const auto order = captured();
  v1::StoreTextRequest request;
  request.set_text("It rattles.");
  request.set_order_id(order);
  const auto stored = orders->store_text(call("StoreText", "k"), request);
  ASSERT_TRUE(stored.ok());
  EXPECT_EQ(orders->store_text(call("StoreText", "k"), request)->subject_id(), stored->subject_id());
  request.set_order_id("ord_unknown");
  EXPECT_TRUE(orders->store_text(call("StoreText"), request).ok());
  v1::GetSubjectRequest subject;
  subject.set_subject_id(shown(order).parties(0).subject_id());
  EXPECT_EQ(orders->get_subject(call("GetSubject"), subject)->texts_size(), 2);
}

TEST_F(ApiTest, ListsPageByPage) {
  std::vector<std::string> newest_first;
  for (int i = 0; i < 5; ++i) {
    harness.advance_to(start + std::chrono::seconds(i));
    newest_first.insert(newest_first.begin(), captured());
  }
  std::vector<std::string> listed;
  v1::ListOrdersRequest request;
  request.mutable_page()->set_page_size(2);
  int pages = 0;
  do {
    const auto page = orders->list_orders(call("ListOrders"), request);
    ASSERT_TRUE(page.ok());
    for (const auto& order : page->orders()) listed.push_back(order.order_id());
    request.mutable_page()->set_page_token(page->next_page_token());
    ++pages;
  } while (!request.page().page_token().empty());
  EXPECT_EQ(listed, newest_first);
  EXPECT_EQ(pages, 3);
  request.mutable_page()->set_page_size(501);
  request.mutable_page()->set_page_token("'; --");
  EXPECT_EQ(orders->list_orders(call("ListOrders"), request).status().violations().size(), 2U);
}

TEST_F(ApiTest, LinksAreForOrdersThatExist) {
  v1::CreateLinkRequest request;
  request.set_order_id("ord_none");
  EXPECT_EQ(access->create_link(call("CreateLink"), request).status().code(), Code::not_found);
  request.set_order_id(captured());
  const auto link = access->create_link(call("CreateLink"), request);
  ASSERT_TRUE(link.ok());
  EXPECT_EQ(link->path(), "/t/" + link->link());
  v1::ResolveLinkRequest resolve;
  resolve.set_link(link->link());
  EXPECT_EQ(access->resolve_link(call("ResolveLink"), resolve)->order_id(), request.order_id());
  wall += std::chrono::days(400);
  EXPECT_EQ(access->resolve_link(call("ResolveLink"), resolve).status().code(), Code::unauthenticated);
}

}  // namespace
}  // namespace loomline::intake
