#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "loomline/http/client.hpp"
#include "loomline/http/server.hpp"
#include "raw_socket.hpp"

namespace loomline::http {
namespace {

using std::chrono::milliseconds;

template <class Predicate>
bool eventually(Predicate predicate) {
  for (int i = 0; i < 2000; ++i) {
    if (predicate()) return true;
    std::this_thread::sleep_for(milliseconds(5));
  }
  return false;
}

// A counter whose stream resumes after Last-Event-ID and ends by itself at 10.
std::optional<Response> count_to_ten(const Request& request, EventStream stream) {
  const auto last = request.headers.get("Last-Event-ID").value_or("0");
  for (int i = std::stoi(std::string(last)) + 1; i <= 10; ++i)
    stream.push({std::to_string(i), "tick", "line one\nline " + std::to_string(i)});
  stream.close();
  return std::nullopt;
}

class StreamTest : public testing::Test {
 protected:
  static ServerOptions options() {
    ServerOptions out;
    out.stream_heartbeat = milliseconds(50);
    out.stream_retry = milliseconds(10);
    out.stream_queue_events = 16;
    out.write_timeout = milliseconds(500);
    return out;
  }
  void SetUp() override {
    server.stream("/count", count_to_ten);
    server.stream("/refused", [](const Request& r, EventStream) -> std::optional<Response> {
      return problem(not_found("ORDER_UNKNOWN", "There is no such order."), r.trace_id);
    });
    server.stream("/open/{name}", [this](const Request&, EventStream stream) -> std::optional<Response> {
      stream.on_close([this] { ++closed; });
      const std::lock_guard lock(mutex);
      streams.push_back(std::move(stream));
      return std::nullopt;
    });
    server.on_exchange([this](const Exchange&) { ++exchanges; });
    ASSERT_TRUE(server.start().ok());
    url = "http://127.0.0.1:" + std::to_string(server.port());
  }
  EventStream stream(std::size_t i) {
    EXPECT_TRUE(eventually([&] {
      const std::lock_guard lock(mutex);
      return streams.size() > i;
    }));
    const std::lock_guard lock(mutex);
    return streams.at(i);
  }

  std::atomic<int> closed{0};
  std::atomic<int> exchanges{0};
  std::mutex mutex;
  std::vector<EventStream> streams;
  Server server{options()};
  std::string url;
};

TEST_F(StreamTest, ResumesAfterLastEventId) {
  Client client(url);
  std::vector<std::string> ids;
  ASSERT_TRUE(client.stream("/count", {}, [&](const Event& e) { return ids.push_back(e.id), e.id != "4"; }).ok());
  EXPECT_EQ(ids.back(), "4");
  StreamOptions resume;
  resume.last_event_id = ids.back();
  Event last;
  const Status ended =
      client.stream("/count", resume, [&](const Event& e) { return ids.push_back(e.id), last = e, true; });
  EXPECT_TRUE(ended.ok()) << ended.to_string();
  EXPECT_EQ(ids, (std::vector<std::string>{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10"}));
  EXPECT_EQ(last.data, "line one\nline 10");
  EXPECT_EQ(last.event, "tick");
}

TEST_F(StreamTest, RefusalIsAnAnswer) {
  const Status status = Client(url).stream("/refused", {}, [](const Event&) { return true; });
  EXPECT_EQ(status.code(), Code::not_found);
  EXPECT_EQ(status.reason(), "ORDER_UNKNOWN");
  Request head;
  head.method = "HEAD";
  head.target = "/count";
  EXPECT_EQ(Client(url).request(head)->status, 405);
}

TEST_F(StreamTest, HeartbeatsAndLatePushes) {
  RawSocket socket(server.port());
  socket.send(get_line("/open/a"));
  ASSERT_TRUE(socket.read_until("retry: 10\n\n"));
  ASSERT_TRUE(socket.read_until(":\n\n", 3));
  EXPECT_NE(socket.seen().find("Content-Type: text/event-stream"), std::string::npos);
  EXPECT_TRUE(stream(0).push({"1", "", "late"}));
  ASSERT_TRUE(socket.read_until("data: late\n\n"));
  EXPECT_EQ(server.stats().streams, 1U);
}

TEST_F(StreamTest, OwnerHearsTheReaderLeave) {
  {
    RawSocket socket(server.port());
    socket.send(get_line("/open/a"));
    ASSERT_TRUE(socket.read_until("retry"));
  }
  EXPECT_TRUE(eventually([&] { return closed == 1; }));
  EXPECT_FALSE(stream(0).push({"", "", "x"}));
  EXPECT_TRUE(eventually([&] { return server.stats().connections == 0; }));
}

TEST_F(StreamTest, SlowReaderIsCutAndOthersAreNot) {
  RawSocket slow(server.port(), 4096);
  slow.send(get_line("/open/slow"));
  ASSERT_TRUE(slow.read_until("retry"));
  RawSocket quick(server.port());
  quick.send(get_line("/open/quick"));
  ASSERT_TRUE(quick.read_until("retry"));
  EventStream stuck = stream(0);
  const std::string data(60'000, 'x');
  EXPECT_TRUE(eventually([&] { return !stuck.push({"", "", data}); }));
  EXPECT_TRUE(eventually([&] { return closed == 1; }));
  EXPECT_TRUE(stream(1).push({"", "", "fine"}));
  EXPECT_TRUE(quick.read_until("data: fine"));
}

TEST_F(StreamTest, HundredsOfStreamsNeedNoThreads) {
  std::vector<std::unique_ptr<RawSocket>> sockets;
  for (int i = 0; i < 300; ++i) {
    sockets.push_back(std::make_unique<RawSocket>(server.port()));
    ASSERT_TRUE(sockets.back()->send(get_line("/open/x")));
  }
  for (auto& socket : sockets) ASSERT_TRUE(socket->read_until("retry"));
  for (std::size_t i = 0; i < 300; ++i) EXPECT_TRUE(stream(i).push({"", "", "all"}));
  for (auto& socket : sockets) EXPECT_TRUE(socket->read_until("data: all"));
  EXPECT_EQ(server.stats().streams, 300U);
  EXPECT_TRUE(server.stop(std::chrono::seconds(20)));
  for (auto& socket : sockets) EXPECT_TRUE(socket->read_all().ends_with("0\r\n\r\n"));
  EXPECT_EQ(closed, 300);
}

TEST_F(StreamTest, ClientReconnectsByItself) {
  Client client(url);
  StreamOptions options;
  options.reconnects = -1;
  std::vector<std::string> seen;
  std::thread producer([&] {
    EventStream first = stream(0);
    first.push({"1", "", "a"});
    first.close();
    stream(1).push({"2", "", "b"});
  });
  EXPECT_TRUE(
      client.stream("/open/x", options, [&](const Event& e) { return seen.push_back(e.id), seen.size() < 2; }).ok());
  producer.join();
  EXPECT_EQ(seen, (std::vector<std::string>{"1", "2"}));
}

TEST_F(StreamTest, PushersSurviveTheServer) {
  RawSocket socket(server.port());
  socket.send(get_line("/open/a"));
  EventStream kept = stream(0);
  std::atomic<bool> stop{false};
  std::thread pusher([&] {
    while (!stop) {
      kept.push({"", "", "x"});
      std::this_thread::sleep_for(milliseconds(1));
    }
  });
  EXPECT_TRUE(socket.read_until("data: x"));
  server.stop(milliseconds(200));
  EXPECT_TRUE(eventually([&] { return kept.closed(); }));
  stop = true;
  pusher.join();
}

}  // namespace
}  // namespace loomline::http
