// A real server on a free loopback port, and two ways to it: the socket and the in-process transport.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "echo.pb.h"
#include "loomline/rpc/directory.hpp"
#include "loomline/rpc/server.hpp"

namespace loomline::rpc {

using rpctest::v1::Ping;
using rpctest::v1::Pong;
using std::chrono::milliseconds;
using std::chrono::seconds;

inline constexpr auto service = "loomline.rpctest.v1.EchoService";
inline constexpr auto echo_method = "loomline.rpctest.v1.EchoService.Echo";
inline constexpr auto fail_method = "loomline.rpctest.v1.EchoService.Fail";
inline constexpr auto count_method = "loomline.rpctest.v1.EchoService.Count";
inline constexpr auto watch_method = "loomline.rpctest.v1.EchoService.Watch";

inline Ping ping(std::string text, std::int64_t number = 0) {
  Ping message;
  message.set_text(std::move(text));
  message.set_number(number);
  return message;
}

// Waits up to 5 s for a condition that another thread makes true.
inline bool soon(const std::function<bool()>& condition) {
  for (int i = 0; i < 1000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(milliseconds(5));
  }
  return condition();
}

class EchoServer {
 public:
  using Echo = std::function<Result<Pong>(const CallContext&, const Ping&)>;
  using Count = std::function<Status(const CallContext&, const Ping&, Writer<Pong>&)>;
  using Watch = std::function<Status(const CallContext&, const Ping&, StreamHandle<Pong>)>;

  Server::Options options{};
  Echo echo = [](const CallContext& call, const Ping& request) -> Result<Pong> {
    Pong pong;
    pong.set_text(request.text());
    pong.set_number(request.number());
    pong.set_caller(call.caller.name + "/" + call.caller.tenant + "/" + call.caller.role + "/" + call.caller.subject +
                    "/" + call.idempotency_key + "/" + call.positions);
    pong.set_trace_id(telemetry::current_trace().trace_id_hex());
    pong.set_remaining_ms(std::chrono::duration_cast<milliseconds>(call.remaining()).count());
    call.answer_positions("intake/1/3:42");
    return pong;
  };
  Echo fail = [](const CallContext&, const Ping&) -> Result<Pong> {
    return not_found("PING_UNKNOWN", "No such ping.");
  };
  Count count = [](const CallContext&, const Ping& request, Writer<Pong>& writer) -> Status {
    for (std::int64_t i = 0; i < request.number(); ++i) {
      Pong pong;
      pong.set_number(i);
      if (!writer.write(pong)) break;
    }
    return {};
  };
  Watch watch = [](const CallContext&, const Ping&, StreamHandle<Pong>) -> Status { return {}; };

  std::function<Status(const CallContext&)> before_each;

  void start() {
    server = std::make_unique<Server>(options);
    if (before_each) server->before_each(before_each);
    server->unary<Ping, Pong>(echo_method, echo);
    server->unary<Ping, Pong>(fail_method, fail);
    server->server_stream<Ping, Pong>(count_method, count);
    server->server_push<Ping, Pong>(watch_method, watch);
    server->finish_registration(service);
    const Status status = server->start();
    ASSERT_TRUE(status.ok()) << status.to_string();
    server->set_ready(true);
    socket = Channel::connect(server->address());
    local = server->in_process_channel();
  }

  std::unique_ptr<Server> server;
  std::shared_ptr<Channel> socket;
  std::shared_ptr<Channel> local;
};

// Collects a stream; `take` is asked before each message whether to read on at once.
struct Collected {
  std::mutex mutex;
  std::vector<std::int64_t> numbers;
  bool done = false;
  Status status;
  std::size_t size() {
    const std::lock_guard lock(mutex);
    return numbers.size();
  }
  bool is_done() {
    const std::lock_guard lock(mutex);
    return done;
  }
};

inline StreamEvents collect(const std::shared_ptr<Collected>& into, bool read_on = true) {
  return {[into, read_on](const google::protobuf::Message& message) {
            const std::lock_guard lock(into->mutex);
            into->numbers.push_back(static_cast<const Pong&>(message).number());
            return read_on;
          },
          [into](const Status& status) {
            const std::lock_guard lock(into->mutex);
            into->done = true;
            into->status = status;
          }};
}

}  // namespace loomline::rpc
