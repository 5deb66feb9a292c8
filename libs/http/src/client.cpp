#include "loomline/http/client.hpp"

#include <poll.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <mutex>
#include <thread>

#include "sse_reader.hpp"

namespace loomline::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace wire = boost::beast::http;
using boost::system::error_code;

struct Target {
  std::string host;
  std::string port = "80";
  std::string prefix;
};

Result<Target> parse_base(std::string_view url) {
  static constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme))
    return invalid("base_url", "is not an http:// address", "give http://host:port (TLS ends at the proxy in front)");
  url.remove_prefix(kScheme.size());
  Target target;
  const std::size_t slash = std::min(url.find('/'), url.size());
  target.prefix = url.substr(slash);
  while (target.prefix.ends_with('/')) target.prefix.pop_back();
  std::string_view authority = url.substr(0, slash);
  const std::size_t bracket = authority.find(']');  // [::1]:8080
  const std::size_t colon = authority.find(':', bracket == authority.npos ? 0 : bracket);
  target.host = authority.substr(0, colon);
  if (colon != authority.npos) target.port = authority.substr(colon + 1);
  if (target.host.starts_with('[') && target.host.ends_with(']'))
    target.host = target.host.substr(1, target.host.size() - 2);
  if (target.host.empty() || target.port.empty())
    return invalid("base_url", "names no host or no port", "give http://host:port");
  return target;
}

// One connection, driven on the calling thread with deadlines.
class Link {
 public:
  explicit Link(const Target& target) : target_(target), stream_(io_) {}

  Status connect(std::chrono::milliseconds timeout);
  Status send(const Request& request, const Headers& defaults, std::chrono::milliseconds timeout);
  Result<Response> receive(bool head, std::size_t limit, std::chrono::milliseconds timeout);
  // Reads the head of an answer, then its body piece by piece.
  Result<int> receive_head(wire::response_parser<wire::buffer_body>& parser, std::chrono::milliseconds timeout);
  Result<std::string> receive_some(wire::response_parser<wire::buffer_body>& parser, std::chrono::milliseconds timeout);

  bool reusable() const { return reusable_; }
  // A kept-alive connection that the server has closed meanwhile is readable.
  bool stale();
  bool heard_nothing() const { return heard_nothing_; }

 private:
  Status lost(const error_code& error) const;
  void run() {
    io_.restart();
    io_.run();
  }

  const Target& target_;
  asio::io_context io_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  bool reusable_ = false;
  bool heard_nothing_ = true;
};

Status Link::lost(const error_code& error) const {
  if (error == beast::error::timeout)
    return {Code::deadline_exceeded, "HTTP_TIMEOUT",
            "The server at " + target_.host + ":" + target_.port + " did not answer in time."};
  return unavailable("CONNECTION_LOST",
                     "The connection to " + target_.host + ":" + target_.port + " was lost (" + error.message() + ").");
}

Status Link::connect(std::chrono::milliseconds timeout) {
  error_code error;
  asio::ip::tcp::resolver resolver(io_);
  const auto addresses = resolver.resolve(target_.host, target_.port, error);
  if (!error) {
    stream_.expires_after(timeout);
    stream_.async_connect(addresses, [&](const error_code& e, const asio::ip::tcp::endpoint&) { error = e; });
    run();
  }
  if (error)
    return unavailable("CONNECT_FAILED", "Cannot connect to http://" + target_.host + ":" + target_.port + " (" +
                                             error.message() + "). Is the server running, and is the address right?");
  error_code ignored;
  stream_.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
  return {};
}

Status Link::send(const Request& request, const Headers& defaults, std::chrono::milliseconds timeout) {
  reusable_ = false;
  heard_nothing_ = true;
  wire::request<wire::string_body> message;
  message.version(11);
  message.method_string(request.method);
  message.target(target_.prefix + request.target);
  const bool ipv6 = target_.host.find(':') != std::string::npos;
  message.set(wire::field::host, (ipv6 ? "[" + target_.host + "]" : target_.host) + ":" + target_.port);
  for (const auto& [name, value] : defaults.all()) message.set(name, value);
  for (const auto& [name, value] : request.headers.all()) message.set(name, value);
  if (!request.body.empty() && message.count(wire::field::content_type) == 0)
    message.set(wire::field::content_type, "application/json");
  message.body() = request.body;
  const bool wants_length = !request.body.empty() || (request.method != "GET" && request.method != "HEAD");
  if (wants_length) message.content_length(message.body().size());
  error_code error;
  stream_.expires_after(timeout);
  wire::async_write(stream_, message, [&](const error_code& e, std::size_t) { error = e; });
  run();
  return error ? lost(error) : Status();
}

Result<Response> Link::receive(bool head, std::size_t limit, std::chrono::milliseconds timeout) {
  wire::response_parser<wire::string_body> parser;
  parser.skip(head);
  parser.body_limit(limit);
  error_code error;
  stream_.expires_after(timeout);
  wire::async_read(stream_, buffer_, parser, [&](const error_code& e, std::size_t n) {
    error = e;
    heard_nothing_ = n == 0;
  });
  run();
  if (error == wire::error::body_limit)
    return Status(Code::out_of_range, "ANSWER_TOO_LARGE",
                  "The server's answer is longer than " + std::to_string(limit) + " bytes.");
  if (error) return lost(error);
  reusable_ = parser.get().keep_alive() && !parser.get().need_eof();
  Response response;
  response.status = parser.get().result_int();
  response.content_type = std::string(parser.get()[wire::field::content_type]);
  for (const auto& f : parser.get()) response.headers.add(std::string(f.name_string()), std::string(f.value()));
  response.body = std::move(parser.get().body());
  return response;
}

Result<int> Link::receive_head(wire::response_parser<wire::buffer_body>& parser, std::chrono::milliseconds timeout) {
  error_code error;
  stream_.expires_after(timeout);
  wire::async_read_header(stream_, buffer_, parser, [&](const error_code& e, std::size_t) { error = e; });
  run();
  if (error) return lost(error);
  return static_cast<int>(parser.get().result_int());
}

Result<std::string> Link::receive_some(wire::response_parser<wire::buffer_body>& parser,
                                       std::chrono::milliseconds timeout) {
  std::string bytes(16 * 1024, '\0');
  parser.get().body().data = bytes.data();
  parser.get().body().size = bytes.size();
  error_code error;
  stream_.expires_after(timeout);
  wire::async_read_some(stream_, buffer_, parser, [&](const error_code& e, std::size_t) { error = e; });
  run();
  if (error && error != wire::error::need_buffer) return lost(error);
  bytes.resize(bytes.size() - parser.get().body().size);
  return bytes;
}

bool Link::stale() {
  pollfd descriptor{stream_.socket().native_handle(), POLLIN, 0};
  return poll(&descriptor, 1, 0) != 0;
}

bool safe_to_repeat(const Request& request) {
  return request.method == "GET" || request.method == "HEAD" || request.method == "PUT" || request.method == "DELETE" ||
         request.headers.get("Idempotency-Key").has_value();
}

}  // namespace

class Client::Impl {
 public:
  Impl(std::string base_url, ClientOptions options) : options_(std::move(options)), target_(parse_base(base_url)) {}

  Result<Response> request(const Request& request);
  Status stream(const std::string& target, const StreamOptions& options,
                const std::function<bool(const Event&)>& callback);

 private:
  Result<Response> attempt(const Request& request);
  Status stream_once(const std::string& target, const StreamOptions& options, SseReader& reader, bool& stopped,
                     const std::function<bool(const Event&)>& callback);

  const ClientOptions options_;
  const Result<Target> target_;
  std::mutex mutex_;
  std::unique_ptr<Link> link_;
};

Result<Response> Client::Impl::request(const Request& request) {
  if (!target_) return target_.status();
  const std::lock_guard lock(mutex_);
  if (link_ && link_->stale()) link_.reset();
  const bool reused = link_ != nullptr;
  auto response = attempt(request);
  const bool lost_at_once =
      !response.ok() && response.status().code() == Code::unavailable && link_ && link_->heard_nothing();
  if (lost_at_once && reused && safe_to_repeat(request)) {
    link_.reset();
    response = attempt(request);
  }
  if (!response.ok() || !link_->reusable()) link_.reset();
  return response;
}

Result<Response> Client::Impl::attempt(const Request& request) {
  if (!link_) {
    auto link = std::make_unique<Link>(*target_);
    if (auto status = link->connect(options_.connect_timeout); !status.ok()) return status;
    link_ = std::move(link);
  }
  if (auto status = link_->send(request, options_.headers, options_.request_timeout); !status.ok()) return status;
  return link_->receive(request.method == "HEAD", options_.max_body_bytes, options_.request_timeout);
}

Status Client::Impl::stream(const std::string& target, const StreamOptions& options,
                            const std::function<bool(const Event&)>& callback) {
  if (!target_) return target_.status();
  SseReader reader;
  (void)reader.feed("id: " + options.last_event_id + "\n\n", [](const Event&) { return true; });
  for (int failures = 0;;) {
    bool stopped = false;
    reader.restart();
    const Status status = stream_once(target, options, reader, stopped, callback);
    if (stopped) return {};
    // Only transport failures and clean ends are worth another try: an answer like 404 stays what it is.
    const bool worth_it = status.ok() || status.code() == Code::unavailable || status.code() == Code::deadline_exceeded;
    failures = reader.saw_event() ? 0 : failures + 1;
    if (!worth_it || options.reconnects == 0 || (options.reconnects > 0 && failures > options.reconnects))
      return status;
    std::this_thread::sleep_for(std::chrono::milliseconds(reader.retry_ms()));
  }
}

Status Client::Impl::stream_once(const std::string& target, const StreamOptions& options, SseReader& reader,
                                 bool& stopped, const std::function<bool(const Event&)>& callback) {
  Link link(*target_);
  if (auto status = link.connect(options_.connect_timeout); !status.ok()) return status;
  Request request;
  request.target = target;
  request.headers = options.headers;
  request.headers.set("Accept", "text/event-stream");
  if (!reader.last_id().empty()) request.headers.set("Last-Event-ID", reader.last_id());
  if (auto status = link.send(request, options_.headers, options_.request_timeout); !status.ok()) return status;
  wire::response_parser<wire::buffer_body> parser;
  parser.body_limit(boost::none);
  const auto status_code = link.receive_head(parser, options_.request_timeout);
  if (!status_code) return status_code.status();
  Response refused;
  refused.status = *status_code;
  while (!parser.is_done()) {
    auto bytes = link.receive_some(parser, *status_code == 200 ? options.idle_timeout : options_.request_timeout);
    if (!bytes) return bytes.status();
    if (*status_code != 200) {
      refused.body += *bytes;
      if (refused.body.size() > options_.max_body_bytes) break;
      continue;
    }
    const auto go_on = reader.feed(*bytes, callback);
    if (!go_on) return go_on.status();
    if (!*go_on) {
      stopped = true;
      return {};
    }
  }
  return *status_code == 200 ? Status() : status_of(refused);
}

Client::Client(std::string base_url, ClientOptions options)
    : impl_(std::make_unique<Impl>(std::move(base_url), std::move(options))) {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

Result<Response> Client::request(const Request& request) { return impl_->request(request); }

Result<Response> Client::get(std::string target) {
  Request request;
  request.target = std::move(target);
  return impl_->request(request);
}

Result<Response> Client::post_json(std::string target, std::string body) {
  Request request;
  request.method = "POST";
  request.target = std::move(target);
  request.body = std::move(body);
  return impl_->request(request);
}

Status Client::stream(std::string target, const StreamOptions& options,
                      const std::function<bool(const Event&)>& callback) {
  return impl_->stream(target, options, callback);
}

}  // namespace loomline::http
