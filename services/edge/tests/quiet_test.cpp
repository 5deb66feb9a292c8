#include "api/quiet.hpp"

#include "edge_fixture.hpp"

namespace loomline::edge {
namespace {

using Activity = common::v1::GetActivityResponse;

Activity activity(const std::string& service, const std::string& instance = "1") {
  Activity out;
  out.set_service(service);
  out.set_instance(instance);
  return out;
}

void at(google::protobuf::RepeatedPtrField<common::v1::TopicPosition>* positions, int partition, std::int64_t offset) {
  auto& position = *positions->Add();
  position.set_topic("t");
  position.set_partition(partition);
  position.set_offset(offset);
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

}  // namespace
}  // namespace loomline::edge
