#include "edge_fixture.hpp"

namespace loomline::edge {
namespace {

bool has(const http::Response& response, std::string_view text) {
  return response.body.find(text) != std::string::npos;
}

class PagesTest : public EdgeTest {};

TEST_F(PagesTest, SpeaksTheReadersLanguage) {
  const auto english = get("/t/link-1");
  EXPECT_EQ(english.status, 200);
  EXPECT_TRUE(has(english, "<html lang=\"en\">") && has(english, "Your order is being made")) << english.body;
  const auto chinese = send("GET", "/t/link-1", {}, {}, {{"Accept-Language", "zh-CN"}});
  EXPECT_TRUE(has(chinese, "<html lang=\"zh-Hans\">") && has(chinese, "您的订单正在生产"));
  const auto chosen = get("/t/link-1?lang=zh");
  EXPECT_TRUE(has(chosen, "action=\"/t/link-1/tickets?lang=zh\""));
  EXPECT_EQ(chosen.content_type, "text/html; charset=utf-8");
  EXPECT_EQ(chosen.headers.get("Cache-Control"), "no-store");
}

TEST_F(PagesTest, BadLinksGetAPageNotJson) {
  const auto response = get("/t/guess?lang=zh");
  EXPECT_EQ(response.status, 401);
  EXPECT_TRUE(has(response, "该链接无法使用"));
  EXPECT_EQ(get("/t/link-9").status, 404);
}

TEST_F(PagesTest, EverythingFromServicesIsEscaped) {
  auto journey = services.journey("ord_1");
  const std::string evil = "<script>alert(1)</script>\"'&";
  auto& line = *journey.add_lines();
  line.mutable_product_name()->set_en(evil);
  line.add_features(evil);
  line.add_units()->set_serial(evil);
  auto& entry = *journey.add_entries();
  entry.set_code("operation_ended");
  entry.mutable_detail()->set_en(evil);
  journey.add_entries()->set_code(evil);
  journey.set_zone(evil);
  journey.set_carrier(evil);
  journey.mutable_waybill()->set_id(evil);
  journey.mutable_refusal()->set_en(evil);
  journey.add_tickets()->set_state(evil);
  journey.add_anomalies(evil);
  services.put(journey);
  const auto page = get("/t/link-1");
  EXPECT_EQ(page.status, 200);
  EXPECT_FALSE(has(page, "<script>alert")) << page.body;
  EXPECT_TRUE(has(page, "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;"));
  const auto ops = send("GET", "/ops/orders/ord_1", {}, {}, {{"Cookie", "loomline_ops=lmt_staff"}});
  EXPECT_EQ(ops.status, 200);
  EXPECT_FALSE(has(ops, "<script>alert"));
  const auto echoed = form("/t/link-1/tickets", "category=9&text=" + std::string(10'001, 'x') + "%3Cscript%3Ealert");
  EXPECT_EQ(echoed.status, 400);
  EXPECT_FALSE(has(echoed, "<script>alert"));
}

TEST_F(PagesTest, CustomersAreNotShownAnomalies) {
  auto journey = services.journey("ord_1");
  journey.add_anomalies("unit was scheduled twice");
  services.put(journey);
  EXPECT_FALSE(has(get("/t/link-1"), "scheduled twice"));
  EXPECT_TRUE(has(send("GET", "/ops/orders/ord_1", {}, {}, {{"Cookie", "loomline_ops=lmt_staff"}}), "scheduled twice"));
}

TEST_F(PagesTest, QuestionFormWorksWithoutAScript) {
  const auto asked = form("/t/link-1/tickets?lang=zh", "key=abc-ask&category=2&text=%E4%BD%A0%E5%A5%BD%0D%0A2");
  EXPECT_EQ(asked.status, 303);
  EXPECT_EQ(asked.headers.get("Location"), "/t/link-1?lang=zh&said=ask#ask");
  ASSERT_EQ(services.tickets.size(), 1U);
  EXPECT_EQ(services.tickets[0].order_id(), "ord_1");
  EXPECT_EQ(services.tickets[0].category(), aftersales::v1::TICKET_CATEGORY_DELIVERY);
  EXPECT_EQ(services.tickets[0].text(), "你好\r\n2");
  EXPECT_EQ(services.calls[0].idempotency_key, "abc-ask");
  EXPECT_EQ(services.calls[0].caller.role, "customer");
  EXPECT_TRUE(has(get("/t/link-1?lang=zh&said=ask"), "谢谢，我们已收到您的留言"));
  const auto empty = form("/t/link-1/tickets", "category=1&text=+%0A");
  EXPECT_EQ(empty.status, 400);
  EXPECT_TRUE(has(empty, "Please write what it is about."));
  EXPECT_EQ(services.tickets.size(), 1U);
}

TEST_F(PagesTest, SurveyAppearsWhenItIsAsked) {
  EXPECT_FALSE(has(get("/t/link-1"), "id=survey"));
  auto journey = services.journey("ord_1");
  journey.set_survey_open(true);
  services.put(journey);
  EXPECT_TRUE(has(get("/t/link-1"), "name=recommend value=10"));
  EXPECT_EQ(form("/t/link-1/survey", "product=4").status, 400);
  EXPECT_EQ(form("/t/link-1/survey", "recommend=11").status, 400);
  EXPECT_EQ(form("/t/link-1/survey", "recommend=9&product=4&remark=fine").status, 303);
  ASSERT_EQ(services.surveys.size(), 1U);
  EXPECT_EQ(services.surveys[0].recommend(), 9U);
  EXPECT_FALSE(services.surveys[0].has_delivery());
  journey.set_survey_answered(true);
  services.put(journey);
  EXPECT_TRUE(has(get("/t/link-1"), "Thank you for your answer."));
}

TEST_F(PagesTest, CertificateIsThereWhenItIsIssued) {
  EXPECT_TRUE(has(get("/t/link-1/certificate"), "The certificate is issued when"));
  auto& certificate = *services.certificates["ord_1"].add_certificates();
  certificate.set_certificate_id("crt_7");
  auto& inspection = *certificate.add_units()->add_inspections();
  auto& characteristic = *inspection.add_characteristics();
  characteristic.set_characteristic_id("chr_v");
  characteristic.mutable_name()->set_en("Vibration");
  characteristic.mutable_nominal()->set_value(28);
  characteristic.mutable_nominal()->set_scale(1);
  characteristic.mutable_nominal()->set_unit("C16");
  characteristic.set_upper_limit(45);
  auto& measurement = *inspection.add_measurements();
  measurement.set_characteristic_id("chr_v");
  measurement.set_value(31);
  measurement.set_within_tolerance(true);
  const auto page = get("/t/link-1/certificate");
  EXPECT_TRUE(has(page, "crt_7") && has(page, "Vibration") && has(page, "3.1 mm/s") && has(page, "≤ 4.5 mm/s"))
      << page.body;
}

TEST_F(PagesTest, EventsOfTheLinkAreOfItsOrder) {
  std::vector<std::string> ids;
  EXPECT_TRUE(
      client->stream("/t/link-1/events", {}, [&](const http::Event& e) { return ids.push_back(e.id), ids.size() < 3; })
          .ok());
  EXPECT_EQ(ids, (std::vector<std::string>{"1", "2", "3"}));
  EXPECT_EQ(client->stream("/t/link-9/events", {}, [](const http::Event&) { return true; }).code(), Code::not_found);
}

TEST_F(PagesTest, AssetsAreThereAndAddressedByContent) {
  const auto page = get("/t/link-1");
  for (const char* name : {"/assets/style.css?v=", "/assets/tracking.js?v="}) {
    const std::size_t begin = page.body.find(name);
    ASSERT_NE(begin, std::string::npos) << name;
    const auto asset = get(page.body.substr(begin, page.body.find('"', begin) - begin));
    EXPECT_EQ(asset.status, 200);
    EXPECT_GT(asset.body.size(), 500U);
    EXPECT_EQ(asset.body.find('\0'), std::string::npos);
  }
  EXPECT_FALSE(has(page, " style=")) << "inline styles are forbidden by the content security policy";
  EXPECT_FALSE(has(page, " onclick"));
}

class OpsTest : public EdgeTest {};

TEST_F(OpsTest, NeedsAStaffToken) {
  const auto page = get("/ops");
  EXPECT_EQ(page.status, 401);
  EXPECT_TRUE(has(page, "action=\"/ops/login\""));
  EXPECT_EQ(form("/ops/login", "token=lmt_portal").status, 401);
  EXPECT_EQ(form("/ops/login", "token=a%0D%0Ab").status, 401);
  EXPECT_EQ(form("/ops/login", "").status, 401);
  const auto in = form("/ops/login", "token=lmt_staff");
  EXPECT_EQ(in.status, 303);
  const std::string cookie(in.headers.get("Set-Cookie").value_or(""));
  EXPECT_EQ(cookie, "loomline_ops=lmt_staff; Path=/ops; HttpOnly; SameSite=Strict");
  EXPECT_EQ(send("GET", "/ops", {}, {}, {{"Cookie", "loomline_ops=lmt_staff"}}).status, 200);
  EXPECT_EQ(send("GET", "/ops", {}, {}, {{"Cookie", "loomline_ops=lmt_mes"}}).status, 403);
  EXPECT_TRUE(form("/ops/logout", "").headers.get("Set-Cookie")->find("Max-Age=0") != std::string_view::npos);
}

TEST_F(OpsTest, ResolvesDeadLettersFromItsOwnFormsOnly) {
  common::v1::DeadLetter letter;
  letter.set_service("quality");
  letter.set_dead_letter_id("dlq_1");
  letter.set_reason("cannot be read");
  services.letters.push_back(letter);
  const std::string cookie = "loomline_ops=lmt_staff";
  EXPECT_TRUE(has(send("GET", "/ops", {}, {}, {{"Cookie", cookie}}), "cannot be read"));
  const auto foreign = send("POST", "/ops/dead-letters/dlq_1/replay", {}, "service=quality",
                            {{"Cookie", cookie}, {"Sec-Fetch-Site", "cross-site"}});
  EXPECT_EQ(foreign.status, 403);
  EXPECT_EQ(services.letters.size(), 1U);
  EXPECT_EQ(form("/ops/dead-letters/dlq_1/replay", "service=quality", cookie).headers.get("Location"),
            "/ops?done=replay");
  EXPECT_TRUE(services.letters.empty());
  EXPECT_TRUE(has(form("/ops/dead-letters/dlq_1/drop", "service=quality", cookie), "That did not work"));
}

TEST(EdgeAlone, SaysThatServicesAreAway) {
  rpc::Directory peers;
  ASSERT_TRUE(peers.add_peer("intake=127.0.0.1:1").ok());  // nobody listens there
  Edge edge({}, peers);
  ASSERT_TRUE(edge.start().ok());
  http::Client client(edge.url());
  EXPECT_EQ(client.get("/healthz")->status, 200);
  EXPECT_EQ(client.get("/readyz")->status, 503);
  const auto page = client.get("/t/link-1?lang=zh");
  EXPECT_EQ(page->status, 503);
  EXPECT_TRUE(has(*page, "请稍候"));
}

}  // namespace
}  // namespace loomline::edge
