// What could differ where a call stays in the process and nothing makes bytes of it.
#include "echo_fixture.hpp"

namespace loomline::rpc {
namespace {

// All that a caller can see of an answer that is an error.
void expect_same(const Status& here, const Status& there) {
  EXPECT_EQ(here.code(), there.code());
  EXPECT_EQ(here.reason(), there.reason());
  EXPECT_EQ(here.message(), there.message());
  EXPECT_EQ(here.violations(), there.violations());
}

TEST(Local, WhoNamesNoTimeoutIsServedOnItsOwnThreadWhileThePoolHasATurn) {
  EchoServer echo;
  echo.options.threads = 1;
  std::thread::id inside;
  std::atomic<bool> held{false};
  std::atomic<bool> open{false};
  echo.fail = [&](const CallContext&, const Ping& request) -> Result<Pong> {
    if (request.text() == "hold") {
      held = true;
      soon([&] { return open.load(); });
    } else {
      inside = std::this_thread::get_id();
    }
    return Pong();
  };
  ASSERT_NO_FATAL_FAILURE(echo.start());
  ASSERT_TRUE(soon([&] {  // as soon as the pool's thread sleeps
    EXPECT_TRUE((echo.local->call<Ping, Pong>(fail_method, ping("x"))).ok());
    return inside == std::this_thread::get_id();
  }));
  ASSERT_TRUE((echo.local->call<Ping, Pong>(fail_method, ping("x"), {.timeout = seconds(10)})).ok());
  EXPECT_NE(inside, std::this_thread::get_id()) << "it could not leave";
  std::thread holder([&] { EXPECT_TRUE((echo.local->call<Ping, Pong>(fail_method, ping("hold"))).ok()); });
  ASSERT_TRUE(soon([&] { return held.load(); }));
  EXPECT_EQ((echo.local->call<Ping, Pong>(fail_method, ping("x"), {.timeout = milliseconds(50)})).status().code(),
            Code::deadline_exceeded)
      << "not more at once than the pool has threads";
  std::thread queued([&] { EXPECT_TRUE((echo.local->call<Ping, Pong>(fail_method, ping("x"))).ok()); });
  open = true;
  holder.join();
  queued.join();
  EXPECT_NE(inside, std::this_thread::get_id());
}

TEST(Local, TheHandlerHasARequestOfItsOwn) {
  EchoServer echo;
  std::atomic<bool> open{false};
  std::atomic<bool> inside{false};
  std::atomic<bool> seen{false};
  echo.fail = [&](const CallContext&, const Ping& request) -> Result<Pong> {
    inside = true;
    soon([&] { return open.load(); });
    seen = request.text() == std::string(1000, 'a');
    Pong pong;
    pong.set_text("late");
    return pong;
  };
  ASSERT_NO_FATAL_FAILURE(echo.start());
  Pong answer;
  answer.set_text("mine");
  {
    auto request = std::make_unique<Ping>(ping(std::string(1000, 'a')));
    const auto status = echo.local->call_untyped(fail_method, *request, answer, {.timeout = milliseconds(100)});
    EXPECT_EQ(status.code(), Code::deadline_exceeded) << status.to_string();
    request->set_text(std::string(1000, 'b'));
  }
  EXPECT_TRUE(inside);
  open = true;
  EXPECT_TRUE(soon([&] { return seen.load(); })) << "the caller's message went with the caller";
  echo.server->shutdown();
  EXPECT_EQ(answer.text(), "mine") << "an answer that came too late was delivered";
}

TEST(Local, AnAnswerReplacesWhatStoodInTheMessage) {
  EchoServer echo;
  echo.fail = [](const CallContext&, const Ping&) -> Result<Pong> {
    Pong pong;
    pong.set_number(3);
    return pong;
  };
  ASSERT_NO_FATAL_FAILURE(echo.start());
  for (auto* channel : {echo.local.get(), echo.socket.get()}) {
    Pong answer;
    answer.set_text("before");
    ASSERT_TRUE(channel->call_untyped(fail_method, ping("x"), answer).ok());
    EXPECT_EQ(answer.text(), "");
    EXPECT_EQ(answer.number(), 3);
  }
}

TEST(Local, TextThatIsNotUtf8IsRefusedAsOverASocket) {
  EchoServer echo;
  std::atomic<int> calls{0};
  echo.fail = [&](const CallContext&, const Ping&) -> Result<Pong> {
    ++calls;
    return Pong();
  };
  ASSERT_NO_FATAL_FAILURE(echo.start());
  const auto here = echo.local->call<Ping, Pong>(fail_method, ping("\xff\xfe"));
  const auto there = echo.socket->call<Ping, Pong>(fail_method, ping("\xff\xfe"));
  EXPECT_EQ(here.status().code(), Code::invalid_argument) << here.status().to_string();
  expect_same(here.status(), there.status());
  EXPECT_EQ(calls, 0);
}

TEST(Local, AnAnswerAboveWhatAClientTakesIsRefused) {
  EchoServer echo;
  echo.fail = [](const CallContext&, const Ping&) -> Result<Pong> {
    Pong pong;
    pong.set_text(std::string(std::size_t{17} << 20, 'x'));
    return pong;
  };
  ASSERT_NO_FATAL_FAILURE(echo.start());
  const auto here = echo.local->call<Ping, Pong>(fail_method, ping("x"));
  const auto there = echo.socket->call<Ping, Pong>(fail_method, ping("x"));
  EXPECT_EQ(here.status().code(), Code::resource_exhausted) << here.status().to_string();
  EXPECT_EQ(here.status().code(), there.status().code());
  EXPECT_EQ(here.status().reason(), there.status().reason());
}

TEST(Local, ErrorsAreTheSameValuesOverBothWays) {
  EchoServer echo;
  echo.fail = [](const CallContext& call, const Ping& request) -> Result<Pong> {
    call.answer_positions("p/1:2");
    Status status(static_cast<Code>(request.number()), request.text(), std::string(3000, 'm'));
    for (int i = 0; i < 3 * request.number(); ++i) status.with({"f" + std::to_string(i), std::string(99, 'p'), "r"});
    return status;
  };
  ASSERT_NO_FATAL_FAILURE(echo.start());
  for (int code = 1; code <= 16; ++code) {
    Reply here;
    Reply there;
    const auto a = echo.local->call<Ping, Pong>(fail_method, ping("R" + std::to_string(code), code), {}, &here);
    const auto b = echo.socket->call<Ping, Pong>(fail_method, ping("R" + std::to_string(code), code), {}, &there);
    expect_same(a.status(), b.status());
    EXPECT_EQ(here.positions, "p/1:2");
    EXPECT_EQ(there.positions, "p/1:2");
  }
}

TEST(Local, ACallerThatNamesNothingIsTheSameOverBothWays) {
  EchoServer echo;
  ASSERT_NO_FATAL_FAILURE(echo.start());
  const CallOptions nothing{.caller = {"", "", "", ""}};
  const auto here = echo.local->call<Ping, Pong>(echo_method, ping("x"), nothing);
  const auto there = echo.socket->call<Ping, Pong>(echo_method, ping("x"), nothing);
  EXPECT_EQ(here->caller(), "unknown/main////");
  EXPECT_EQ(here->caller(), there->caller());
  EXPECT_FALSE(here->trace_id().empty());
}

TEST(Local, TimeThatIsOverOrWithoutEnd) {
  EchoServer echo;
  ASSERT_NO_FATAL_FAILURE(echo.start());
  for (const Duration over : {Duration(0), Duration(seconds(-5))}) {
    const auto pong = echo.local->call<Ping, Pong>(echo_method, ping("x"), {.timeout = over});
    EXPECT_EQ(pong.status().code(), Code::deadline_exceeded) << pong.status().to_string();
  }
  const auto pong = echo.local->call<Ping, Pong>(echo_method, ping("x"), {.timeout = Duration::max()});
  EXPECT_TRUE(pong.ok()) << pong.status().to_string();
}

TEST(Local, ACallThatWaitedTooLongInTheQueueIsNotHandled) {
  EchoServer echo;
  echo.options.threads = 1;
  std::atomic<bool> open{false};
  std::atomic<int> handled{0};
  echo.fail = [&](const CallContext&, const Ping&) -> Result<Pong> {
    ++handled;
    soon([&] { return open.load(); });
    return Pong();
  };
  ASSERT_NO_FATAL_FAILURE(echo.start());
  std::thread first([&] { EXPECT_TRUE((echo.local->call<Ping, Pong>(fail_method, ping("x"))).ok()); });
  ASSERT_TRUE(soon([&] { return handled == 1; }));
  const auto late = echo.local->call<Ping, Pong>(fail_method, ping("x"), {.timeout = milliseconds(50)});
  EXPECT_EQ(late.status().code(), Code::deadline_exceeded);
  open = true;
  first.join();
  EXPECT_TRUE((echo.local->call<Ping, Pong>(echo_method, ping("x"))).ok()) << "the pool is free again";
  EXPECT_EQ(handled, 1);
}

TEST(Local, ShutdownLetsACallFinishAndRefusesNewOnes) {
  EchoServer echo;
  std::atomic<bool> inside{false};
  std::atomic<bool> open{false};
  echo.fail = [&](const CallContext&, const Ping&) -> Result<Pong> {
    inside = true;
    soon([&] { return open.load(); });
    return Pong();
  };
  ASSERT_NO_FATAL_FAILURE(echo.start());
  Result<Pong> answered = Status(Code::unknown, "", "");
  std::thread caller([&] { answered = echo.local->call<Ping, Pong>(fail_method, ping("x")); });
  ASSERT_TRUE(soon([&] { return inside.load(); }));
  std::thread stopper([&] { echo.server->shutdown(seconds(30)); });
  EXPECT_TRUE(soon([&] {
    const auto late = echo.local->call<Ping, Pong>(echo_method, ping("late"), {.timeout = milliseconds(150)});
    return late.status().code() == Code::unavailable;
  }));
  open = true;
  caller.join();
  stopper.join();
  EXPECT_TRUE(answered.ok()) << answered.status().to_string();
}

TEST(Local, ShutdownCancelsWhatOutlivesItsGraceAndWaitsForTheHandler) {
  EchoServer echo;
  std::atomic<bool> inside{false};
  std::atomic<bool> returned{false};
  echo.fail = [&](const CallContext& call, const Ping&) -> Result<Pong> {
    inside = true;
    soon([&] { return call.cancelled(); });
    std::this_thread::sleep_for(milliseconds(100));
    returned = true;
    return Pong();
  };
  ASSERT_NO_FATAL_FAILURE(echo.start());
  Result<Pong> answered = Pong();
  std::thread caller([&] { answered = echo.local->call<Ping, Pong>(fail_method, ping("x")); });
  ASSERT_TRUE(soon([&] { return inside.load(); }));
  echo.server->shutdown(milliseconds(50));
  EXPECT_TRUE(returned) << "the handler was still at work";
  caller.join();
  EXPECT_EQ(answered.status().code(), Code::unavailable) << answered.status().to_string();
}

TEST(Local, AChannelOutlivesItsServer) {
  std::shared_ptr<Channel> channel;
  {
    EchoServer echo;
    ASSERT_NO_FATAL_FAILURE(echo.start());
    channel = echo.local;
    EXPECT_TRUE(channel->healthy(service));
  }
  EXPECT_EQ((channel->call<Ping, Pong>(echo_method, ping("x"))).status().code(), Code::unavailable);
  EXPECT_FALSE(channel->healthy(service));
}

TEST(Local, ManyCallersAndShutdownAtAnyMoment) {
  for (int round = 0; round < 20; ++round) {
    EchoServer echo;
    echo.options.threads = 2;
    ASSERT_NO_FATAL_FAILURE(echo.start());
    std::atomic<int> good{0};
    std::atomic<int> other{0};
    std::vector<std::thread> callers;
    for (int i = 0; i < 4; ++i) {
      callers.emplace_back([&, i] {
        for (int k = 0; k < 1000; ++k) {
          const auto pong = echo.local->call<Ping, Pong>(echo_method, ping("x", i * 1000 + k));
          if (pong.ok() && pong->number() == i * 1000 + k) {
            ++good;
          } else if (pong.status().code() == Code::unavailable) {
            return;
          } else {
            ++other;
          }
        }
      });
    }
    EXPECT_TRUE(soon([&] { return good > round * 10; }));
    echo.server->shutdown();
    for (auto& caller : callers) caller.join();
    EXPECT_EQ(other, 0);
    EXPECT_EQ((echo.local->call<Ping, Pong>(echo_method, ping("x"))).status().reason(), "SHUTTING_DOWN");
  }
}

}  // namespace
}  // namespace loomline::rpc
