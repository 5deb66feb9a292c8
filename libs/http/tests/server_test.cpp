#include "loomline/http/server.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <mutex>
#include <thread>

#include "loomline/http/client.hpp"
#include "raw_socket.hpp"

namespace loomline::http {
namespace {

class ServerTest : public testing::Test {
 protected:
  void SetUp() override {
    server.route("GET", "/echo/{name}", [](const Request& r) {
      Response response =
          text_response(std::string(*r.path_param("name")) + "|" + std::string(r.query_param("q").value_or("-")));
      response.headers.set("X-Peer", r.peer);
      return response;
    });
    server.route("POST", "/echo/{name}", [](const Request& r) { return text_response(r.body); });
    server.route("GET", "/throws", [](const Request&) -> Response { throw std::runtime_error("secret"); });
    server.route("GET", "/inject", [](const Request& r) {
      Response response = text_response("x");
      response.headers.set("X-A", "1\r\nSet-Cookie: " + std::string(r.query_param("q").value_or("")));
      return response;
    });
    server.route("DELETE", "/nothing",
                 [](const Request&) { return Response{.status = 204, .headers = {}, .body = "", .content_type = ""}; });
    server.on_exchange([this](const Exchange& e) {
      const std::lock_guard lock(mutex);
      exchanges.push_back(std::string(e.method) + " " + std::string(e.route) + " " + std::to_string(e.status));
    });
    server.on_error([this](std::string_view, std::string_view, std::string_view what) {
      const std::lock_guard lock(mutex);
      errors.emplace_back(what);
    });
    ASSERT_TRUE(server.start().ok());
    client.emplace("http://127.0.0.1:" + std::to_string(server.port()));
  }

  std::mutex mutex;
  std::vector<std::string> exchanges;
  std::vector<std::string> errors;
  Server server;  // last: stopped before what its handlers use is gone
  std::optional<Client> client;
};

TEST_F(ServerTest, AnswersWithParametersAndSafeHeaders) {
  const auto response = client->get("/echo/a%20b?q=c%2Bd+e");
  ASSERT_TRUE(response.ok()) << response.status().to_string();
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, "a b|c+d e");
  EXPECT_EQ(response->headers.get("X-Peer"), "127.0.0.1");
  EXPECT_EQ(response->headers.get("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(response->headers.get("Referrer-Policy"), "no-referrer");
  EXPECT_TRUE(response->headers.get("Content-Security-Policy").has_value());
  EXPECT_EQ(response->headers.get("X-Trace-Id")->size(), 32U);
}

TEST_F(ServerTest, TakesTheTraceIdOfTheCaller) {
  Request request;
  request.target = "/nowhere";
  request.headers.set("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  const auto response = client->request(request);
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->status, 404);
  EXPECT_EQ(response->headers.get("X-Trace-Id"), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(status_of(*response).reason(), "ROUTE_UNKNOWN");
}

TEST_F(ServerTest, MethodNotAllowedNamesTheAllowed) {
  Request request{.method = "DELETE",
                  .target = "/echo/x",
                  .path = "",
                  .route = "",
                  .path_params = {},
                  .query = {},
                  .headers = {},
                  .body = "",
                  .peer = "",
                  .trace_id = ""};
  const auto response = client->request(request);
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->status, 405);
  EXPECT_EQ(response->headers.get("Allow"), "GET, HEAD, POST");
  EXPECT_EQ(status_of(*response).reason(), "METHOD_NOT_ALLOWED");
}

TEST_F(ServerTest, HeadHasTheLengthButNoBody) {
  Request request;
  request.method = "HEAD";
  request.target = "/echo/abc";
  for (int i = 0; i < 2; ++i) {  // the second on the same connection: nothing of a body was left behind
    const auto response = client->request(request);
    ASSERT_TRUE(response.ok()) << response.status().to_string();
    EXPECT_EQ(response->headers.get("Content-Length"), "5");
    EXPECT_TRUE(response->body.empty());
  }
}

TEST_F(ServerTest, NoContentHasNoLength) {
  Request request;
  request.method = "DELETE";
  request.target = "/nothing";
  const auto response = client->request(request);
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->status, 204);
  EXPECT_FALSE(response->headers.get("Content-Length").has_value());
}

TEST_F(ServerTest, KeepsAliveAndAnswersPipelinedRequestsInOrder) {
  RawSocket socket(server.port());
  std::string all;
  for (int i = 0; i < 20; ++i) all += get_line("/echo/n" + std::to_string(i));
  all += "POST /echo/x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello" +
         get_line("/echo/last", "Connection: close\r\n");
  ASSERT_TRUE(socket.send(all));
  const std::string answer = socket.read_all();
  std::size_t at = 0;
  for (int i = 0; i < 20; ++i) {
    at = answer.find("n" + std::to_string(i) + "|-", at);
    ASSERT_NE(at, std::string::npos) << i;
  }
  EXPECT_NE(answer.find("hello", at), std::string::npos);
  EXPECT_NE(answer.find("last|-", at), std::string::npos);
}

TEST_F(ServerTest, ExceptionsAreLoggedNotTold) {
  const auto response = client->get("/throws");
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->status, 500);
  EXPECT_EQ(response->body.find("secret"), std::string::npos);
  const std::lock_guard lock(mutex);
  EXPECT_EQ(errors, std::vector<std::string>{"secret"});
}

TEST_F(ServerTest, HeaderInjectionBecomesAnError) {
  const auto response = client->get("/inject?q=evil");
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->status, 500);
  EXPECT_FALSE(response->headers.get("Set-Cookie").has_value());
  EXPECT_EQ(client->get("/echo/x?q=%0d%0a")->status, 400);
}

TEST_F(ServerTest, BadPercentEncodingIsNamed) {
  for (const char* target : {"/echo/%zz", "/echo/a?q=%e", "/echo/%00", "/echo/%ff"}) {
    const auto response = client->get(target);
    ASSERT_TRUE(response.ok()) << target;
    EXPECT_EQ(response->status, 400) << target;
    EXPECT_EQ(status_of(*response).reason(), "URL_ENCODING") << target;
  }
}

TEST_F(ServerTest, ObserverSeesTemplatesNotTargets) {
  ASSERT_TRUE(client->get("/echo/secret-token").ok());
  ASSERT_TRUE(client->get("/elsewhere").ok());
  ASSERT_TRUE(server.stop(std::chrono::seconds(10)));
  const std::lock_guard lock(mutex);
  EXPECT_EQ(exchanges, (std::vector<std::string>{"GET /echo/{name} 200", "GET  404"}));
}

TEST_F(ServerTest, ManyClientsAtOnce) {
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      Client mine("http://127.0.0.1:" + std::to_string(server.port()));
      for (int i = 0; i < 100; ++i) {
        const std::string text = std::to_string(t) + "-" + std::to_string(i);
        const auto response = mine.post_json("/echo/x", text);
        if (response.ok() && response->body == text) ++good;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good, 800);
}

// A handler that waits until it is let go, and answers with as many bytes as the query says.
class SlowAnswerTest : public testing::Test {
 protected:
  explicit SlowAnswerTest(ServerOptions options = {}) : server(std::move(options)) {}
  void SetUp() override {
    server.route("GET", "/wait", [this](const Request& r) {
      ++running;
      open.wait();
      return text_response(std::string(std::stoul(std::string(*r.query_param("bytes"))), 'x') + "end");
    });
    ASSERT_TRUE(server.start().ok());
  }

  std::atomic<int> running{0};
  std::latch open{1};
  Server server;
};

TEST_F(SlowAnswerTest, WhoHasFinishedSendingIsAnswered) {
  RawSocket socket(server.port());
  socket.send(get_line("/wait?bytes=10"));
  socket.finish_sending();
  while (running == 0) std::this_thread::yield();
  open.count_down();
  EXPECT_TRUE(socket.read_all().ends_with("xend"));
}

TEST_F(SlowAnswerTest, ARequestThatComesEarlyIsAnsweredNext) {
  RawSocket socket(server.port());
  socket.send(get_line("/wait?bytes=1"));
  while (running == 0) std::this_thread::yield();
  socket.send(get_line("/wait?bytes=2"));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));  // so that it has been read
  EXPECT_EQ(running, 1);
  open.count_down();
  ASSERT_TRUE(socket.read_until("xend", 2));
  EXPECT_LT(socket.seen().find("\r\n\r\nxend"), socket.seen().find("\r\n\r\nxxend"));
}

TEST_F(SlowAnswerTest, AReaderMayTakeALongAnswerSlowly) {
  static constexpr std::size_t bytes = 20'000'000;  // more than both sockets hold
  open.count_down();
  RawSocket socket(server.port(), 4096);
  socket.send(get_line("/wait?bytes=" + std::to_string(bytes)));
  ASSERT_TRUE(socket.read_at_least(bytes));
  socket.send(get_line("/wait?bytes=1", "Connection: close\r\n"));
  const std::string all = socket.read_all();
  EXPECT_GT(all.size(), bytes);
  EXPECT_TRUE(all.ends_with("\r\n\r\nxend")) << all.substr(bytes);
}

class ImpatientTest : public SlowAnswerTest {
 protected:
  ImpatientTest() : SlowAnswerTest(impatient()) {}
  static ServerOptions impatient() {
    ServerOptions options;
    options.idle_timeout = std::chrono::milliseconds(50);
    return options;
  }
};

TEST_F(ImpatientTest, TheTimeOfAHandlerIsNotIdleButTheTimeAfterItIs) {
  RawSocket socket(server.port());
  socket.send(get_line("/wait?bytes=1"));
  while (running == 0) std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  open.count_down();
  ASSERT_TRUE(socket.read_until("xend"));
  while (server.stats().connections != 0) std::this_thread::yield();
}

TEST_F(SlowAnswerTest, WhoLeavesBeforeTheAnswerLeavesNothingBehind) {
  {
    RawSocket socket(server.port());
    socket.send(get_line("/wait?bytes=100000"));
    while (running == 0) std::this_thread::yield();
  }
  open.count_down();
  while (server.stats().connections != 0) std::this_thread::yield();
  EXPECT_TRUE(server.stop(std::chrono::seconds(10)));
}

TEST(Client, SaysWhatIsWrong) {
  EXPECT_EQ(Client("https://x").get("/").status().code(), Code::invalid_argument);
  unsigned short port = 0;
  {
    Server server;
    ASSERT_TRUE(server.start().ok());
    port = server.port();
  }
  const auto refused = Client("http://127.0.0.1:" + std::to_string(port)).get("/");
  EXPECT_EQ(refused.status().reason(), "CONNECT_FAILED");
}

TEST(Client, RepeatsOnAStaleConnection) {
  ServerOptions options;
  options.idle_timeout = std::chrono::milliseconds(20);
  Server server(options);
  server.route("GET", "/", [](const Request&) { return text_response("ok"); });
  ASSERT_TRUE(server.start().ok());
  Client client("http://127.0.0.1:" + std::to_string(server.port()));
  for (int i = 0; i < 3; ++i) {
    const auto response = client.get("/");
    ASSERT_TRUE(response.ok()) << response.status().to_string();
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
  }
}

TEST(ServerStart, NamesTheAddressItCannotHave) {
  Server first;
  ASSERT_TRUE(first.start().ok());
  ServerOptions options;
  options.port = first.port();
  Server second(options);
  const Status status = second.start();
  EXPECT_EQ(status.reason(), "LISTEN_FAILED");
  EXPECT_NE(status.message().find(std::to_string(first.port())), std::string::npos);
  options.address = "nonsense";
  EXPECT_EQ(Server(options).start().reason(), "LISTEN_FAILED");
}

}  // namespace
}  // namespace loomline::http
