// The kernel end to end on a real broker and a real database.
#include "tests/rig.hpp"

namespace loomline::eventing {
namespace {

using KernelTest = RigTest;

TEST_F(KernelTest, ACommandTravelsThroughTwoServicesAndBack) {
  auto from = start(alpha());
  auto to = start(beta());
  ASSERT_EQ(from->execute<FillResponse>("Fill", fill("box_1", 3), {})->total(), 3);
  ASSERT_EQ(from->execute<FillResponse>("Fill", fill("box_1", 4), {})->total(), 7);
  ASSERT_TRUE(eventually([&] { return state_of(*from, "box", "box_1").tags_size() == 2; }));
  EXPECT_EQ(state_of(*to, "shadow", "box_1").total(), 7);
  EXPECT_EQ(state_of(*from, "box", "box_1").tags(1), "counted 7");
  EXPECT_EQ(from->reader().find("main", "box", "tag", "t", "", 10)->size(), 1U);
  std::string positions;
  ASSERT_TRUE(from->execute<FillResponse>("Fill", fill("box_1", 5), {.positions = &positions}).ok());
  EXPECT_TRUE(to->await(positions, std::chrono::seconds(10))) << positions;
  EXPECT_EQ(state_of(*to, "shadow", "box_1").total(), 12) << "one's own write is read";
  EXPECT_FALSE(to->await("t.box/0/1/999999", std::chrono::milliseconds(20)));
  EXPECT_FALSE(to->await("nonsense", std::chrono::milliseconds(20)));
  EXPECT_TRUE(eventually([&] { return quiet({from.get(), to.get()}); }));
  std::string why;
  EXPECT_TRUE(from->ready(&why) && from->live(&why)) << why;
  const auto heard = *to->activity();
  auto brief = *to->activity(false);
  EXPECT_GT(heard.consumed_size(), 0);
  EXPECT_EQ(brief.consumed_size() + brief.produced_size(), 0);
  EXPECT_EQ(brief.outbox_pending() + brief.commands_running(), 0);
  EXPECT_EQ(brief.steps_applied(), heard.steps_applied());
}

TEST_F(KernelTest, WhatHasNothingToSayComesToRest) {
  auto service = start(Service("mute"));
  EXPECT_TRUE(eventually([&] { return !service->busy(); }));
}

TEST_F(KernelTest, ARepeatedCommandHasOneEffectAndOneAnswer) {
  auto service = start(alpha());
  EXPECT_EQ(service->execute<FillResponse>("Fill", fill("box_1", 3), {.idempotency_key = "k"})->total(), 3);
  EXPECT_EQ(service->execute<FillResponse>("Fill", fill("box_1", 3), {.idempotency_key = "k"})->total(), 3);
  EXPECT_EQ(service->execute<FillResponse>("Fill", fill("box_1", 4), {.idempotency_key = "k"}).status().reason(),
            "IDEMPOTENCY_KEY_REUSED");
  EXPECT_EQ(service->execute<FillResponse>("Fill", fill("box_1", -1), {.idempotency_key = "n"}).status().code(),
            Code::invalid_argument);
  EXPECT_EQ(state_of(*service, "box", "box_1").total(), 3);
  faults::lose_commit_answer = true;
  EXPECT_EQ(service->execute<FillResponse>("Fill", fill("box_1", 1), {})->total(), 4) << "a commit in doubt, found out";
  EXPECT_EQ(state_of(*service, "box", "box_1").total(), 4);
}

TEST_F(KernelTest, DuplicatesAreDroppedAndGapsAreWaitedFor) {
  make_topics();
  auto service = start(beta());
  say("t.box", "alpha", "box_1", 1, make<BoxOpened>("box_1", 0, ""));
  say("t.box", "alpha", "box_1", 2, make<BoxFilled>("box_1", 1, "a"));
  say("t.box", "alpha", "box_1", 2, make<BoxFilled>("box_1", 1, "a"));
  say("t.box", "alpha", "box_1", 1, make<BoxOpened>("box_1", 0, ""));
  say("t.box", "alpha", "box_1", 4, make<BoxFilled>("box_1", 100, "c"));  // 3 was lost
  ASSERT_TRUE(eventually([&] { return state_of(*service, "shadow", "box_1").total() == 1; }));
  std::this_thread::sleep_for(std::chrono::milliseconds(700));
  EXPECT_EQ(state_of(*service, "shadow", "box_1").total(), 1) << "nothing beyond a gap is applied";
  say("t.box", "alpha", "box_1", 3, make<BoxFilled>("box_1", 10, "b"));
  say("t.box", "alpha", "box_1", 4, make<BoxFilled>("box_1", 100, "c"));
  ASSERT_TRUE(eventually([&] { return state_of(*service, "shadow", "box_1").total() == 111; }));
  EXPECT_EQ(state_of(*service, "shadow", "box_1").tags_size(), 3);
}

TEST_F(KernelTest, EventsWaitForTheirPreconditionOverARestart) {
  make_topics();
  auto service = start(beta());
  say("t.box", "alpha", "box_1", 1, make<BoxFilled>("box_1", 1, "a"));
  say("t.box", "alpha", "box_1", 2, make<BoxFilled>("box_1", 2, "b"));
  ASSERT_TRUE(eventually([&] { return service->activity()->events_waiting() == 2; }));
  service.reset();
  service = start(beta());
  EXPECT_EQ(service->activity()->events_waiting(), 2);
  EXPECT_FALSE(state_of(*service, "shadow", "box_1").open());
  say("t.lock", "gamma", "box_1", 1, make<BoxUnlocked>("box_1", 0, ""));
  ASSERT_TRUE(eventually([&] { return state_of(*service, "shadow", "box_1").total() == 3; }));
  EXPECT_EQ(state_of(*service, "shadow", "box_1").tags(0), "a");
  EXPECT_EQ(service->activity()->events_waiting(), 0);
}

TEST_F(KernelTest, TwoCommandsAndAnEventOnOneKeyAtOnceAllCount) {
  auto service = start(alpha());
  std::vector<std::string> times;
  std::mutex mutex;
  const auto tailed = tail(options_.kafka, options_.installation, {"t.box"}, true, [&](const TailedEvent& event) {
    const std::lock_guard lock(mutex);
    times.push_back(format_rfc3339(event.recorded));
  });
  std::vector<std::thread> callers;
  constexpr int kCallers = 6, kEach = 20;
  for (int caller = 0; caller < kCallers; ++caller) {
    callers.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) ASSERT_TRUE(service->execute<FillResponse>("Fill", fill("box_1", 1), {}).ok());
    });
  }
  for (int i = 1; i <= 20; ++i) {
    BoxCounted counted;
    counted.set_box_id("box_1");
    counted.set_total(i);
    say("t.count", "beta", "box_1", i, counted);
  }
  for (auto& caller : callers) caller.join();
  ASSERT_TRUE(eventually([&] { return state_of(*service, "box", "box_1").tags_size() == 20; }));
  EXPECT_EQ(state_of(*service, "box", "box_1").total(), kCallers * kEach);
  constexpr std::size_t kEvents = kCallers * kEach + 1;  // and one opening
  ASSERT_TRUE(eventually([&] {
    const std::lock_guard lock(mutex);
    return times.size() == kEvents;
  }));
  const std::lock_guard lock(mutex);
  const auto at = [](const std::string& text) { return parse_rfc3339(text).value(); };
  for (std::size_t i = 1; i < times.size(); ++i) EXPECT_LT(at(times[i - 1]), at(times[i]));
}

TEST_F(KernelTest, TimersFireInTheTopicsClockAndOnlyOnce) {
  options_.clock = ClockMode::topic;
  auto service = start(alpha());
  const auto advance = [&](const char* to) {
    common::v1::BusinessClockAdvanced clock;
    clock.set_clock_id("clk_main");
    clock.mutable_now()->set_seconds(
        std::chrono::duration_cast<std::chrono::seconds>(parse_rfc3339(to)->time_since_epoch()).count());
    ASSERT_TRUE(service->execute<FillResponse>("Advance", clock, {}).ok());
    ASSERT_TRUE(eventually([&] { return service->now() >= parse_rfc3339(to).value(); }));
    ASSERT_TRUE(eventually([&] { return quiet({service.get()}); }));
  };
  advance("2026-01-05T08:00:00Z");
  ASSERT_TRUE(service->execute<FillResponse>("Fill", fill("box_1", 1, "alarm"), {}).ok());
  advance("2026-01-05T08:59:59Z");
  EXPECT_EQ(state_of(*service, "box", "box_1").rings(), 0);
  advance("2026-01-05T09:00:00Z");
  EXPECT_EQ(state_of(*service, "box", "box_1").rings(), 1);
  service.reset();
  service = start(alpha());
  EXPECT_EQ(service->now(), parse_rfc3339("2026-01-05T09:00:00Z").value()) << "the clock is read again at start";
  // What stands last is an old time again, and what nobody can read.
  service.reset();
  common::v1::BusinessClockAdvanced old;
  old.set_clock_id("clk_main");
  old.mutable_now()->set_seconds(1);
  say("loomline.clock", "alpha", "clk_main", 1, old);
  produce("loomline.clock", "clk_main", "foreign", {});
  service = start(alpha());
  EXPECT_EQ(service->now(), parse_rfc3339("2026-01-05T09:00:00Z").value());
  advance("2026-01-05T10:00:00Z");
  EXPECT_EQ(state_of(*service, "box", "box_1").rings(), 1);
}

}  // namespace
}  // namespace loomline::eventing
