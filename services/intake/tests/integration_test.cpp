// Intake and aftersales as they run: hosted processes, the real broker and database, two replicas of intake. What
// configuration and scheduling would say comes from stand-ins that speak their contracts.
#include <gtest/gtest.h>

#include <cstdlib>
#include <thread>

#include "loomline/aftersales/service.hpp"
#include "loomline/aftersales/v1/aftersales.pb.h"
#include "loomline/base/id.hpp"
#include "loomline/configuration/v1/configuration.pb.h"
#include "loomline/host/process.hpp"
#include "loomline/intake/service.hpp"
#include "loomline/intake/state/v1/state.pb.h"
#include "loomline/intake/v1/access.pb.h"
#include "loomline/postgres/connection.hpp"
#include "loomline/scheduling/v1/events.pb.h"
#include "loomline/wire/convert.hpp"

namespace loomline {
namespace {

using eventing::Step;
using eventing::Verdict;
using intake::v1::OrderPlaced;

constexpr std::int64_t never_delivered = 7;  // so many pieces stay in production

// Any message will do as the stand-in's state.
using Seen = intake::state::v1::QuoteDue;

void serve_configuration(rpc::Server& server) {
  using namespace configuration::v1;
  server.unary<ValidateRequest, ValidateResponse>(
      "loomline.configuration.v1.ConfigurationService.Validate",
      [](const rpc::CallContext&, const ValidateRequest& request) -> Result<ValidateResponse> {
        ValidateResponse response;
        response.set_answer(ANSWER_BUILDABLE);
        response.mutable_configuration()->set_model_id(request.model_id());
        auto& total = *response.mutable_configuration()->mutable_price()->mutable_total_net();
        total.set_minor_units(10'000 * request.quantity());
        total.set_currency("EUR");
        return response;
      });
}

// Delivers what is placed at once; grants what is not.
eventing::Service scheduling_stand_in() {
  eventing::Service service("scheduling");
  auto orders = service.aggregate<Seen>("order", prefix::order);
  orders.on<OrderPlaced>([](Seen& seen, const OrderPlaced& placed, Step& step) {
    seen.set_quote_id(placed.quote_id());
    if (placed.lines(0).quantity() == never_delivered) return Verdict::applied();
    scheduling::v1::ShipmentDelivered delivered;
    delivered.set_order_id(placed.order_id());
    delivered.set_shipment_id("shp_1");
    for (int i = 0; i < placed.lines(0).quantity(); ++i) delivered.add_unit_ids("unt_" + std::to_string(i));
    *delivered.mutable_occurred_at() = wire::to_timestamp(step.now());
    step.publish(delivered);
    return Verdict::applied();
  });
  orders.on<intake::v1::OrderCancellationRequested>(
      [](Seen& seen, const intake::v1::OrderCancellationRequested& asked, Step& step) {
        if (seen.quote_id().empty()) return Verdict::not_yet("the order");
        scheduling::v1::CancellationGranted granted;
        granted.set_order_id(asked.order_id());
        granted.set_fee_permille(300);
        step.publish(granted);
        return Verdict::applied();
      });
  return service;
}

void serve_scheduling(rpc::Server& server) {
  using namespace scheduling::v1;
  server.unary<QuotePromiseRequest, QuotePromiseResponse>(
      "loomline.scheduling.v1.SchedulingService.QuotePromise",
      [](const rpc::CallContext&, const QuotePromiseRequest& request) -> Result<QuotePromiseResponse> {
        QuotePromiseResponse response;
        for (int i = 0; i < request.lines_size(); ++i) response.add_promises(), response.add_plant_ids("plt_1");
        return response;
      });
}

eventing::Service aftersales_that_asks_at_once() {
  aftersales::Settings settings;
  settings.hours = aftersales::service_hours("UTC", "00:00-24:00", "").value();
  settings.survey_after = std::chrono::days(0);
  return aftersales::make_service_with(settings);
}

class RealServers : public testing::Test {
 protected:
  void SetUp() override {
    const char* postgres = std::getenv("LOOMLINE_POSTGRES");
    const char* kafka = std::getenv("LOOMLINE_KAFKA");
    if (postgres == nullptr || kafka == nullptr)
      GTEST_SKIP() << "LOOMLINE_POSTGRES and LOOMLINE_KAFKA are not set; tests/run starts the servers";
    config.postgres = postgres;
    config.kafka = kafka;
    config.installation = "it" + random_hex128().substr(0, 10) + "_";
    config.partitions = 3;
    serve_configuration(stand_ins);
    serve_scheduling(stand_ins);
    ASSERT_TRUE(stand_ins.start().ok());
    auto floor = eventing::Runtime::start(scheduling_stand_in(), config.eventing_options());
    ASSERT_TRUE(floor.ok()) << floor.status().to_string();
    scheduling = std::move(*floor);
    config.peers = {"configuration=" + stand_ins.address(), "scheduling=" + stand_ins.address()};
    first = start("one", {{intake::make_service, intake::serve}, {aftersales_that_asks_at_once, aftersales::serve}});
    second = start("two", {{intake::make_service, intake::serve}});
  }
  void TearDown() override {
    second.reset(), first.reset(), scheduling.reset();
    if (config.installation.empty()) return;
    postgres::Connection admin({.conninfo = config.postgres});
    for (const char* service : {"scheduling", "intake", "aftersales"})
      admin.exec_script("DROP DATABASE IF EXISTS " + config.installation + service + " WITH (FORCE)");
  }

  std::unique_ptr<host::Process> start(const std::string& instance, std::vector<host::Part> parts) {
    config.instance = instance;
    auto process = host::Process::start(config, std::move(parts), {});
    if (!process.ok()) throw std::runtime_error(process.status().to_string());
    EXPECT_TRUE(eventually([&] { return (*process)->ready(); }));
    return std::move(*process);
  }

  static bool eventually(const std::function<bool()>& what) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!what()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return true;
  }

  template <class Res, class Req>
  static Res call(host::Process& process, const std::string& method, const Req& request, const std::string& key = {}) {
    rpc::CallOptions options;
    options.caller.name = "test";
    options.idempotency_key = key;
    auto response = process.directory().call<Req, Res>(method, request, options);
    EXPECT_TRUE(response.ok()) << method << ": " << response.status().to_string();
    return response.ok() ? *response : Res();
  }

  intake::v1::Order order(host::Process& process, const std::string& id) {
    intake::v1::GetOrderRequest request;
    request.set_order_id(id);
    return call<intake::v1::GetOrderResponse>(process, "loomline.intake.v1.IntakeService.GetOrder", request).order();
  }

  // Captured by one replica, quoted by the other, placed by the first.
  std::string placed(std::int64_t pieces, const std::string& key) {
    using namespace intake::v1;
    CaptureRequirementRequest wish;
    wish.set_channel(CHANNEL_PORTAL);
    auto& buyer = *wish.add_parties();
    buyer.set_role(common::v1::PARTY_ROLE_SHIP_TO);
    buyer.mutable_details()->set_name("Ada Example");
    buyer.mutable_details()->set_country("DE");
    buyer.mutable_details()->set_zone("Europe/Berlin");
    wish.add_wishes()->set_model_id("mdl_pc");
    wish.mutable_wishes(0)->set_quantity(pieces);
    const std::string service = "loomline.intake.v1.IntakeService.";
    const auto captured =
        call<CaptureRequirementResponse>(*first, service + "CaptureRequirement", wish, key + "/capture");
    EXPECT_EQ(
        call<CaptureRequirementResponse>(*second, service + "CaptureRequirement", wish, key + "/capture").order_id(),
        captured.order_id());
    QuoteRequest ask;
    ask.set_order_id(captured.order_id());
    const auto quote = call<QuoteResponse>(*second, service + "Quote", ask, key + "/quote");
    EXPECT_EQ(call<QuoteResponse>(*first, service + "Quote", ask, key + "/quote").quote_id(), quote.quote_id());
    PlaceOrderRequest place;
    place.set_order_id(captured.order_id());
    place.set_quote_id(quote.quote_id());
    EXPECT_EQ(call<PlaceOrderResponse>(*first, service + "PlaceOrder", place, key + "/place").line_ids_size(), 1);
    EXPECT_EQ(call<PlaceOrderResponse>(*second, service + "PlaceOrder", place, key + "/place").line_ids_size(), 1);
    return captured.order_id();
  }

  host::Config config;
  rpc::Server stand_ins{{.address = "127.0.0.1:0"}};
  std::unique_ptr<eventing::Runtime> scheduling;
  std::unique_ptr<host::Process> first, second;
};

TEST_F(RealServers, FromWishToSurveyAndTicket) {
  const auto id = placed(2, "a");
  EXPECT_TRUE(eventually([&] { return order(*second, id).state() == intake::v1::ORDER_STATE_FULFILLED; }));

  aftersales::v1::GetSurveyRequest ask;
  ask.set_order_id(id);
  EXPECT_TRUE(eventually([&] {
    return first->directory()
        .call<aftersales::v1::GetSurveyRequest, aftersales::v1::GetSurveyResponse>(
            "loomline.aftersales.v1.AftersalesService.GetSurvey", ask)
        .ok();
  }));
  aftersales::v1::AnswerSurveyRequest answer;
  answer.set_order_id(id);
  answer.set_recommend(9);
  answer.set_remark("It hums nicely.");
  const auto survey = call<aftersales::v1::AnswerSurveyResponse>(
                          *first, "loomline.aftersales.v1.AftersalesService.AnswerSurvey", answer, "a/survey")
                          .survey();
  EXPECT_EQ(survey.recommend(), 9U);
  // The remark went to intake's vault, and belongs to the buyer.
  intake::v1::GetSubjectRequest who;
  who.set_subject_id(order(*first, id).parties(0).subject_id());
  const auto person = call<intake::v1::GetSubjectResponse>(*second, "loomline.intake.v1.IntakeService.GetSubject", who);
  EXPECT_EQ(person.details().name(), "Ada Example");
  ASSERT_EQ(person.texts_size(), 1);
  EXPECT_EQ(person.texts(0), "It hums nicely.");

  aftersales::v1::OpenTicketRequest open;
  open.set_order_id(id);
  open.set_category(aftersales::v1::TICKET_CATEGORY_QUESTION);
  open.set_text("Where is the manual?");
  const auto ticket = call<aftersales::v1::OpenTicketResponse>(
                          *first, "loomline.aftersales.v1.AftersalesService.OpenTicket", open, "a/ticket")
                          .ticket();
  EXPECT_EQ(ticket.priority(), aftersales::v1::PRIORITY_LOW);
  EXPECT_FALSE(ticket.text_subject_id().empty());
  const auto again = call<aftersales::v1::OpenTicketResponse>(
                         *first, "loomline.aftersales.v1.AftersalesService.OpenTicket", open, "a/ticket")
                         .ticket();
  EXPECT_EQ(again.ticket_id(), ticket.ticket_id());
}

TEST_F(RealServers, ACancellationIsGrantedWithAFee) {
  const auto id = placed(never_delivered, "b");
  intake::v1::CancelOrderRequest cancel;
  cancel.set_order_id(id);
  cancel.set_reason("CUSTOMER_CHANGED_MIND");
  call<intake::v1::CancelOrderResponse>(*second, "loomline.intake.v1.IntakeService.CancelOrder", cancel);
  EXPECT_TRUE(eventually([&] { return order(*first, id).state() == intake::v1::ORDER_STATE_CANCELLED; }));
  EXPECT_EQ(order(*first, id).cancellation_fee().minor_units(), 21'000);
}

TEST_F(RealServers, CredentialsOfOneReplicaHoldAtTheOther) {
  using namespace intake::v1;
  const std::string service = "loomline.intake.v1.AccessService.";
  CreateTokenRequest make;
  make.set_role(common::v1::ROLE_MES);
  make.set_label("line 1");
  VerifyTokenRequest verify;
  verify.set_secret(call<CreateTokenResponse>(*first, service + "CreateToken", make).secret());
  EXPECT_EQ(call<VerifyTokenResponse>(*second, service + "VerifyToken", verify).token().role(), common::v1::ROLE_MES);
  CreateLinkRequest link;
  link.set_order_id(placed(never_delivered, "c"));
  ResolveLinkRequest resolve;
  resolve.set_link(call<CreateLinkResponse>(*first, service + "CreateLink", link).link());
  EXPECT_EQ(call<ResolveLinkResponse>(*second, service + "ResolveLink", resolve).order_id(), link.order_id());
}

}  // namespace
}  // namespace loomline
