// An HTTP/1.1 server for a public port: every size, time and count is limited. Connections are coroutines on one io
// thread; handlers run on a bounded pool and may block; streams of events need no thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loomline/base/status.hpp"
#include "loomline/http/event_stream.hpp"
#include "loomline/http/message.hpp"

namespace loomline::http {

struct ServerOptions {
  std::string address = "127.0.0.1";
  unsigned short port = 0;  // 0: a free one, see Server::port()
  int handler_threads = 16;
  std::size_t handler_queue = 256;  // requests that wait for a handler thread; beyond: 503 with Retry-After
  // Beyond, the connection that has waited longest for a request makes room; where none waits: 503 with Retry-After.
  // Fewer where the process may not have as many files open.
  std::size_t max_connections = 16'384;
  std::size_t max_header_bytes = 16 * 1024;
  std::size_t max_body_bytes = 1 << 20;
  std::chrono::milliseconds header_timeout{10'000};  // from the first byte of a request to the end of its header
  std::chrono::milliseconds body_timeout{30'000};
  std::chrono::milliseconds idle_timeout{75'000};  // between requests of a kept-alive connection
  std::chrono::milliseconds write_timeout{30'000};
  std::size_t stream_queue_events = 512;
  std::size_t stream_queue_bytes = 1 << 20;
  std::chrono::milliseconds stream_heartbeat{15'000};
  std::chrono::milliseconds stream_retry{2'000};  // the reader's hint for reconnecting
  // Added to every answer that does not set them itself.
  std::string content_security_policy =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
      "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
};

struct RouteOptions {
  std::size_t max_body_bytes = 0;  // 0: the server's
  // For handlers that never block (health checks, static files): answered even when the pool is full.
  bool on_io_thread = false;
};

// One exchange that is over, for metrics: the route's template (never the target), "" where none matched. A stream
// counts when it opens.
struct Exchange {
  std::string_view route;
  std::string_view method;
  int status = 0;
  double seconds = 0;
};

struct ServerStats {
  std::size_t connections = 0;
  std::size_t streams = 0;
  std::size_t queued = 0;
  std::size_t handling = 0;   // exchanges that wait for a handler or have one; their connections make no room
  std::size_t displaced = 0;  // connections that made room for others, since the start
};

// Handlers run concurrently. What they throw becomes a 500 that tells nobody what it was (see `on_error`).
using Handler = std::function<Response(const Request&)>;
// Returns nothing to open the stream (push before or after returning; the header Last-Event-ID stands in the request),
// or the answer that is given instead.
using StreamHandler = std::function<std::optional<Response>(const Request&, EventStream)>;
using Observer = std::function<void(const Exchange&)>;
using ErrorLog = std::function<void(std::string_view route, std::string_view trace_id, std::string_view what)>;

// Routes are added before start(). A template's segments are literals, "{name}", or "{name}" with a literal around it
// ("{order_id}:cancel"); the more literal route wins. GET answers HEAD too. Two routes of one method and shape, or a
// malformed template, throw std::logic_error. Destruction stops with a deadline of 0.
class Server {
 public:
  explicit Server(ServerOptions options = {});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void route(std::string method, std::string path_template, Handler handler, RouteOptions options = {});
  void stream(std::string path_template, StreamHandler handler);
  void on_exchange(Observer observer);
  void on_error(ErrorLog log);

  // Binds and listens. unavailable (LISTEN_FAILED) where the address cannot be had.
  Status start();
  unsigned short port() const;
  // Stops accepting, closes idle connections and streams, lets requests finish until the deadline, then cuts what is
  // left. True where nothing had to be cut. Idempotent; blocks; not to be called from a handler.
  bool stop(std::chrono::milliseconds deadline);
  ServerStats stats() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace loomline::http
