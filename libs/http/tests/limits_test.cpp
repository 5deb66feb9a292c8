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

ServerOptions small() {
  ServerOptions options;
  options.max_header_bytes = 2048;
  options.max_body_bytes = 1000;
  options.header_timeout = milliseconds(300);
  options.body_timeout = milliseconds(300);
  return options;
}

class LimitsTest : public testing::Test {
 protected:
  void SetUp() override {
    server.route("POST", "/small", [](const Request& r) { return text_response(std::to_string(r.body.size())); });
    server.route("POST", "/large", [](const Request& r) { return text_response(std::to_string(r.body.size())); },
                 {.max_body_bytes = 100'000});
    server.route("GET", "/", [](const Request&) { return text_response("ok"); });
    ASSERT_TRUE(server.start().ok());
  }

  std::string say(std::string_view bytes) {
    RawSocket socket(server.port());
    EXPECT_TRUE(socket.send(bytes));
    return socket.read_all();
  }
  static std::string post(std::string_view path, std::string_view header, std::string_view body) {
    return "POST " + std::string(path) + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + std::string(header) +
           "\r\n" + std::string(body);
  }
  static std::string chunks(std::size_t size, int count) {
    char text[32];
    std::snprintf(text, sizeof text, "%zx\r\n", size);
    std::string out;
    for (int i = 0; i < count; ++i) out += text + std::string(size, 'x') + "\r\n";
    return out + "0\r\n\r\n";
  }

  Server server{small()};
};

TEST_F(LimitsTest, BodyByContentLength) {
  EXPECT_TRUE(say(post("/small", "Content-Length: 1000\r\n", std::string(1000, 'x'))).ends_with("1000"));
  const auto refused = say(post("/small", "Content-Length: 1001\r\n", std::string(1001, 'x')));
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 413 ")) << refused;
  EXPECT_NE(refused.find("BODY_TOO_LARGE"), std::string::npos);
  EXPECT_TRUE(say(post("/small", "Content-Length: 99999999999\r\n", "")).starts_with("HTTP/1.1 413 "));
  EXPECT_TRUE(say(post("/large", "Content-Length: 5000\r\n", std::string(5000, 'x'))).ends_with("5000"));
}

TEST_F(LimitsTest, BodyByChunks) {
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  EXPECT_TRUE(say(post("/small", chunked, chunks(100, 10))).ends_with("1000"));
  EXPECT_TRUE(say(post("/small", chunked, chunks(100, 11))).starts_with("HTTP/1.1 413 "));
  EXPECT_TRUE(say(post("/small", chunked, "ffffffff\r\nxx")).starts_with("HTTP/1.1 413 "));
  EXPECT_TRUE(say(post("/large", chunked, chunks(1000, 50))).ends_with("50000"));
  EXPECT_TRUE(say(post("/small", chunked, "zz\r\n")).starts_with("HTTP/1.1 400 "));
}

TEST_F(LimitsTest, RefusedBodiesDoNotResetTheAnswer) {
  for (int i = 0; i < 20; ++i)
    EXPECT_TRUE(
        say(post("/small", "Content-Length: 500000\r\n", std::string(500'000, 'x'))).starts_with("HTTP/1.1 413 "));
}

TEST_F(LimitsTest, HeaderSize) {
  const auto refused = say("GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + std::string(4000, 'a') + "\r\n\r\n");
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 431 ")) << refused;
}

TEST_F(LimitsTest, Malformed) {
  for (const char* text :
       {"GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "nonsense\r\n\r\n",
        "GET  / HTTP/1.1\r\nHost: x\r\n\r\n", "GET / HTTP/2.0\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nBad Header: 1\r\n\r\n", "GET x HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST /small HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\nabc",
        "POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"})
    EXPECT_TRUE(say(text).starts_with("HTTP/1.1 400 ")) << text;
  const auto absolute = say("GET http://x/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(absolute.ends_with("ok")) << absolute;
}

TEST_F(LimitsTest, SlowHeadersAndBodiesAreToldSoAndCut) {
  RawSocket header(server.port());
  RawSocket body(server.port());
  header.send("GET / HTTP/1.1\r\nHo");
  body.send("POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
  for (auto* slow : {&header, &body}) {
    const auto answer = slow->read_all();  // ends, and long before the 20 s of the socket's patience
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 408 ")) << answer;
    EXPECT_NE(answer.find("REQUEST_TIMEOUT"), std::string::npos) << answer;
  }
  EXPECT_TRUE(say(get_line("/", "Connection: close\r\n")).ends_with("ok"));
}

TEST_F(LimitsTest, ContinuesOnlyWhatFits) {
  RawSocket socket(server.port());
  socket.send("POST /small HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  ASSERT_TRUE(socket.read_until("100 Continue\r\n\r\n"));
  socket.send("abc");
  EXPECT_TRUE(socket.read_until("200 OK"));
  RawSocket large(server.port());
  large.send("POST /small HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3000\r\n\r\n");
  EXPECT_TRUE(large.read_until("\r\n"));
  EXPECT_TRUE(large.seen().starts_with("HTTP/1.1 413 "));
}

// A server with room for two connections, whose handlers wait until they are let go.
class FullTest : public testing::Test {
 protected:
  void SetUp() override {
    server.route("GET", "/", [](const Request&) { return text_response("ok"); });
    server.route("GET", "/slow", [this](const Request&) {
      ++running;
      std::unique_lock lock(mutex);
      changed.wait(lock, [this] { return release; });
      return text_response("done");
    });
    ASSERT_TRUE(server.start().ok());
  }
  void let_go() {
    {
      const std::lock_guard lock(mutex);
      release = true;
    }
    changed.notify_all();
  }
  // A client has its answer a moment before the server knows that it is done with it.
  void until_nothing_is_handled() {
    while (server.stats().handling > 0) std::this_thread::yield();
  }
  static ServerOptions two() {
    ServerOptions options;
    options.max_connections = 2;
    return options;
  }

  std::mutex mutex;
  std::condition_variable changed;
  bool release = false;
  std::atomic<int> running{0};
  Server server{two()};
};

TEST_F(FullTest, WhoHasWaitedLongestMakesRoom) {
  RawSocket said_nothing(server.port());
  said_nothing.send("GET / HT");
  while (server.stats().connections < 1) std::this_thread::yield();
  RawSocket asked_once(server.port());
  asked_once.send(get_line("/"));
  ASSERT_TRUE(asked_once.read_until("\r\nok"));
  RawSocket third(server.port());
  third.send(get_line("/"));
  EXPECT_TRUE(third.read_until("\r\nok"));
  EXPECT_EQ(said_nothing.read_all(), "");
  EXPECT_EQ(server.stats().displaced, 1U);
  asked_once.send(get_line("/"));
  EXPECT_TRUE(asked_once.read_until("\r\nok", 2));
  until_nothing_is_handled();
  // Now the third is the one that waits longest.
  RawSocket fourth(server.port());
  fourth.send(get_line("/"));
  EXPECT_TRUE(fourth.read_until("\r\nok"));
  third.read_all();
  asked_once.send(get_line("/"));
  EXPECT_TRUE(asked_once.read_until("\r\nok", 3));
}

TEST_F(FullTest, WhoIsServedStaysAndNobodyElseGetsIn) {
  RawSocket a(server.port());
  RawSocket b(server.port());
  a.send(get_line("/slow"));
  b.send(get_line("/slow"));
  while (running < 2) std::this_thread::yield();
  RawSocket c(server.port());
  EXPECT_TRUE(c.read_until("503 "));
  let_go();
  EXPECT_TRUE(a.read_until("done"));
  EXPECT_TRUE(b.read_until("done"));
  RawSocket d(server.port());
  d.send(get_line("/"));
  EXPECT_TRUE(d.read_until("\r\nok"));
}

TEST(Handlers, FullQueueIsOverloadButHealthAnswers) {
  ServerOptions options;
  options.handler_threads = 1;
  options.handler_queue = 1;
  Server server(options);
  std::mutex mutex;
  std::condition_variable changed;
  bool release = false;
  std::atomic<int> running{0};
  server.route("GET", "/slow", [&](const Request&) {
    ++running;
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return release; });
    return text_response("done");
  });
  server.route("GET", "/healthz", [](const Request&) { return text_response("ok"); },
               {.max_body_bytes = 0, .on_io_thread = true});
  ASSERT_TRUE(server.start().ok());
  RawSocket first(server.port());
  first.send(get_line("/slow"));
  while (running == 0) std::this_thread::yield();
  RawSocket second(server.port());
  second.send(get_line("/slow"));
  while (server.stats().queued == 0) std::this_thread::yield();
  Client client("http://127.0.0.1:" + std::to_string(server.port()));
  const auto refused = client.get("/slow");
  ASSERT_TRUE(refused.ok());
  EXPECT_EQ(refused->status, 503);
  EXPECT_TRUE(refused->headers.get("Retry-After").has_value());
  EXPECT_EQ(client.get("/healthz")->body, "ok");
  {
    const std::lock_guard lock(mutex);
    release = true;
  }
  changed.notify_all();
  EXPECT_TRUE(first.read_until("done"));
  EXPECT_TRUE(second.read_until("done"));
}

}  // namespace
}  // namespace loomline::http
