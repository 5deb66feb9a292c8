#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

#include "echo_fixture.hpp"

namespace loomline::rpc {
namespace {

Result<Pong> nothing(const CallContext&, const Ping&) { return Pong(); }

TEST(Registration, AWrongNameTypeOrKindFailsAtOnce) {
  Server server({});
  EXPECT_THROW((server.unary<Ping, Pong>("loomline.rpctest.v1.EchoService.Nothing", nothing)), std::logic_error);
  EXPECT_THROW((server.unary<Pong, Pong>(echo_method, [](const CallContext&, const Pong& p) { return Result(p); })),
               std::logic_error);
  EXPECT_THROW((server.unary<Ping, Pong>(count_method, nothing)), std::logic_error);
  server.unary<Ping, Pong>(echo_method, nothing);
  EXPECT_THROW((server.unary<Ping, Pong>(echo_method, nothing)), std::logic_error);
}

TEST(Registration, AMethodWithoutAHandlerIsNamed) {
  Server server({});
  server.unary<Ping, Pong>(echo_method, nothing);
  server.unary<Ping, Pong>(fail_method, nothing);
  try {
    server.finish_registration(service);
    FAIL() << "accepted";
  } catch (const std::logic_error& error) {
    EXPECT_STREQ(error.what(),
                 "methods without a handler: loomline.rpctest.v1.EchoService.Count, "
                 "loomline.rpctest.v1.EchoService.Watch");
  }
}

struct Api {
  Result<Pong> echo(const CallContext&, const Ping& request) {
    Pong pong;
    pong.set_text(request.text() + "!");
    return pong;
  }
};

TEST(Registration, MembersNeedNoLambda) {
  Api api;
  Server server({.address = ""});
  server.unary(echo_method, &api, &Api::echo);
  ASSERT_TRUE(server.start().ok());
  EXPECT_EQ(server.port(), 0);
  const auto pong = server.in_process_channel()->call<Ping, Pong>(echo_method, ping("a"));
  ASSERT_TRUE(pong.ok()) << pong.status().to_string();
  EXPECT_EQ((*pong).text(), "a!");
}

TEST(Lifecycle, APortInUseIsSaidSo) {
  EchoServer first;
  ASSERT_NO_FATAL_FAILURE(first.start());
  Server second({.address = first.server->address()});
  const Status status = second.start();
  EXPECT_EQ(status.reason(), "ADDRESS_IN_USE") << status.to_string();
}

TEST(Lifecycle, HealthFollowsReadiness) {
  EchoServer echo;
  ASSERT_NO_FATAL_FAILURE(echo.start());
  EXPECT_TRUE(echo.socket->healthy());
  EXPECT_TRUE(echo.socket->healthy(service));
  EXPECT_FALSE(echo.socket->healthy("loomline.unknown"));
  echo.server->set_ready(false);
  EXPECT_FALSE(echo.socket->healthy());
  EXPECT_FALSE(echo.local->healthy(service));
}

TEST(Lifecycle, ShutdownLetsCallsFinishAndRefusesNewOnes) {
  EchoServer echo;
  std::atomic<bool> inside{false}, let_go{false};
  echo.fail = [&](const CallContext&, const Ping&) -> Result<Pong> {
    inside = true;
    (void)soon([&] { return let_go.load(); });
    return Pong();
  };
  ASSERT_NO_FATAL_FAILURE(echo.start());
  Result<Pong> answered = Status(Code::unknown, "", "");
  std::thread caller([&] { answered = echo.socket->call<Ping, Pong>(fail_method, ping("x")); });
  ASSERT_TRUE(soon([&] { return inside.load(); }));
  std::thread stopper([&] { echo.server->shutdown(seconds(5)); });
  // As soon as the shutdown has begun, and long before the call ends that holds it up.
  EXPECT_TRUE(soon([&] {
    return !echo.socket->call<Ping, Pong>(echo_method, ping("late"), {.timeout = milliseconds(150)}).ok();
  }));
  EXPECT_FALSE(let_go.exchange(true));
  caller.join();
  stopper.join();
  EXPECT_TRUE(answered.ok()) << answered.status().to_string();
  EXPECT_EQ((echo.socket->call<Ping, Pong>(echo_method, ping("after"))).status().code(), Code::unavailable);
}

TEST(Lifecycle, ShutdownCancelsWhatOutlivesItsGrace) {
  EchoServer echo;
  std::atomic<bool> inside{false};
  echo.fail = [&](const CallContext& call, const Ping&) -> Result<Pong> {
    inside = true;
    while (!call.cancelled()) std::this_thread::sleep_for(milliseconds(2));
    return Pong();
  };
  ASSERT_NO_FATAL_FAILURE(echo.start());
  Result<Pong> answered = Pong();
  std::thread caller([&] { answered = echo.socket->call<Ping, Pong>(fail_method, ping("x")); });
  ASSERT_TRUE(soon([&] { return inside.load(); }));
  const auto begun = std::chrono::steady_clock::now();
  echo.server->shutdown(milliseconds(200));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, seconds(4));
  caller.join();
  EXPECT_FALSE(answered.ok());
}

TEST(Lifecycle, ShutdownEndsOpenWatchesAndTellsTheirOwners) {
  EchoServer echo;
  StreamHandle<Pong> kept;
  std::atomic<int> gone{0};
  std::atomic<bool> ready{false};
  echo.watch = [&](const CallContext&, const Ping&, StreamHandle<Pong> handle) -> Status {
    handle.on_gone([&] { ++gone; });
    kept = std::move(handle);
    ready = true;
    return {};
  };
  ASSERT_NO_FATAL_FAILURE(echo.start());
  const auto over_socket = std::make_shared<Collected>();
  const auto subscription = echo.socket->stream(watch_method, ping("x"), Pong(), {}, collect(over_socket));
  ASSERT_TRUE(soon([&] { return ready.load(); }));
  echo.server->shutdown(seconds(5));
  EXPECT_TRUE(soon([&] { return over_socket->is_done(); }));
  EXPECT_EQ(over_socket->status.reason(), "SHUTTING_DOWN") << over_socket->status.to_string();
  EXPECT_EQ(gone, 1);
  kept = {};
}

TEST(Lifecycle, AClientWaitsForAServerThatComesLater) {
  EchoServer probe;
  ASSERT_NO_FATAL_FAILURE(probe.start());
  const std::string address = probe.server->address();
  probe.server->shutdown();
  const auto channel = Channel::connect(address);
  EXPECT_EQ((channel->call<Ping, Pong>(echo_method, ping("x"))).status().code(), Code::unavailable);
  EchoServer late;
  late.options.address = address;
  std::thread starter([&] {
    std::this_thread::sleep_for(milliseconds(200));
    late.start();
  });
  const auto pong = channel->call<Ping, Pong>(echo_method, ping("x"), {.wait_for_ready = true});
  starter.join();
  EXPECT_TRUE(pong.ok()) << pong.status().to_string();
}

// A socket that takes a connection at once, and passes on what comes through it only after a while.
class SlowDoor {
 public:
  SlowDoor(int to, milliseconds delay) {
    auto address = loopback(0);
    socklen_t size = sizeof(address);
    bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    listen(listener_, 1);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, to, delay] {
      const int in = accept(listener_, nullptr, nullptr);
      std::this_thread::sleep_for(delay);
      const auto server = loopback(to);
      const int out = socket(AF_INET, SOCK_STREAM, 0);
      connect(out, reinterpret_cast<const sockaddr*>(&server), sizeof(server));
      std::thread back([=] { pass(out, in); });
      pass(in, out);
      back.join();
      close(in);
      close(out);
    });
  }
  ~SlowDoor() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  static sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    return address;
  }
  static void pass(int from, int to) {
    char bytes[4096];
    for (ssize_t n = 0; (n = recv(from, bytes, sizeof(bytes), 0)) > 0;)
      send(to, bytes, static_cast<std::size_t>(n), MSG_NOSIGNAL);
    shutdown(to, SHUT_WR);
  }

  const int listener_ = socket(AF_INET, SOCK_STREAM, 0);
  int port_ = 0;
  std::thread thread_;
};

TEST(Lifecycle, AServerThatIsSlowToGreetIsWaitedFor) {
  EchoServer echo;
  ASSERT_NO_FATAL_FAILURE(echo.start());
  const SlowDoor door(echo.server->port(), milliseconds(500));
  const auto pong = Channel::connect(door.address())->call<Ping, Pong>(echo_method, ping("x"));
  EXPECT_TRUE(pong.ok()) << pong.status().to_string();
}

// An in-process chain as `serve --target=all` has it: the outer service's threads all wait for the inner one.
TEST(Lifecycle, AServiceThatWaitsForAnotherInItsProcessDoesNotStarveIt) {
  Server outer({.address = "", .threads = 1});
  EchoServer inner;
  inner.options.threads = 1;
  ASSERT_NO_FATAL_FAILURE(inner.start());
  outer.unary<Ping, Pong>(echo_method, [&](const CallContext& call, const Ping& request) {
    return inner.local->call<Ping, Pong>(echo_method, request, CallOptions::from(call));
  });
  ASSERT_TRUE(outer.start().ok());
  const auto channel = outer.in_process_channel();
  std::vector<std::thread> callers;
  std::atomic<int> good{0};
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&] {
      for (int k = 0; k < 50; ++k) good += (channel->call<Ping, Pong>(echo_method, ping("x", k))).ok() ? 1 : 0;
    });
  }
  for (auto& thread : callers) thread.join();
  EXPECT_EQ(good, 400);
}

}  // namespace
}  // namespace loomline::rpc
