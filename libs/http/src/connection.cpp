#include "connection.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include "loomline/base/id.hpp"
#include "loomline/http/url.hpp"
#include "wire.hpp"

namespace loomline::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);

Response overloaded_answer(std::string_view trace_id) {
  return problem(unavailable("OVERLOADED", "The server has more requests than it can handle; try again soon."),
                 trace_id);
}

Status internal_answer() { return internal("Something failed inside the server; it is logged under the trace id."); }

}  // namespace

Connection::Connection(asio::ip::tcp::socket socket, Core& core)
    : core_(core),
      stream_(std::move(socket)),
      buffer_(core.options.max_header_bytes + 64 * 1024),
      wake_(stream_.get_executor()) {
  error_code ignored;
  stream_.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
  const auto end = stream_.socket().remote_endpoint(ignored);
  peer_ = end.address().to_string();
}

void Connection::start(std::function<void()> on_end) {
  asio::co_spawn(
      stream_.get_executor(), [self = shared_from_this()] { return self->run(); },
      [self = shared_from_this(), on_end = std::move(on_end)](const std::exception_ptr& error) {
        if (error) self->log_error("a connection's coroutine threw");
        on_end();
      });
}

void Connection::drain() {
  asio::post(stream_.get_executor(), [self = shared_from_this()] {
    if (self->idle_) self->stream_.close();
    if (self->open_) self->open_->close();
  });
}

void Connection::cut() {
  asio::post(stream_.get_executor(), [self = shared_from_this()] {
    self->gone_ = true;
    self->stream_.close();
    self->wake_.cancel();
  });
}

asio::awaitable<void> Connection::run() {
  Next next = Next::keep;
  while (next == Next::keep && !core_.draining) {
    const bool begun = co_await read_first_byte();
    if (!begun) break;
    next = co_await exchange();
  }
  if (next == Next::linger) co_await linger();
  error_code ignored;
  stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  stream_.close();
}

asio::awaitable<bool> Connection::read_first_byte() {
  if (buffer_.size() > 0) co_return true;
  idle_ = true;
  stream_.expires_after(core_.options.idle_timeout);
  const auto [error, size] = co_await stream_.async_read_some(buffer_.prepare(4096), kNoThrow);
  idle_ = false;
  if (error) co_return false;
  buffer_.commit(size);
  co_return true;
}

asio::awaitable<Connection::Next> Connection::exchange() {
  started_ = Clock::now();
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(core_.options.max_header_bytes));
  parser_->body_limit(core_.largest_body);
  request_ = {};
  request_.peer = peer_;
  stream_.expires_after(core_.options.header_timeout);
  const auto [error, size] = co_await beast::http::async_read_header(stream_, buffer_, *parser_, kNoThrow);
  if (error) {
    int code = 400;
    const auto status = header_error(error, core_.options, core_.largest_body, code);
    if (!status) co_return Next::close;  // the other end left, or took too long
    request_.trace_id = random_hex128();
    co_await write(problem(*status, request_.trace_id, code), false);
    co_return Next::linger;
  }
  const Status described = describe_request();
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
  if (route.stream) co_return co_await open_stream(route);
  Response response = co_await handle(route);
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
  stream_.expires_after(core_.options.body_timeout);
  const auto [error, size] = co_await beast::http::async_read(stream_, buffer_, *parser_, kNoThrow);
  if (!error) {
    request_.body = std::move(parser_->get().body());
    co_return std::nullopt;
  }
  if (error == beast::http::error::body_limit) co_return body_too_large(limit);
  const auto status = header_error(error, core_.options, core_.largest_body, http_status);
  if (status) co_return *status;
  http_status = 0;
  co_return unavailable("CONNECTION_LOST", "");
}

// Runs `work` on a handler thread and resumes on the strand with what it returned.
template <class T>
asio::awaitable<T> Connection::on_pool(std::function<T()> work, T overloaded) {
  auto initiate = [this, &work, &overloaded](auto completion) {
    auto shared = std::make_shared<decltype(completion)>(std::move(completion));
    auto executor = stream_.get_executor();
    auto task = [shared, executor, work] {
      T value = work();
      asio::post(executor, [shared, value = std::move(value)]() mutable { std::move (*shared)(std::move(value)); });
    };
    if (core_.pool->submit(std::move(task))) return;
    asio::post(executor, [shared, value = overloaded]() mutable { std::move (*shared)(std::move(value)); });
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(T)>(std::move(initiate),
                                                                                   asio::use_awaitable);
}

asio::awaitable<Response> Connection::handle(const Route& route) {
  // The connection awaits the result, so that request_ outlives the handler.
  std::function<Response()> work = [this, &route] {
    try {
      return route.handler(request_);
    } catch (const std::exception& error) {
      log_error(error.what());
    } catch (...) {
      log_error("something that is no std::exception");
    }
    return problem(internal_answer(), request_.trace_id);
  };
  if (route.options.on_io_thread) co_return work();
  Response overloaded = overloaded_answer(request_.trace_id);
  co_return co_await on_pool(std::move(work), std::move(overloaded));
}

asio::awaitable<Connection::Next> Connection::open_stream(const Route& route) {
  auto state = std::make_shared<StreamState>(core_.options.stream_queue_events, core_.options.stream_queue_bytes);
  using Answer = std::optional<Response>;
  std::function<Answer()> work = [this, &route, state]() -> Answer {
    try {
      return route.stream(request_, EventStream(state));
    } catch (const std::exception& error) {
      log_error(error.what());
    } catch (...) {
      log_error("something that is no std::exception");
    }
    return problem(internal_answer(), request_.trace_id);
  };
  Answer overloaded = overloaded_answer(request_.trace_id);
  Answer instead = co_await on_pool(std::move(work), std::move(overloaded));
  if (instead) {
    state->disconnect();
    co_await write(std::move(*instead), false);
    co_return Next::close;
  }
  open_ = state;
  ++core_.streams;
  state->attach([weak = weak_from_this(), io = core_.io, executor = stream_.get_executor()] {
    asio::post(executor, [weak] {
      if (const auto self = weak.lock()) self->wake_.cancel();
    });
  });
  if (core_.draining) state->close();
  asio::co_spawn(
      stream_.get_executor(), [self = shared_from_this(), state] { return self->watch(state); }, asio::detached);
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
    const auto [cancelled] = co_await wake_.async_wait(kNoThrow);
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
  beast::http::response_serializer<beast::http::string_body> serializer(message);
  stream_.expires_after(core_.options.write_timeout);
  const auto [error, size] = co_await beast::http::async_write_header(stream_, serializer, kNoThrow);
  co_return !error;
}

asio::awaitable<bool> Connection::write_raw(std::string bytes) {
  stream_.expires_after(core_.options.write_timeout);
  const auto [error, size] = co_await asio::async_write(stream_, asio::buffer(bytes), kNoThrow);
  co_return !error;
}

// A reader of events has nothing to say: whatever ends its side ends the stream. On the socket itself, so that the
// timeouts of the writes do not apply.
asio::awaitable<void> Connection::watch(std::shared_ptr<StreamState> state) {
  char scratch[256];
  for (;;) {
    const auto [error, size] = co_await stream_.socket().async_read_some(asio::buffer(scratch), kNoThrow);
    if (error) break;
  }
  gone_ = true;
  state->close();
  wake_.cancel();
}

asio::awaitable<bool> Connection::write(Response response, bool keep) {
  const int status = response.status;
  bool usable = true;
  for (const auto& [name, value] : response.headers.all()) usable = usable && is_field(name, value);
  if (!usable || !is_field("content-type", response.content_type)) {
    log_error("a handler set a header field with a control character");
    response = problem(internal_answer(), request_.trace_id);
  }
  const bool head = request_.method == "HEAD";
  auto message = to_wire(std::move(response), core_.options, request_, true, keep);
  beast::http::response_serializer<beast::http::string_body> serializer(message);
  stream_.expires_after(core_.options.write_timeout);
  error_code failed;
  if (head) {
    const auto [error, size] = co_await beast::http::async_write_header(stream_, serializer, kNoThrow);
    failed = error;
  } else {
    const auto [error, size] = co_await beast::http::async_write(stream_, serializer, kNoThrow);
    failed = error;
  }
  report(usable ? status : 500);
  co_return !failed;
}

// Closing with unread input would reset the connection and take the answer with it: say that we are done, then read
// what still comes, within bounds (RFC 9112, 9.6).
asio::awaitable<void> Connection::linger() {
  static constexpr std::size_t kMostBytes = 8 << 20;
  error_code ignored;
  stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  stream_.expires_after(std::chrono::seconds(2));
  std::string scratch(16 * 1024, '\0');
  for (std::size_t total = 0; total < kMostBytes;) {
    const auto [error, size] = co_await stream_.async_read_some(asio::buffer(scratch), kNoThrow);
    if (error) co_return;
    total += size;
  }
}

Status Connection::describe_request() { return read_request(parser_->get(), parser_->chunked(), request_); }

void Connection::report(int status) {
  if (!core_.observer) return;
  const std::chrono::duration<double> taken = Clock::now() - started_;
  core_.observer({request_.route, request_.method, status, taken.count()});
}

void Connection::log_error(std::string_view what) const {
  if (core_.error_log) core_.error_log(request_.route, request_.trace_id, what);
}

}  // namespace loomline::http
