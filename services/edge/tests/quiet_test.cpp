#include "api/quiet.hpp"

#include "api/wait_quiet.hpp"
#include "edge_fixture.hpp"
#include "loomline/http/json.hpp"

namespace loomline::edge {
namespace {

using Activity = common::v1::GetActivityResponse;

Activity activity(const std::string& service, const std::string& instance = "1") {
  Activity out;
  out.set_service(service);
  out.set_instance(instance);
  return out;
}

common::v1::TopicPosition& at(google::protobuf::RepeatedPtrField<common::v1::TopicPosition>* positions, int partition,
                              std::int64_t offset) {
  auto& position = *positions->Add();
  position.set_topic("t");
  position.set_partition(partition);
  position.set_offset(offset);
  return position;
}

TEST(WhyNotQuiet, ComparesProducedWithTheFurthestReplica) {
  auto a = activity("a");
  at(a.mutable_produced(), 0, 5);
  auto b1 = activity("b", "1");
  auto b2 = activity("b", "2");
  at(b1.mutable_consumed(), 0, 3);
  EXPECT_EQ(why_not_quiet({a, b1, b2}), "b: t/0 is 2 behind");
  at(b2.mutable_consumed(), 0, 5);
  EXPECT_EQ(why_not_quiet({a, b1, b2}), "");
}

TEST(WhyNotQuiet, ComparesNumbersWhereATopicWasMadeAnew) {
  auto a = activity("a");
  auto b = activity("b");
  auto& end = at(a.mutable_produced(), 0, 5);
  auto& reached = at(b.mutable_consumed(), 0, 40);
  EXPECT_EQ(why_not_quiet({a, b}), "") << "nothing is known of the chain";
  end.set_epoch(2);
  end.set_seq(45);
  EXPECT_EQ(why_not_quiet({a, b}), "") << "b never heard of that chain";
  reached.set_epoch(2);
  reached.set_seq(40);
  EXPECT_EQ(why_not_quiet({a, b}), "b: t/0 is 5 behind");
  reached.set_seq(45);
  EXPECT_EQ(why_not_quiet({a, b}), "");
}

TEST(WhyNotQuiet, NamesWhatIsUnderWay) {
  auto a = activity("a");
  a.set_outbox_pending(2);
  EXPECT_EQ(why_not_quiet({a}), "a: 2 events wait in the outbox");
  a.set_outbox_pending(0);
  a.set_timers_due(1);
  EXPECT_EQ(why_not_quiet({a}), "a: 1 timers are due");
  a.set_timers_due(0);
  auto b = activity("b");
  b.mutable_business_time()->set_seconds(9);
  EXPECT_EQ(why_not_quiet({a, b}), "b: has not seen the newest business time");
}

class QuietTest : public EdgeTest {};

TEST_F(QuietTest, AnswersQuietAndBusy) {
  const auto quiet = get("/v1/system/quiet?wait_milliseconds=2000", "Bearer lmt_mes");
  EXPECT_NE(quiet.body.find("\"quiet\":true"), std::string::npos) << quiet.body;
  EXPECT_FALSE(services.asked_briefly) << "positions of several processes are compared";
  EXPECT_NE(get("/v1/system/quiet", "Bearer lmt_mes").body.find("\"quiet\":true"), std::string::npos);
  services.activity["quality"].set_commands_running(1);
  const auto busy = get("/v1/system/quiet?wait_milliseconds=30", "Bearer lmt_staff");
  EXPECT_NE(busy.body.find("\"quiet\":false"), std::string::npos);
  EXPECT_NE(busy.body.find("quality: 1 commands are running"), std::string::npos);
  EXPECT_EQ(get("/v1/system/quiet?wait_milliseconds=31000", "Bearer lmt_staff").status, 400);
}

TEST(QuietHeader, SaysWhatASimulatorNeeds) {
  common::v1::GetQuietResponse answer;
  answer.set_why_not("quality: 1 \"commands\"\nare running");
  EXPECT_EQ(quiet_header(answer), R"(quiet=?0, why_not="quality: 1 \"commands\"?are running")");
  answer.set_quiet(true);
  answer.mutable_business_time()->set_seconds(1'767'600'000);
  for (const int steps : {3, 4}) {
    auto& one = *answer.add_services() = activity("quality", std::to_string(steps));
    one.set_steps_applied(steps);
    one.set_dead_letters(1);
    one.mutable_next_timer_at()->set_seconds(1'767'600'000 + steps);
  }
  EXPECT_EQ(quiet_header(answer),
            "quiet, business_time=\"2026-01-05T08:00:00Z\", next_timer_at=\"2026-01-05T08:00:03Z\", events_waiting=0, "
            "dead_letters=2, steps.quality=7");
}

TEST_F(QuietTest, ACallWaitsForWhatFollowsFromIt) {
  const auto place = [&](const char* token, std::string wait) {
    return send("POST", "/v1/orders", token, R"({"channel":"CHANNEL_WEB"})",
                {{"Idempotency-Key", "k"}, {"Loomline-Wait-Quiet", std::move(wait)}});
  };
  const auto quiet = place("Bearer lmt_staff", "2000");
  ASSERT_EQ(quiet.status, 200) << quiet.body;
  ASSERT_TRUE(quiet.headers.get("Loomline-Quiet"));
  EXPECT_TRUE(quiet.headers.get("Loomline-Quiet")->starts_with("quiet, business_time=")) << quiet.body;
  services.activity["quality"].set_commands_running(1);
  const auto busy = place("Bearer lmt_staff", "30");
  EXPECT_EQ(busy.status, 200) << "it was done, whatever follows";
  EXPECT_EQ(busy.headers.get("Loomline-Quiet"), R"(quiet=?0, why_not="quality: 1 commands are running")");
  const auto captured = services.captured.size();
  for (const char* wrong : {"", "0", "30001", "5s", "-1"}) {
    const auto refused = place("Bearer lmt_staff", wrong);
    EXPECT_EQ(refused.status, 400) << wrong;
    EXPECT_EQ(http::status_of(refused).violations().at(0).field, "Loomline-Wait-Quiet");
  }
  EXPECT_EQ(place("Bearer lmt_portal", "100").status, 403);
  EXPECT_EQ(services.captured.size(), captured) << "nothing is done that is refused";
  EXPECT_EQ(send("GET", "/v1/journeys", "Bearer lmt_staff", "", {{"Loomline-Wait-Quiet", "5"}}).status, 400);
}

}  // namespace
}  // namespace loomline::edge
