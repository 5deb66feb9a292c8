// Bad input at the door: each names its field and a remedy.
#include "domain/check.hpp"

#include <gtest/gtest.h>

#include "loomline/wire/convert.hpp"

namespace loomline::intake::domain {
namespace {

const Time now = parse_rfc3339("2026-03-02T08:00:00Z").value();

v1::CaptureRequirementRequest good() {
  v1::CaptureRequirementRequest request;
  request.set_channel(v1::CHANNEL_WEB);
  auto& party = *request.add_parties();
  party.set_role(common::v1::PARTY_ROLE_BUYER);
  party.mutable_details()->set_name("Wang Fang");
  party.mutable_details()->set_email("fang@example.org");
  party.mutable_details()->set_country("CN");
  party.mutable_details()->set_zone("Asia/Shanghai");
  party.mutable_details()->set_locale("zh-CN");
  auto& wish = *request.add_wishes();
  wish.set_model_id("mdl_pc");
  wish.set_quantity(2);
  auto& choice = *wish.add_choices();
  choice.set_feature("Gaming");
  choice.set_selected(true);
  return request;
}

struct Bad {
  const char* name;
  const char* field;
  void (*spoil)(v1::CaptureRequirementRequest&);
};

class BadCapture : public testing::TestWithParam<Bad> {};

TEST_P(BadCapture, NamesTheField) {
  auto request = good();
  GetParam().spoil(request);
  const auto status = check(request, now);
  ASSERT_EQ(status.code(), Code::invalid_argument);
  ASSERT_FALSE(status.violations().empty());
  EXPECT_EQ(status.violations()[0].field, GetParam().field);
  EXPECT_FALSE(status.violations()[0].problem.empty());
  EXPECT_FALSE(status.violations()[0].remedy.empty());
  // Nobody's data in what is said about it.
  EXPECT_EQ(status.to_string().find("Fang"), std::string::npos);
}

v1::PersonalDetails& details(v1::CaptureRequirementRequest& request) {
  return *request.mutable_parties(0)->mutable_details();
}

INSTANTIATE_TEST_SUITE_P(
    Door, BadCapture,
    testing::Values(
        Bad{"channel", "channel", [](auto& r) { r.set_channel(v1::CHANNEL_UNSPECIFIED); }},
        Bad{"channel_of_tomorrow", "channel", [](auto& r) { r.set_channel(static_cast<v1::Channel>(99)); }},
        Bad{"negative", "wishes[0].quantity", [](auto& r) { r.mutable_wishes(0)->set_quantity(-1); }},
        Bad{"too_many", "wishes[0].quantity", [](auto& r) { r.mutable_wishes(0)->set_quantity(10'001); }},
        Bad{"model", "wishes[0].model_id", [](auto& r) { r.mutable_wishes(0)->set_model_id("pc; drop"); }},
        Bad{"wishes", "wishes",
            [](auto& r) {
              while (r.wishes_size() < 21) *r.add_wishes() = r.wishes(0);
            }},
        Bad{"choices", "wishes[0].choices",
            [](auto& r) {
              for (int i = 0; i < 500; ++i) r.mutable_wishes(0)->add_choices()->set_feature("f" + std::to_string(i));
            }},
        Bad{"contradiction", "wishes[0].choices[1].feature",
            [](auto& r) {
              auto& choice = *r.mutable_wishes(0)->add_choices();
              choice.set_feature("Gaming");
              choice.set_selected(false);
            }},
        Bad{"no_feature", "wishes[0].choices[1].feature",
            [](auto& r) { r.mutable_wishes(0)->add_choices()->set_selected(true); }},
        Bad{"not_said", "wishes[0].choices[1].selected",
            [](auto& r) { r.mutable_wishes(0)->add_choices()->set_feature("Gaming"); }},
        Bad{"no_role", "parties[0].role",
            [](auto& r) { r.mutable_parties(0)->set_role(common::v1::PARTY_ROLE_UNSPECIFIED); }},
        Bad{"two_buyers", "parties[1].role", [](auto& r) { *r.add_parties() = r.parties(0); }},
        Bad{"nobody", "parties[0].subject_id", [](auto& r) { r.mutable_parties(0)->clear_details(); }},
        Bad{"no_subject_id", "parties[0].subject_id", [](auto& r) { r.mutable_parties(0)->set_subject_id("ord_1"); }},
        Bad{"no_details", "parties[0].subject_id", [](auto& r) { details(r).Clear(); }},
        Bad{"name", "parties[0].details.name", [](auto& r) { details(r).set_name(std::string(201, 'x')); }},
        Bad{"email", "parties[0].details.email", [](auto& r) { details(r).set_email("Fang at home"); }},
        Bad{"country", "parties[0].details.country", [](auto& r) { details(r).set_country("China"); }},
        Bad{"zone", "parties[0].details.zone", [](auto& r) { details(r).set_zone("Asia/Atlantis"); }},
        Bad{"locale", "parties[0].details.locale", [](auto& r) { details(r).set_locale("chinese please"); }},
        Bad{"text", "text", [](auto& r) { r.set_text(std::string(10'001, 'x')); }},
        Bad{"text_utf8", "text", [](auto& r) { r.set_text("\xC3\x28"); }},
        Bad{"currency", "budget.currency",
            [](auto& r) { r.mutable_budget()->set_minor_units(1), r.mutable_budget()->set_currency("euro"); }},
        Bad{"budget", "budget.minor_units", [](auto& r) { r.mutable_budget()->set_currency("EUR"); }},
        Bad{"past", "wanted_at",
            [](auto& r) { *r.mutable_wanted_at() = wire::to_timestamp(now - std::chrono::seconds(1)); }},
        Bad{"no_time", "wanted_at", [](auto& r) { r.mutable_wanted_at()->set_nanos(-1); }},
        Bad{"never", "wanted_at", [](auto& r) { r.mutable_wanted_at()->set_seconds(253'402'300'799); }},
        Bad{"reference", "external_refs[0].id",
            [](auto& r) {
              r.add_external_refs()->set_system("erp");
              r.mutable_external_refs(0)->set_id("Mrs Wang Fang");
            }}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(Capture, GoodInputPasses) {
  auto request = good();
  std::string chinese;
  for (int i = 0; i < 10'000; ++i) chinese += "好";  // characters are counted, not bytes
  request.set_text(chinese);
  *request.mutable_wanted_at() = wire::to_timestamp(now);
  request.add_external_refs()->set_system("shop.example");
  request.mutable_external_refs(0)->set_id("2026/000-17#4");
  EXPECT_TRUE(check(request, now).ok()) << check(request, now).to_string();
  EXPECT_TRUE(check(v1::CaptureRequirementRequest(request), now).ok());
}

TEST(OtherRequests, NameTheirFields) {
  const auto field = [](const Status& status) { return status.ok() ? "" : status.violations().at(0).field; };
  v1::CancelOrderRequest cancel;
  cancel.set_order_id("ord_1");
  cancel.set_reason("Mr Smith died");
  EXPECT_EQ(field(check(cancel)), "reason");
  v1::QuoteRequest quote;
  quote.set_order_id("ord_1");
  quote.set_probability_permille(1000);
  EXPECT_EQ(field(check(quote)), "probability_permille");
  v1::PlaceOrderRequest place;
  place.set_order_id("ord_1");
  EXPECT_EQ(field(check(place)), "quote_id");
  v1::AnswerConfirmationRequest answer;
  answer.set_order_id("ord_1");
  EXPECT_EQ(field(check(answer)), "answers");
  answer.add_answers()->set_question_id("q1");
  EXPECT_EQ(field(check(answer)), "answers[0].text");
  v1::AskConfirmationRequest ask;
  ask.set_order_id("ord_1");
  ask.add_questions()->set_question_id("wish");
  ask.mutable_questions(0)->mutable_text()->set_en("?");
  EXPECT_EQ(field(check(ask)), "questions[0].question_id");
  v1::CreateTokenRequest token;
  token.set_label("x");
  token.set_role(common::v1::ROLE_CUSTOMER);
  EXPECT_EQ(field(check(token)), "role");
}

}  // namespace
}  // namespace loomline::intake::domain
