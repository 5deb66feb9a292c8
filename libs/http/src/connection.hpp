// One connection: a coroutine on its own strand that reads requests one after another (pipelined ones wait in the
// buffer), has them handled, and writes the answers.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "router.hpp"
#include "stream_state.hpp"
#include "worker_pool.hpp"

namespace loomline::http {

// What all connections of a server share. Outlives them.
struct Core {
  ServerOptions options;
  Router router;
  std::size_t largest_body = 0;
  Observer observer;
  ErrorLog error_log;
  std::unique_ptr<WorkerPool> pool;
  // Shared, so that an EventStream that outlives the server posts into a live, if idle, context.
  std::shared_ptr<boost::asio::io_context> io = std::make_shared<boost::asio::io_context>();
  std::atomic<bool> draining{false};
  std::atomic<std::size_t> streams{0};
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(boost::asio::ip::tcp::socket socket, Core& core);

  void start(std::function<void()> on_end);
  // Both from any thread. drain: no further request, streams end. cut: now.
  void drain();
  void cut();

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  using Clock = std::chrono::steady_clock;
  enum class Next { keep, close, linger };

  boost::asio::awaitable<void> run();
  boost::asio::awaitable<bool> read_first_byte();
  boost::asio::awaitable<Next> exchange();
  boost::asio::awaitable<Next> matched(const Route& route, bool keep);
  boost::asio::awaitable<std::optional<Status>> read_body(const Route& route, int& http_status);
  boost::asio::awaitable<Response> handle(const Route& route);
  boost::asio::awaitable<Next> open_stream(const Route& route);
  boost::asio::awaitable<bool> pump(std::shared_ptr<StreamState> state, bool chunked);
  boost::asio::awaitable<bool> write_stream_header(bool chunked);
  boost::asio::awaitable<bool> write_raw(std::string bytes);
  boost::asio::awaitable<void> watch(std::shared_ptr<StreamState> state);
  boost::asio::awaitable<bool> write(Response response, bool keep);
  boost::asio::awaitable<void> linger();

  Status describe_request();
  template <class T>
  boost::asio::awaitable<T> on_pool(std::function<T()> work, T overloaded);
  void report(int status);
  void log_error(std::string_view what) const;

  Core& core_;
  boost::beast::tcp_stream stream_;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  std::string peer_;
  Request request_;
  std::shared_ptr<StreamState> open_;  // while this connection is a stream
  boost::asio::steady_timer wake_;
  Clock::time_point started_;
  bool idle_ = false;
  bool gone_ = false;  // the reader of a stream has left
};

}  // namespace loomline::http
