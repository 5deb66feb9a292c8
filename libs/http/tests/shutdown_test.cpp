#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "loomline/http/client.hpp"
#include "loomline/http/server.hpp"
#include "raw_socket.hpp"

namespace loomline::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class ShutdownTest : public testing::Test {
 protected:
  void SetUp() override {
    server.route("GET", "/wait", [this](const Request&) {
      running = true;
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return release; });
      return text_response("finished");
    });
    server.route("GET", "/", [](const Request&) { return text_response("ok"); });
    ASSERT_TRUE(server.start().ok());
  }
  void let_go() {
    {
      const std::lock_guard lock(mutex);
      release = true;
    }
    changed.notify_all();
  }

  std::mutex mutex;
  std::condition_variable changed;
  bool release = false;
  std::atomic<bool> running{false};
  Server server;
};

TEST_F(ShutdownTest, FinishesWhatIsInFlight) {
  RawSocket idle(server.port());
  idle.send(get_line("/"));
  ASSERT_TRUE(idle.read_until("ok"));
  RawSocket busy(server.port());
  busy.send(get_line("/wait"));
  while (!running) std::this_thread::yield();
  const unsigned short port = server.port();
  std::thread stopper([&] { EXPECT_TRUE(server.stop(seconds(20))); });
  idle.read_all();  // closed although the other still works
  let_go();
  const std::string answer = busy.read_all();
  stopper.join();
  EXPECT_TRUE(answer.ends_with("finished")) << answer;
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
  EXPECT_FALSE(RawSocket(port).connected());
}

TEST_F(ShutdownTest, DeadlineCutsTheRest) {
  RawSocket half(server.port());
  half.send("GET / HTTP/1.1\r\n");
  RawSocket whole(server.port());
  whole.send(get_line("/"));
  ASSERT_TRUE(whole.read_until("ok"));
  while (server.stats().connections < 2) std::this_thread::yield();
  std::this_thread::sleep_for(milliseconds(50));  // so that the half request has been read
  EXPECT_FALSE(server.stop(milliseconds(50)));
  EXPECT_TRUE(server.stop(milliseconds(50)));  // idempotent
}

TEST_F(ShutdownTest, DestructionAloneIsEnough) {
  auto other = std::make_unique<Server>();
  other->route("GET", "/", [](const Request&) { return text_response("ok"); });
  ASSERT_TRUE(other->start().ok());
  RawSocket socket(other->port());
  socket.send(get_line("/"));
  ASSERT_TRUE(socket.read_until("ok"));
  other.reset();
  EXPECT_TRUE(socket.read_all().ends_with("ok"));  // and then the end
  const Server never_started;
}

}  // namespace
}  // namespace loomline::http
