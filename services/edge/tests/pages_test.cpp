#include "edge_fixture.hpp"
#include "loomline/base/time.hpp"
#include "loomline/wire/convert.hpp"
#include "pages/dates.hpp"

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

TEST_F(PagesTest, CertificateOfManyPiecesLeadsFromPageToPage) {
  const auto page_of = [](int first, int units, const std::string& next) {
    quality::v1::GetCertificateResponse page;
    auto& certificate = *page.add_certificates();
    certificate.set_certificate_id("crt_7");
    certificate.set_units_total(60);
    for (int i = 0; i < units; ++i) certificate.add_units()->set_serial("SN-" + std::to_string(first + i));
    page.set_next_page_token(next);
    return page;
  };
  services.certificates["ord_1"] = page_of(1, 50, "unt_50");
  services.further_certificates["unt_50"] = page_of(51, 10, "");
  const auto first = get("/t/link-1/certificate?lang=en");
  EXPECT_TRUE(has(first, "This page shows 50 of 60 pieces.")) << first.body;
  EXPECT_TRUE(has(first, "SN-50<") && !has(first, "SN-51<"));
  EXPECT_TRUE(has(first, "rel=next href=\"/t/link-1/certificate?lang=en&amp;after=unt_50\""));
  const auto second = get("/t/link-1/certificate?after=unt_50");
  EXPECT_TRUE(has(second, "SN-51<") && has(second, "SN-60<") && !has(second, "SN-50<"));
  EXPECT_TRUE(has(second, "This page shows 10 of 60 pieces.") && !has(second, "rel=next"));
  EXPECT_EQ(get("/t/link-1/certificate?after=nothing").status, 400);
  const auto json = get("/v1/orders/ord_1/certificate?page.page_token=unt_50", "Bearer lmt_portal");
  EXPECT_EQ(json.status, 200);
  EXPECT_TRUE(has(json, "SN-51") && !has(json, "SN-50")) << json.body;
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

TEST_F(OpsTest, ShowsWhatStandsStillInBothLanguages) {
  const std::vector<std::pair<std::string, std::string>> cookie{{"Cookie", "loomline_ops=lmt_staff"}};
  EXPECT_TRUE(has(send("GET", "/ops", {}, {}, cookie), "Nothing stands still."));
  const auto since = wire::to_timestamp(wall_now() - std::chrono::seconds(42));
  {
    const std::lock_guard lock(services.mutex);
    auto& quality = services.activity["quality"];
    auto& lane = *quality.add_stalled_lanes();
    lane.set_lane(3);
    lane.set_source("loomline.scheduling.order");
    lane.set_key("ord_1");
    lane.set_message("loomline.scheduling.v1.UnitCompleted");
    lane.set_reason("the disk is <full>");
    *lane.mutable_since() = since;
    auto& timers = *quality.add_stalled_lanes();
    timers.set_lane(5);
    timers.set_source("timers");
    *timers.mutable_since() = since;
    auto& slow = *services.activity["intake"].add_slow_keys();
    slow.set_kind("order");
    slow.set_key("ord_2");
    slow.set_message("loomline.intake.v1.IntakeService.PlaceOrder");
    *slow.mutable_since() = since;
    services.activity["scheduling"].add_alarms("loomline.scheduling.order/3 has published nothing since then");
  }
  const auto page = send("GET", "/ops", {}, {}, cookie);
  EXPECT_FALSE(has(page, "Nothing stands still."));
  EXPECT_TRUE(has(page, "Lane 3 of loomline.scheduling.order has committed nothing for 4")) << page.body;
  EXPECT_TRUE(has(page, "UnitCompleted<br><code class=small>ord_1</code>"));
  EXPECT_TRUE(has(page, "the disk is &lt;full&gt;"));
  EXPECT_TRUE(has(page, "Lane 5 has fired no due timer for 4"));
  EXPECT_TRUE(has(page, "PlaceOrder<br><code class=small>ord_2</code>"));
  EXPECT_TRUE(has(page, "its key is set aside"));
  EXPECT_TRUE(has(page, "loomline.scheduling.order/3 has published nothing since then"));
  const auto chinese = send("GET", "/ops?lang=zh", {}, {}, cookie);
  EXPECT_TRUE(has(chinese, "loomline.scheduling.order 的通道 3 已有 4"));
  EXPECT_TRUE(has(chinese, "没有触发到期的定时器"));
  EXPECT_TRUE(has(chinese, "其键已被搁置"));
  const auto json = get("/v1/system/quiet", "Bearer lmt_staff");
  EXPECT_TRUE(has(json, "\"stalled_lanes\":[{\"lane\":3")) << json.body;
  EXPECT_TRUE(has(json, "\"slow_keys\":[{\"kind\":\"order\",\"key\":\"ord_2\"")) << json.body;
  EXPECT_TRUE(has(json, "intake: 1 handlers take long and have not ended")) << json.body;
}

TEST_F(OpsTest, NamesTheServicesThatDoNotAnswer) {
  ASSERT_TRUE(services.peers().add_peer("production=127.0.0.1:1").ok());  // nobody listens there
  const auto page = send("GET", "/ops", {}, {}, {{"Cookie", "loomline_ops=lmt_staff"}});
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(has(page, "<td>production</td>")) << page.body;
  EXPECT_TRUE(has(page, "The service did not answer"));
}

TEST_F(OpsTest, ResolvesDeadLettersFromItsOwnFormsOnly) {
  common::v1::DeadLetter letter;
  letter.set_service("quality");
  letter.set_dead_letter_id("dlq_1");
  letter.set_reason("cannot be read");
  letter.set_key("ord_7");
  letter.mutable_recorded_at()->set_seconds(1'772'438'400);
  services.letters.push_back(letter);
  const std::string cookie = "loomline_ops=lmt_staff";
  const auto page = send("GET", "/ops", {}, {}, {{"Cookie", cookie}});
  EXPECT_TRUE(has(page, "cannot be read"));
  EXPECT_TRUE(has(page, "ord_7"));
  EXPECT_TRUE(has(page, moment(letter.recorded_at(), "UTC", Language::en))) << "since when its key is parked";
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
