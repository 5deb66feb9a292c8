// Handlers that take long, handlers that never end, and what becomes of everybody else.
#include "loomline/telemetry/metrics.hpp"
#include "tests/rig.hpp"

namespace loomline::eventing {
namespace {

using std::chrono::milliseconds;

std::atomic<bool> let_go{false};

// Counts fills; "sleep-N" takes N ms, "endless" does not end before the test lets it go.
void dawdle(const std::string& tag) {
  if (tag.starts_with("sleep-")) std::this_thread::sleep_for(milliseconds(std::stoi(tag.substr(6))));
  while (tag == "endless" && !let_go) std::this_thread::sleep_for(milliseconds(1));
}

Service slow_beta() {
  Service service("beta");
  service.aggregate<BoxState>("shadow", "box")
      .on<BoxFilled>([](BoxState& state, const BoxFilled& event, Step& step) {
        dawdle(event.tag());
        state.set_total(state.total() + event.amount());
        state.add_tags(event.tag());
        BoxCounted counted;
        counted.set_box_id(event.box_id());
        counted.set_total(state.total());
        step.publish(counted);
        if (event.tag() == "set-timer") {
          Alarm alarm;
          alarm.set_text("sleep-600");
          step.timer("alarm", step.now(), alarm);
        }
        return Verdict::applied();
      })
      .timer<Alarm>("alarm",
                    [](BoxState& state, const Alarm& alarm, Step&) {
                      dawdle(alarm.text());
                      state.set_rings(state.rings() + 1);
                      return Verdict::applied();
                    })
      .command<FillRequest, FillResponse>(
          "Dawdle", [](const FillRequest& request, const Cause&) -> Result<std::string> { return request.box_id(); },
          [](BoxState& state, const FillRequest& request, Step&) -> Result<FillResponse> {
            dawdle(request.tag());
            state.set_total(state.total() + request.amount());
            FillResponse response;
            response.set_total(state.total());
            return response;
          });
  return service;
}

class SlowHandlerTest : public RigTest {
 protected:
  void SetUp() override {
    RigTest::SetUp();
    let_go = false;
    options_.endless_handler = milliseconds(60'000);
  }
  void TearDown() override {
    let_go = true;
    RigTest::TearDown();
  }
  std::unique_ptr<Runtime> slow() { return start(slow_beta()); }
  void fill_by_event(Runtime& alpha, const std::string& box, std::int64_t amount, const std::string& tag) {
    ASSERT_TRUE(alpha.execute<FillResponse>("Fill", fill(box, amount, tag), {}).ok());
  }
};

TEST_F(SlowHandlerTest, ASlowEventStallsItsOwnKeyOnlyAndKeepsItsOrder) {
  make_topics();
  auto says = start(alpha());
  auto hears = slow();
  fill_by_event(*says, "box_slow", 1, "endless");
  fill_by_event(*says, "box_slow", 2, "after");
  for (int i = 0; i < 60; ++i) fill_by_event(*says, "box_" + std::to_string(i), 1, "t");
  ASSERT_TRUE(eventually([&] {
    for (int i = 0; i < 60; ++i)
      if (state_of(*hears, "shadow", "box_" + std::to_string(i)).total() != 1) return false;
    return true;
  }));
  EXPECT_EQ(state_of(*hears, "shadow", "box_slow").total(), 0) << "the others did not wait for it";
  let_go = true;
  ASSERT_TRUE(eventually([&] { return state_of(*hears, "shadow", "box_slow").total() == 3; }));
  const auto state = state_of(*hears, "shadow", "box_slow");
  ASSERT_EQ(state.tags_size(), 2);
  EXPECT_EQ(state.tags(1), "after");
  // And the key is as any other again.
  fill_by_event(*says, "box_slow", 4, "t");
  ASSERT_TRUE(eventually([&] { return state_of(*hears, "shadow", "box_slow").total() == 7; }));
  EXPECT_EQ(hears->activity()->events_waiting(), 0);
  EXPECT_EQ(hears->lost_threads(), 0);
}

// Another replica that writes the same key makes a commit void, not its handler an endless one.
TEST_F(SlowHandlerTest, AHandlerThatOthersGetAheadOfIsNotTakenForEndless) {
  make_topics();
  auto says = start(alpha());
  auto hears = slow();
  for (const int amount : {1, 2, 4}) fill_by_event(*says, "box_1", amount, "sleep-500");
  auto other = database("beta");
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (std::chrono::steady_clock::now() < until) {
    other.exec("UPDATE key_state SET version = version + 1 WHERE key = 'box_1'");
    std::this_thread::sleep_for(milliseconds(100));
  }
  EXPECT_TRUE(eventually([&] { return state_of(*hears, "shadow", "box_1").total() == 7; }));
  EXPECT_EQ(hears->dead_letters(false)->dead_letters_size(), 0);
}

TEST_F(SlowHandlerTest, ASlowCommandAnswersLateAndOthersAtOnce) {
  auto service = slow();
  std::thread slow_caller([&] {
    const auto answer =
        service->execute<FillResponse>("Dawdle", fill("box_1", 5, "sleep-1500"), {.idempotency_key = "k"});
    ASSERT_TRUE(answer.ok()) << answer.status().to_string();
    EXPECT_EQ(answer->total(), 5);
  });
  std::this_thread::sleep_for(milliseconds(300));
  for (int i = 2; i < 30; ++i)
    EXPECT_EQ(service->execute<FillResponse>("Dawdle", fill("box_" + std::to_string(i), 1), {})->total(), 1);
  EXPECT_EQ(state_of(*service, "shadow", "box_1").total(), 0) << "it has not ended yet";
  // One of the same key waits its turn.
  EXPECT_EQ(service->execute<FillResponse>("Dawdle", fill("box_1", 1), {})->total(), 6);
  slow_caller.join();
  EXPECT_EQ(service->execute<FillResponse>("Dawdle", fill("box_1", 5, "sleep-1500"), {.idempotency_key = "k"})->total(),
            5)
      << "its answer was kept";
}

TEST_F(SlowHandlerTest, ASlowTimerFiresOnce) {
  make_topics();
  auto says = start(alpha());
  auto hears = slow();
  fill_by_event(*says, "box_1", 1, "set-timer");
  ASSERT_TRUE(eventually([&] { return state_of(*hears, "shadow", "box_1").rings() == 1; }));
  fill_by_event(*says, "box_1", 1, "t");
  ASSERT_TRUE(eventually([&] { return state_of(*hears, "shadow", "box_1").total() == 2; }));
  EXPECT_EQ(state_of(*hears, "shadow", "box_1").rings(), 1);
  EXPECT_EQ(hears->activity()->timers_due(), 0);
}

TEST_F(SlowHandlerTest, AHandlerThatNeverEndsParksItsKeyAndTheServiceCanStop) {
  make_topics();
  options_.endless_handler = milliseconds(1500);
  auto says = start(alpha());
  auto hears = slow();
  fill_by_event(*says, "box_1", 1, "endless");
  fill_by_event(*says, "box_1", 2, "behind it");
  fill_by_event(*says, "box_2", 1, "t");
  ASSERT_TRUE(eventually([&] { return state_of(*hears, "shadow", "box_2").total() == 1; }));
  ASSERT_TRUE(eventually([&] { return hears->dead_letters(false)->dead_letters_size() == 1; }));
  auto letter = hears->dead_letters(false)->dead_letters(0);
  EXPECT_EQ(letter.key(), "box_1");
  EXPECT_NE(letter.reason().find("did not end"), std::string::npos) << letter.reason();
  EXPECT_NE(letter.reason().find("BoxFilled"), std::string::npos) << letter.reason();
  EXPECT_EQ(hears->lost_threads(), 1);
  EXPECT_EQ(hears->execute<FillResponse>("Dawdle", fill("box_1", 1), {}).status().reason(), "KEY_PARKED");
  hears.reset();  // it can be stopped all the same
  // A restart does not try it again; an operator may, once it can end.
  hears = slow();
  ASSERT_TRUE(eventually([&] { return hears->ready(nullptr); }));
  fill_by_event(*says, "box_3", 1, "t");
  ASSERT_TRUE(eventually([&] { return state_of(*hears, "shadow", "box_3").total() == 1; }));
  EXPECT_EQ(hears->lost_threads(), 0);
  let_go = true;
  letter = hears->dead_letters(false)->dead_letters(0);
  EXPECT_EQ(hears->replay(letter.dead_letter_id(), "mended")->state(), common::v1::DEAD_LETTER_STATE_REPLAYED);
  EXPECT_EQ(state_of(*hears, "shadow", "box_1").total(), 3);
}

TEST_F(SlowHandlerTest, TheActivityNamesTheKeysThatAreSetAsideUntilTheirHandlersEnd) {
  make_topics();
  auto says = start(alpha());
  auto hears = slow();
  const auto before = wall_now();
  fill_by_event(*says, "box_1", 1, "endless");
  ASSERT_TRUE(eventually([&] { return hears->activity()->slow_keys_size() == 1; }));
  const auto slow_key = hears->activity()->slow_keys(0);
  EXPECT_EQ(slow_key.kind(), "shadow");
  EXPECT_EQ(slow_key.key(), "box_1");
  EXPECT_EQ(slow_key.message(), "loomline.kerneltest.v1.BoxFilled");
  EXPECT_GE(slow_key.since().seconds(), before.time_since_epoch().count() / 1'000'000);
  EXPECT_EQ(hears->activity()->slow_keys(0).SerializeAsString(), slow_key.SerializeAsString());
  fill_by_event(*says, "box_2", 1, "t");
  ASSERT_TRUE(eventually([&] { return state_of(*hears, "shadow", "box_2").total() == 1; }));
  EXPECT_EQ(hears->activity()->stalled_lanes_size(), 0) << "the lane goes on";
  EXPECT_TRUE(hears->ready(nullptr));
  ASSERT_TRUE(eventually([] {
    return telemetry::render_metrics().find("loomline_slow_keys{service=\"beta\"} 1\n") != std::string::npos;
  }));
  std::thread caller(
      [&] { EXPECT_EQ(hears->execute<FillResponse>("Dawdle", fill("box_3", 1, "endless"), {})->total(), 1); });
  EXPECT_TRUE(eventually([&] { return hears->activity()->slow_keys_size() == 2; }));
  const auto activity = *hears->activity();
  std::set<std::string> messages;
  for (const auto& one : activity.slow_keys()) messages.insert(one.key() + " " + one.message());
  EXPECT_EQ(messages, (std::set<std::string>{"box_1 loomline.kerneltest.v1.BoxFilled", "box_3 Dawdle"}));
  let_go = true;
  caller.join();
  EXPECT_TRUE(eventually([&] { return hears->activity()->slow_keys_size() == 0; }));
  EXPECT_TRUE(eventually([&] { return state_of(*hears, "shadow", "box_1").total() == 1; }));
}

TEST_F(SlowHandlerTest, AParkedKeyIsADeadLetterAndNoSlowKeyAnyMore) {
  make_topics();
  options_.endless_handler = milliseconds(1000);
  auto says = start(alpha());
  auto hears = slow();
  fill_by_event(*says, "box_1", 1, "endless");
  ASSERT_TRUE(eventually([&] { return hears->activity()->dead_letters() == 1; }));
  EXPECT_TRUE(eventually([&] { return hears->activity()->slow_keys_size() == 0; }));
  const auto letter = hears->dead_letters(false)->dead_letters(0);
  EXPECT_EQ(letter.key(), "box_1");
  EXPECT_TRUE(letter.has_recorded_at());
}

TEST_F(SlowHandlerTest, WhatWasInASlowHandlerWhenTheProcessEndedIsTriedOnceMoreThenParked) {
  make_topics();
  auto says = start(alpha());
  auto hears = slow();
  fill_by_event(*says, "box_1", 1, "endless");
  auto connection = database("beta");
  ASSERT_TRUE(eventually([&] { return connection.exec("SELECT 1 FROM pending WHERE aside").size() == 1; }));
  hears.reset();  // its thread is left alone
  hears = slow();
  ASSERT_TRUE(
      eventually([&] { return connection.exec("SELECT 1 FROM pending WHERE aside AND begun = 1").size() == 1; }));
  hears.reset();
  hears = slow();
  ASSERT_TRUE(
      eventually([&] { return connection.exec("SELECT 1 FROM pending WHERE aside AND begun = 2").size() == 1; }));
  hears.reset();
  hears = slow();
  ASSERT_TRUE(eventually([&] { return hears->dead_letters(false)->dead_letters_size() == 1; }));
  const auto letter = hears->dead_letters(false)->dead_letters(0);
  EXPECT_EQ(letter.key(), "box_1");
  EXPECT_TRUE(letter.reason().starts_with("its handler was begun twice by processes that ended")) << letter.reason();
  EXPECT_EQ(connection.exec("SELECT 1 FROM pending").size(), 0);
}

TEST_F(SlowHandlerTest, AnEndlessCommandParksItsKeyAndItsCallersAreTold) {
  options_.endless_handler = milliseconds(1200);
  auto service = slow();
  std::vector<std::thread> callers;
  for (int i = 0; i < 3; ++i) {
    callers.emplace_back([&] {
      EXPECT_EQ(service->execute<FillResponse>("Dawdle", fill("box_1", 1, "endless"), {}).status().reason(),
                "KEY_PARKED");
    });
  }
  for (auto& caller : callers) caller.join();
  EXPECT_EQ(service->execute<FillResponse>("Dawdle", fill("box_2", 1), {})->total(), 1);
  const auto letter = service->dead_letters(false)->dead_letters(0);
  EXPECT_EQ(service->replay(letter.dead_letter_id(), "").status().reason(), "NOT_REPLAYABLE");
  EXPECT_TRUE(service->drop(letter.dead_letter_id(), "the caller may ask again").ok());
  EXPECT_EQ(service->execute<FillResponse>("Dawdle", fill("box_1", 1), {})->total(), 1);
}

}  // namespace
}  // namespace loomline::eventing
