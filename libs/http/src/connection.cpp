#include "connection.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/read_size.hpp>
#include <cerrno>

#include "loomline/base/id.hpp"
#include "loomline/http/url.hpp"
#include "wire.hpp"

namespace loomline::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;

constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t read_bytes = 4096;

Response overloaded_answer(std::string_view trace_id) {
  return problem(unavailable("OVERLOADED", "The server has more requests than it can handle; try again soon."),
                 trace_id);
}

// What is left of the two after `sent` bytes.
std::array<asio::const_buffer, 2> buffers(const std::string& head, const std::string& body, std::size_t sent) {
  return {asio::buffer(head) + sent, asio::buffer(body) + (sent - std::min(sent, head.size()))};
}

Status internal_answer() { return internal("Something failed inside the server; it is logged under the trace id."); }

}  // namespace

Connection::Connection(asio::ip::tcp::socket socket, Core& core)
    : core_(core),
      socket_(std::move(socket)),
      buffer_(core.options.max_header_bytes + 64 * 1024),
      wake_(socket_.get_executor()),
      timer_(socket_.get_executor()),
      place_(core.waiting.end()) {
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  const auto end = socket_.remote_endpoint(ignored);
  peer_ = end.address().to_string();
}

void Connection::start(std::function<void()> on_end) {
  asio::co_spawn(
      socket_.get_executor(), [self = shared_from_this()] { return self->run(); },
      [self = shared_from_this(), on_end = std::move(on_end)](const std::exception_ptr& error) {
        if (error) self->log_error("a connection's coroutine threw");
        self->end_waiting();
        on_end();
      });
}

void Connection::drain() {
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    if (self->idle()) self->hang_up();
    if (self->open_) self->open_->close();
  });
}

void Connection::cut() {
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    self->gone_ = true;
    self->hang_up();
    self->wake_.cancel();
  });
}

bool Connection::idle() const { return awaits_request_ || (reads_ahead_ && turn_ == Turn::io); }

// Ends what waits for the other end. A handler's thread may be about to write: only run() closes the socket, when no
// handler has it.
void Connection::hang_up() {
  error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  socket_.cancel(ignored);
}

// Who is slow with a request is told so, as long as he has not got an answer.
void Connection::too_late() {
  if (!reads_request_ || timed_out_) return hang_up();
  timed_out_ = true;
  error_code ignored;
  socket_.cancel(ignored);
}

void Connection::begin_waiting() {
  end_waiting();
  place_ = core_.waiting.insert(core_.waiting.end(), this);
}

void Connection::end_waiting() {
  if (place_ == core_.waiting.end()) return;
  core_.waiting.erase(place_);
  place_ = core_.waiting.end();
}

bool Connection::displace() {
  if (!idle() && !reads_request_) return false;
  end_waiting();
  hang_up();
  return true;
}

// A deadline for every read and write, and seldom a timer: one that is armed already looks again when it is due.
void Connection::expires_after(std::chrono::milliseconds time) {
  const auto deadline = Clock::now() + time;
  deadline_ = deadline;
  if (deadline < armed_) arm(deadline);
}

void Connection::arm(Clock::time_point at) {
  armed_ = at;
  timer_.expires_at(at);
  timer_.async_wait([weak = weak_from_this()](const error_code& cancelled) {
    const auto self = weak.lock();
    if (cancelled || !self) return;
    self->armed_ = Clock::time_point::max();
    const auto now = Clock::now();
    const Clock::time_point deadline = self->deadline_;
    if (now >= deadline) return self->too_late();
    // A handler's thread sets the idle deadline and no timer: this one must never sleep longer than that.
    self->arm(std::min(deadline, now + Clock::duration(self->core_.options.idle_timeout)));
  });
}

asio::awaitable<void> Connection::run() {
  Next next = Next::keep;
  while (next == Next::keep && !core_.draining) {
    const bool begun = co_await read_first_byte();
    if (!begun) break;
    next = co_await exchange();
  }
  end_waiting();
  if (next == Next::linger) co_await linger();
  error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
  timer_.cancel();
}

asio::awaitable<bool> Connection::read_first_byte() {
  begin_waiting();
  if (buffer_.size() > 0) co_return true;
  awaits_request_ = true;
  expires_after(core_.options.idle_timeout);
  const auto [error, size] = co_await socket_.async_read_some(buffer_.prepare(read_bytes), no_throw);
  awaits_request_ = false;
  if (error) co_return false;
  buffer_.commit(size);
  co_return true;
}

// What Beast's read operations do, without a trip through the io context for what is in the buffer already.
asio::awaitable<error_code> Connection::parse(bool whole) {
  parser_->eager(whole);
  const auto done = [&] { return whole ? parser_->is_done() : parser_->is_header_done(); };
  while (!done()) {
    error_code error;
    if (buffer_.size() > 0) {
      const std::size_t used = parser_->put(buffer_.data(), error);
      buffer_.consume(used);
      if (error && error != beast::http::error::need_more) co_return error;
      if (!error && used > 0) continue;
    }
    if (timed_out_) co_return asio::error::operation_aborted;  // what was cancelled had come to its end just before
    const std::size_t most = beast::read_size(buffer_, 64 * 1024);
    if (most == 0) co_return beast::http::error::buffer_overflow;
    const auto [failed, size] = co_await socket_.async_read_some(buffer_.prepare(most), no_throw);
    if (failed == asio::error::eof) {
      error = {};
      if (!parser_->got_some()) co_return beast::http::error::end_of_stream;
      parser_->put_eof(error);
      co_return error;
    }
    if (failed) co_return failed;
    buffer_.commit(size);
  }
  co_return error_code{};
}

asio::awaitable<Connection::Next> Connection::exchange() {
  ++exchanges_;
  started_ = Clock::now();
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(core_.options.max_header_bytes));
  parser_->body_limit(core_.largest_body);
  request_ = {};
  request_.peer = peer_;
  expires_after(core_.options.header_timeout);
  reads_request_ = true;
  const error_code error = co_await parse(false);
  reads_request_ = false;
  if (error) {
    int code = 400;
    const auto status =
        timed_out_ ? request_timeout("header", code) : header_error(error, core_.options, core_.largest_body, code);
    if (!status) co_return Next::close;  // the other end left, or took too long
    request_.trace_id = random_hex128();
    co_await write(problem(*status, request_.trace_id, code), false);
    co_return Next::linger;
  }
  const Status described = read_request(parser_->get(), parser_->chunked(), request_);
  const bool has_body = !parser_->is_done();
  const bool keep = parser_->get().keep_alive() && !core_.draining;
  if (!described.ok()) {
    co_await write(problem(described, request_.trace_id), false);
    co_return Next::linger;
  }
  auto match = core_.router.find(request_.method, request_.path);
  if (match.ok() && match->route != nullptr) {
    request_.route = match->route->path_template;
    request_.path_params = std::move(match->params);
    co_return co_await matched(*match->route, keep);
  }
  Response refused = refusal(match, request_.trace_id);
  const bool written = co_await write(std::move(refused), keep && !has_body);
  if (has_body) co_return Next::linger;
  co_return written&& keep ? Next::keep : Next::close;
}

asio::awaitable<Connection::Next> Connection::matched(const Route& route, bool keep) {
  int code = 0;
  const auto failed = co_await read_body(route, code);
  if (failed) {
    if (code == 0) co_return Next::close;
    co_await write(problem(*failed, request_.trace_id, code), false);
    co_return Next::linger;
  }
  end_waiting();
  if (route.stream) co_return co_await open_stream(route);
  if (!route.options.on_io_thread) {
    const bool stays = co_await answer_on_pool(route, keep);
    co_return stays ? Next::keep : Next::close;
  }
  Response response = handle(route);
  const bool stay = keep && !core_.draining;
  const bool written = co_await write(std::move(response), stay);
  co_return written&& stay ? Next::keep : Next::close;
}

// Nothing: the body stands in request_. A Status with http_status 0: the connection is of no use any more.
asio::awaitable<std::optional<Status>> Connection::read_body(const Route& route, int& http_status) {
  if (parser_->is_done()) co_return std::nullopt;
  const std::size_t limit =
      route.options.max_body_bytes != 0 ? route.options.max_body_bytes : core_.options.max_body_bytes;
  http_status = 413;
  const auto announced = parser_->content_length();
  if (announced && *announced > limit) co_return body_too_large(limit);
  parser_->body_limit(limit);
  if (beast::iequals(parser_->get()[beast::http::field::expect], "100-continue")) {
    const bool written = co_await write_raw("HTTP/1.1 100 Continue\r\n\r\n");
    if (!written) {
      http_status = 0;
      co_return unavailable("CONNECTION_LOST", "");
    }
  }
  expires_after(core_.options.body_timeout);
  reads_request_ = true;
  const error_code error = co_await parse(true);
  reads_request_ = false;
  if (!error) {
    request_.body = std::move(parser_->get().body());
    co_return std::nullopt;
  }
  if (error == beast::http::error::body_limit) co_return body_too_large(limit);
  const auto status = timed_out_ ? request_timeout("body", http_status)
                                 : header_error(error, core_.options, core_.largest_body, http_status);
  if (status) co_return *status;
  http_status = 0;
  co_return unavailable("CONNECTION_LOST", "");
}

// Runs `work` on a handler thread, whose turn it is until `work` has returned: whether the io thread is to come at
// once. False where the pool is full.
bool Connection::hand_over(std::function<bool()> work) {
  expires_never();
  turn_ = Turn::handler;
  ++core_.handling;
  if (core_.pool->submit([self = shared_from_this(), work = std::move(work)] { self->hand_back(work()); })) return true;
  --core_.handling;
  turn_ = Turn::io;
  return false;
}

void Connection::hand_back(bool call) {
  const auto exchange = exchanges_;
  const auto before = turn_.exchange(Turn::io);
  --core_.handling;
  // Who begins to drain looks at the turn after saying so; we look the other way round, so that one sees the other.
  if (before != Turn::awaited && !call && !core_.draining) return;
  asio::post(socket_.get_executor(), [self = shared_from_this(), exchange] {
    if (self->exchanges_ != exchange) return;  // the next request came first
    if (self->reads_ahead_) self->socket_.cancel();
    self->wake_.cancel();
  });
}

// Returns when no handler has the connection.
asio::awaitable<void> Connection::turn() {
  auto handler = Turn::handler;
  turn_.compare_exchange_strong(handler, Turn::awaited);
  while (turn_ != Turn::io) {  // cut() cancels the wait too early
    wake_.expires_at(Clock::time_point::max());
    co_await wake_.async_wait(no_throw);
  }
}

Response Connection::handle(const Route& route) {
  try {
    return route.handler(request_);
  } catch (const std::exception& error) {
    log_error(error.what());
  } catch (...) {
    log_error("something that is no std::exception");
  }
  return problem(internal_answer(), request_.trace_id);
}

// True where the connection stays.
asio::awaitable<bool> Connection::answer_on_pool(const Route& route, bool keep) {
  Outgoing out;
  bool stay = false;
  const bool taken = hand_over([this, &route, &out, &stay, keep] {
    Response response = handle(route);
    stay = keep && !core_.draining;
    out = compose(std::move(response), stay);
    send_some(out);
    const bool over = out.complete() && stay;
    if (over) deadline_ = Clock::now() + core_.options.idle_timeout;
    return !over;
  });
  if (!taken) {
    const bool written = co_await write(overloaded_answer(request_.trace_id), keep);
    co_return written&& keep;
  }
  bool open = true;
  if (keep && buffer_.size() == 0) open = co_await read_ahead();
  co_await turn();
  const bool written = co_await write_rest(out);
  co_return written&& stay&& open;
}

// Waits for the next request while this one is handled. False where the other end has said its last word.
asio::awaitable<bool> Connection::read_ahead() {
  reads_ahead_ = true;
  begin_waiting();
  const auto [error, size] = co_await socket_.async_read_some(buffer_.prepare(read_bytes), no_throw);
  reads_ahead_ = false;
  if (!error) buffer_.commit(size);
  co_return !error || error == asio::error::operation_aborted;
}

asio::awaitable<Connection::Next> Connection::open_stream(const Route& route) {
  auto state = std::make_shared<StreamState>(core_.options.stream_queue_events, core_.options.stream_queue_bytes);
  std::optional<Response> instead;
  const bool taken = hand_over([this, &route, state, &instead] {
    try {
      instead = route.stream(request_, EventStream(state));
      return true;
    } catch (const std::exception& error) {
      log_error(error.what());
    } catch (...) {
      log_error("something that is no std::exception");
    }
    instead = problem(internal_answer(), request_.trace_id);
    return true;
  });
  if (!taken) instead = overloaded_answer(request_.trace_id);
  co_await turn();
  if (instead) {
    state->disconnect();
    co_await write(std::move(*instead), false);
    co_return Next::close;
  }
  open_ = state;
  ++core_.streams;
  state->attach([weak = weak_from_this(), io = core_.io, executor = socket_.get_executor()] {
    asio::post(executor, [weak] {
      if (const auto self = weak.lock()) self->wake_.cancel();
    });
  });
  if (core_.draining) state->close();
  asio::co_spawn(
      socket_.get_executor(), [self = shared_from_this(), state] { return self->watch(state); }, asio::detached);
  report(200);
  const bool chunked = parser_->get().version() >= 11;
  co_await pump(state, chunked);
  open_.reset();
  --core_.streams;
  state->disconnect();
  co_return Next::close;
}

asio::awaitable<bool> Connection::pump(std::shared_ptr<StreamState> state, bool chunked) {
  const bool opened = co_await write_stream_header(chunked);
  if (!opened) co_return false;
  std::string hint = "retry: " + std::to_string(core_.options.stream_retry.count()) + "\n\n";
  bool alive = co_await write_raw(chunk(std::move(hint), chunked));
  while (alive && !gone_) {
    StreamState::Batch batch = state->take();
    if (batch.overflow) co_return false;
    if (!batch.bytes.empty()) {
      alive = co_await write_raw(chunk(std::move(batch.bytes), chunked));
      if (!batch.ended) continue;
    }
    if (batch.ended) {
      if (alive && chunked) co_await write_raw("0\r\n\r\n");
      co_return alive;
    }
    wake_.expires_after(core_.options.stream_heartbeat);
    const auto [cancelled] = co_await wake_.async_wait(no_throw);
    if (!cancelled) alive = co_await write_raw(chunk(":\n\n", chunked));
  }
  co_return false;
}

asio::awaitable<bool> Connection::write_stream_header(bool chunked) {
  Response response;
  response.content_type = "text/event-stream";
  response.headers.set("X-Accel-Buffering", "no");  // proxies of the nginx kind pass events on at once
  auto message = to_wire(std::move(response), core_.options, request_, chunked, false);
  message.chunked(chunked);
  message.keep_alive(false);
  co_return co_await write_raw(head_of(message));
}

asio::awaitable<bool> Connection::write_raw(std::string bytes) {
  Outgoing out{.head = std::move(bytes), .body = {}};
  send_some(out);
  co_return co_await write_rest(out);
}

// A reader of events has nothing to say: whatever ends its side ends the stream.
asio::awaitable<void> Connection::watch(std::shared_ptr<StreamState> state) {
  char scratch[256];
  for (;;) {
    const auto [error, size] = co_await socket_.async_read_some(asio::buffer(scratch), no_throw);
    if (error) break;
  }
  gone_ = true;
  state->close();
  wake_.cancel();
}

asio::awaitable<bool> Connection::write(Response response, bool keep) {
  Outgoing out = compose(std::move(response), keep);
  send_some(out);
  co_return co_await write_rest(out);
}

// The answer's bytes; counts the exchange.
Connection::Outgoing Connection::compose(Response response, bool keep) {
  bool usable = is_field("content-type", response.content_type);
  for (const auto& [name, value] : response.headers.all()) usable = usable && is_field(name, value);
  if (!usable) {
    log_error("a handler set a header field with a control character");
    response = problem(internal_answer(), request_.trace_id);
  }
  report(response.status);
  auto message = to_wire(std::move(response), core_.options, request_, true, keep);
  Outgoing out{.head = head_of(message), .body = {}};
  if (request_.method != "HEAD") out.body = std::move(message.body());
  return out;
}

// What the socket takes without waiting. On whichever thread has the turn.
void Connection::send_some(Outgoing& out) {
  while (!out.complete() && !out.failed) {
    const auto left = buffers(out.head, out.body, out.sent);
    std::array<iovec, 2> pieces{};
    std::transform(left.begin(), left.end(), pieces.begin(), [](const asio::const_buffer& piece) {
      return iovec{const_cast<void*>(piece.data()), piece.size()};  // iovec is for reading, too; sendmsg() only reads
    });
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = pieces.size();
    const ssize_t sent = sendmsg(socket_.native_handle(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0) out.sent += static_cast<std::size_t>(sent);
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (sent < 0 && errno != EINTR) out.failed = true;
  }
}

asio::awaitable<bool> Connection::write_rest(Outgoing& out) {
  if (out.complete()) co_return true;
  if (out.failed) co_return false;
  expires_after(core_.options.write_timeout);
  const auto [error, size] = co_await asio::async_write(socket_, buffers(out.head, out.body, out.sent), no_throw);
  expires_never();
  co_return !error;
}

// Closing with unread input would reset the connection and take the answer with it: say that we are done, then read
// what still comes, within bounds (RFC 9112, 9.6).
asio::awaitable<void> Connection::linger() {
  static constexpr std::size_t kMostBytes = 8 << 20;
  error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  expires_after(std::chrono::seconds(2));
  std::string scratch(16 * 1024, '\0');
  for (std::size_t total = 0; total < kMostBytes;) {
    const auto [error, size] = co_await socket_.async_read_some(asio::buffer(scratch), no_throw);
    if (error) co_return;
    total += size;
  }
}

void Connection::report(int status) {
  if (!core_.observer) return;
  const std::chrono::duration<double> taken = Clock::now() - started_;
  core_.observer({request_.route, request_.method, status, taken.count()});
}

void Connection::log_error(std::string_view what) const {
  if (core_.error_log) core_.error_log(request_.route, request_.trace_id, what);
}

}  // namespace loomline::http
