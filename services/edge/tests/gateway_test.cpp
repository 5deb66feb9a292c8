#include <thread>

#include "edge_fixture.hpp"
#include "loomline/http/json.hpp"

namespace loomline::edge {
namespace {

template <class Predicate>
bool eventually(Predicate predicate) {
  for (int i = 0; i < 2000; ++i) {
    if (predicate()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

class GatewayTest : public EdgeTest {};

TEST_F(GatewayTest, TranscodesThereAndBack) {
  const auto response =
      send("POST", "/v1/orders", "Bearer lmt_portal",
           R"({"channel":"CHANNEL_WEB","wishes":[{"model_id":"mdl_a","quantity":2}]})",
           {{"Idempotency-Key", "k1"}, {"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}});
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_NE(response.body.find("\"order_id\":\"ord_1\""), std::string::npos);
  EXPECT_EQ(response.headers.get("Loomline-Positions"), "intake.0@7");
  ASSERT_EQ(services.captured.size(), 1U);
  EXPECT_EQ(services.captured[0].wishes(0).quantity(), 2);
  const auto& call = services.calls.at(0);
  EXPECT_EQ(call.caller.name, "edge");
  EXPECT_EQ(call.caller.role, "portal");
  EXPECT_EQ(call.caller.subject, "tok_portal");
  EXPECT_EQ(call.idempotency_key, "k1");
  EXPECT_EQ(call.trace.trace_id_hex(), "0af7651916cd43dd8448eb211c80319c");
}

TEST_F(GatewayTest, ReadsPathAndQuery) {
  const auto journey = get("/v1/orders/ord_1/journey", "Link link-1");
  ASSERT_EQ(journey.status, 200) << journey.body;
  EXPECT_NE(journey.body.find("\"milestone\":\"MILESTONE_IN_PRODUCTION\""), std::string::npos);
  EXPECT_EQ(get("/v1/journeys?late=true&page.page_size=5", "Bearer lmt_staff").status, 200);
  EXPECT_EQ(get("/v1/journeys:count", "Bearer lmt_staff").status, 200);
  const auto wrong = get("/v1/journeys?lat=true&page.page_size=x", "Bearer lmt_staff");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_EQ(http::status_of(wrong).violations().size(), 2U);
}

TEST_F(GatewayTest, ErrorsOfServicesComeThrough) {
  const auto response = get("/v1/orders/ord_9/journey", "Bearer lmt_staff");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(http::status_of(response).reason(), "UNKNOWN");
  EXPECT_EQ(get("/v1/models", "Bearer lmt_staff").status, 501);  // the fakes do not have it
}

TEST_F(GatewayTest, RefusesBadBodiesByName) {
  const auto post = [&](std::string body, std::string type = "application/json") {
    return send("POST", "/v1/orders", "Bearer lmt_staff", std::move(body), {{"Content-Type", type}});
  };
  EXPECT_EQ(http::status_of(post("{\"x\":")).reason(), "JSON_SYNTAX");
  EXPECT_EQ(http::status_of(post(std::string(40'000, '['))).reason(), "JSON_DEPTH");
  EXPECT_EQ(http::status_of(post("{\"unknown\":1}")).violations().at(0).field, "unknown");
  EXPECT_EQ(http::status_of(post("<a/>", "text/xml")).violations().at(0).field, "content-type");
  EXPECT_EQ(post("<a/>", "text/xml").status, 415);
  EXPECT_EQ(post(std::string((1 << 20) + 1, ' ')).status, 413);
  const auto differs = send("POST", "/v1/orders/ord_1/cancel", "Bearer lmt_staff", R"({"order_id":"ord_2"})");
  EXPECT_EQ(http::status_of(differs).violations().at(0).field, "order_id");
  EXPECT_EQ(send("POST", "/v1/orders?channel=1", "Bearer lmt_staff", "{}").status, 400);
  EXPECT_EQ(send("GET", "/v1/journeys", "Bearer lmt_staff", "{}").status, 400);
  EXPECT_TRUE(services.captured.empty());
}

TEST_F(GatewayTest, HostileJsonCostsLittle) {
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 20; ++i)
    send("POST", "/v1/orders", "Bearer lmt_staff", "{\"wishes\":" + std::string(500'000, '['));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));  // quadratic would be hours
}

TEST_F(GatewayTest, WatchesFromTheLastEventId) {
  http::StreamOptions options;
  options.headers.set("Authorization", "Link link-1");
  options.last_event_id = "1";
  std::vector<std::string> ids;
  std::thread later([&] {
    EXPECT_TRUE(eventually([&] {
      const std::lock_guard lock(services.mutex);
      return !services.watched_after.empty();
    }));
    services.progress("ord_1", 4);
  });
  const auto status = client->stream("/v1/orders/ord_1/events", options, [&](const http::Event& event) {
    EXPECT_EQ(event.event, "progress");
    EXPECT_TRUE(http::check_json(event.data).ok());
    ids.push_back(event.id);
    return event.id != "4";
  });
  later.join();
  EXPECT_TRUE(status.ok()) << status.to_string();
  EXPECT_EQ(ids, (std::vector<std::string>{"2", "3", "4"}));
  EXPECT_EQ(services.watched_after, std::vector<std::uint64_t>{1});
  EXPECT_TRUE(eventually([&] {
    const std::lock_guard lock(services.mutex);
    return services.watchers_gone == 1;
  }));  // the reader's leaving reaches the service
}

TEST_F(GatewayTest, WatchRefusesAtOnce) {
  http::StreamOptions options;
  options.headers.set("Authorization", "Bearer lmt_staff");
  const auto never = [](const http::Event&) { return true; };
  EXPECT_EQ(client->stream("/v1/orders/ord_9/events", options, never).code(), Code::not_found);
  options.last_event_id = "yesterday";
  EXPECT_EQ(client->stream("/v1/orders/ord_1/events", options, never).code(), Code::invalid_argument);
  EXPECT_EQ(client->stream("/v1/orders/ord_1/events", {}, never).code(), Code::unauthenticated);
}

TEST_F(GatewayTest, DeadLettersOfAllServices) {
  for (const char* service : {"intake", "quality"}) {
    common::v1::DeadLetter letter;
    letter.set_service(service);
    letter.set_dead_letter_id(std::string("dlq_") + service);
    services.letters.push_back(letter);
  }
  const auto all = get("/v1/dead-letters", "Bearer lmt_staff");
  EXPECT_NE(all.body.find("dlq_intake"), std::string::npos);
  EXPECT_NE(all.body.find("dlq_quality"), std::string::npos);
  EXPECT_EQ(get("/v1/dead-letters?service=quality", "Bearer lmt_staff").body.find("dlq_intake"), std::string::npos);
  const auto nameless = send("POST", "/v1/dead-letters/dlq_intake/replay", "Bearer lmt_staff", "{}");
  EXPECT_EQ(http::status_of(nameless).violations().at(0).field, "service");
  EXPECT_EQ(send("POST", "/v1/dead-letters/dlq_intake/replay", "Bearer lmt_staff", R"({"service":"intake"})").status,
            200);
  EXPECT_EQ(services.letters.size(), 1U);
  EXPECT_EQ(send("POST", "/v1/dead-letters/x/drop", "Bearer lmt_staff", R"({"service":"nowhere"})").status, 404);
}

TEST_F(GatewayTest, ChainsAreThoseOfEveryService) {
  const auto all = get("/v1/chains", "Bearer lmt_staff");
  EXPECT_NE(all.body.find("intake"), std::string::npos) << all.body;
  EXPECT_NE(all.body.find("quality"), std::string::npos);
  EXPECT_EQ(get("/v1/chains?service=quality", "Bearer lmt_staff").body.find("intake"), std::string::npos);
  const auto misspelt = get("/v1/chains?service=qualty", "Bearer lmt_staff");
  EXPECT_EQ(misspelt.status, 400);
  EXPECT_EQ(http::status_of(misspelt).violations().at(0).field, "service");
  const auto nameless = send("POST", "/v1/chains/skip", "Bearer lmt_staff", R"({"topic":"loomline.intake.order"})");
  EXPECT_EQ(http::status_of(nameless).violations().at(0).field, "service");
}

TEST_F(GatewayTest, HealthAndReadiness) {
  EXPECT_EQ(get("/healthz").body, "ok\n");
  EXPECT_EQ(get("/readyz").status, 200);
  services.server().set_ready(false);
  const auto not_ready = get("/readyz");
  EXPECT_EQ(not_ready.status, 503);
  EXPECT_NE(not_ready.body.find("intake"), std::string::npos);
}

}  // namespace
}  // namespace loomline::edge
