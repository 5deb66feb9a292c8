// A small blocking HTTP/1.1 client for the command line, the factory simulator and tests.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "loomline/base/status.hpp"
#include "loomline/http/event_stream.hpp"
#include "loomline/http/message.hpp"

namespace loomline::http {

struct ClientOptions {
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds request_timeout{30'000};
  std::size_t max_body_bytes = 16 << 20;
  Headers headers;  // sent with every request (authorization)
};

struct StreamOptions {
  Headers headers;
  std::string last_event_id;
  std::chrono::milliseconds idle_timeout{45'000};  // without a byte, heartbeats included
  int reconnects = 0;  // how often, in a row and without an event between, to try again with Last-Event-ID; -1: always
};

// `base_url` is "http://host:port" with an optional path prefix. Thread safe: requests of one client queue for its one
// kept-alive connection; streams have connections of their own.
class Client {
 public:
  explicit Client(std::string base_url, ClientOptions options = {});
  ~Client();
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;

  // The answer, whatever its status (see status_of()). An error is one of transport: unavailable (CONNECT_FAILED,
  // CONNECTION_LOST), deadline_exceeded, invalid_argument for a base URL that cannot be used. A request on a stale
  // connection is sent again where that is safe: GET, HEAD, PUT, DELETE or an Idempotency-Key.
  Result<Response> request(const Request& request);
  Result<Response> get(std::string target);
  Result<Response> post_json(std::string target, std::string body);

  // Reads events until the callback returns false or the server ends the stream (ok), or an error. Blocks; the callback
  // runs on this thread. An answer other than 200 is the Status of its problem.
  Status stream(std::string target, const StreamOptions& options, const std::function<bool(const Event&)>& callback);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace loomline::http
