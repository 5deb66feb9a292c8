// One connection: a coroutine on the server's io thread that reads requests one after another (pipelined ones wait in
// the buffer) and has them handled. The handler's thread writes the answer itself, as far as the socket takes it, so
// that the io thread is woken by the next request and not by the answer.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "loomline/base/worker_pool.hpp"
#include "router.hpp"
#include "stream_state.hpp"

namespace loomline::http {

class Connection;

// What all connections of a server share. Outlives them.
struct Core {
  ServerOptions options;
  Router router;
  std::size_t largest_body = 0;
  Observer observer;
  ErrorLog error_log;
  std::unique_ptr<WorkerPool> pool;
  // Shared, so that an EventStream that outlives the server posts into a live, if idle, context.
  std::shared_ptr<boost::asio::io_context> io = std::make_shared<boost::asio::io_context>(1);
  std::atomic<bool> draining{false};
  std::atomic<std::size_t> streams{0};
  std::atomic<std::size_t> displaced{0};
  std::atomic<std::size_t> handling{0};
  // Who waits for a request or for the rest of its header, longest first. The io thread's.
  std::list<Connection*> waiting;
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(boost::asio::ip::tcp::socket socket, Core& core);

  void start(std::function<void()> on_end);
  // Both from any thread. drain: no further request, streams end. cut: now.
  void drain();
  void cut();
  // On the io thread: ends it where nothing was asked that is not answered yet. False where something was.
  bool displace();

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  using Clock = std::chrono::steady_clock;
  enum class Next { keep, close, linger };
  // Whose turn it is: the handler's; the handler's, while the io thread waits for it; the io thread's.
  enum class Turn { handler, awaited, io };
  // An answer on its way out.
  struct Outgoing {
    std::string head;
    std::string body;
    std::size_t sent = 0;
    bool failed = false;
    bool complete() const { return sent == head.size() + body.size(); }
  };

  boost::asio::awaitable<void> run();
  boost::asio::awaitable<bool> read_first_byte();
  boost::asio::awaitable<boost::beast::error_code> parse(bool whole);
  boost::asio::awaitable<Next> exchange();
  boost::asio::awaitable<Next> matched(const Route& route, bool keep);
  boost::asio::awaitable<std::optional<Status>> read_body(const Route& route, int& http_status);
  boost::asio::awaitable<bool> answer_on_pool(const Route& route, bool keep);
  boost::asio::awaitable<bool> read_ahead();
  boost::asio::awaitable<Next> open_stream(const Route& route);
  boost::asio::awaitable<bool> pump(std::shared_ptr<StreamState> state, bool chunked);
  boost::asio::awaitable<bool> write_stream_header(bool chunked);
  boost::asio::awaitable<bool> write_raw(std::string bytes);
  boost::asio::awaitable<void> watch(std::shared_ptr<StreamState> state);
  boost::asio::awaitable<bool> write(Response response, bool keep);
  boost::asio::awaitable<bool> write_rest(Outgoing& out);
  boost::asio::awaitable<void> linger();

  Response handle(const Route& route);
  bool hand_over(std::function<bool()> work);
  void hand_back(bool call);
  boost::asio::awaitable<void> turn();
  Outgoing compose(Response response, bool keep);
  void send_some(Outgoing& out);
  bool idle() const;
  void hang_up();
  void too_late();
  void begin_waiting();
  void end_waiting();
  void expires_after(std::chrono::milliseconds time);
  void expires_never() { deadline_ = Clock::time_point::max(); }
  void arm(Clock::time_point at);
  void report(int status);
  void log_error(std::string_view what) const;

  Core& core_;
  boost::asio::ip::tcp::socket socket_;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  std::string peer_;
  Request request_;                    // the handler's while it is its turn
  std::shared_ptr<StreamState> open_;  // while this connection is a stream
  boost::asio::steady_timer wake_;
  boost::asio::steady_timer timer_;
  std::atomic<Clock::time_point> deadline_{Clock::time_point::max()};  // then the other end has taken too long
  Clock::time_point armed_ = Clock::time_point::max();                 // when timer_ looks at it
  std::atomic<Turn> turn_{Turn::io};
  std::size_t exchanges_ = 0;
  Clock::time_point started_;
  std::list<Connection*>::iterator place_;  // in core_.waiting
  bool awaits_request_ = false;
  bool reads_request_ = false;  // its header or its body
  bool timed_out_ = false;
  bool reads_ahead_ = false;
  bool gone_ = false;  // the reader of a stream has left
};

}  // namespace loomline::http
