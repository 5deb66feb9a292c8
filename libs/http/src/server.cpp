#include "loomline/http/server.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "connection.hpp"
#include "loomline/base/thread_name.hpp"

namespace loomline::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::string_view kTooMany =
    "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

// As many connections as wanted, or as the process may have files open with some left over for everything else.
std::size_t affordable(std::size_t wanted) {
  static constexpr rlim_t kOthers = 512;
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return wanted;
  const rlim_t needed = wanted + kOthers;
  if (files.rlim_cur < needed) {
    files.rlim_cur = std::min<rlim_t>(files.rlim_max, needed);
    setrlimit(RLIMIT_NOFILE, &files);
    getrlimit(RLIMIT_NOFILE, &files);
  }
  if (files.rlim_cur >= needed) return wanted;
  return std::max<std::size_t>(files.rlim_cur / 2, files.rlim_cur - std::min<rlim_t>(kOthers, files.rlim_cur));
}

}  // namespace

class Server::Impl {
 public:
  explicit Impl(ServerOptions options) { core_.options = std::move(options); }
  ~Impl() { stop(std::chrono::milliseconds(0)); }

  Status start();
  bool stop(std::chrono::milliseconds deadline);
  ServerStats stats() const;
  Core& core() { return core_; }
  unsigned short port() const { return port_; }

 private:
  asio::awaitable<void> accept();
  void adopt(tcp::socket socket);
  bool make_room();
  std::vector<std::shared_ptr<Connection>> living() const;

  Core core_;
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_;
  std::optional<tcp::acceptor> acceptor_;
  std::thread thread_;
  unsigned short port_ = 0;
  bool running_ = false;
  mutable std::mutex mutex_;
  std::condition_variable ended_;
  std::size_t next_ = 0;
  std::map<std::size_t, std::weak_ptr<Connection>> connections_;
};

Status Server::Impl::start() {
  const auto& options = core_.options;
  const auto fail = [&](const error_code& error) {
    return unavailable("LISTEN_FAILED", "Cannot listen on " + options.address + ":" + std::to_string(options.port) +
                                            " (" + error.message() + "); choose another address or port.");
  };
  error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error) return fail(error);
  const tcp::endpoint endpoint(address, options.port);
  acceptor_.emplace(*core_.io);
  acceptor_->open(endpoint.protocol(), error);
  if (!error) acceptor_->set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_->bind(endpoint, error);
  if (!error) acceptor_->listen(asio::socket_base::max_listen_connections, error);
  if (error) return fail(error);
  port_ = acceptor_->local_endpoint().port();
  core_.options.max_connections = affordable(options.max_connections);
  core_.largest_body = core_.router.largest_body(options.max_body_bytes);
  core_.pool = std::make_unique<WorkerPool>(options.handler_threads, options.handler_queue, [](const auto& work) {
    name_thread("http", "work");
    work();
  });
  work_.emplace(core_.io->get_executor());
  asio::co_spawn(acceptor_->get_executor(), accept(), asio::detached);
  thread_ = std::thread([io = core_.io] {
    name_thread("http", "io");
    io->run();
  });
  running_ = true;
  return {};
}

asio::awaitable<void> Server::Impl::accept() {
  while (!core_.draining) {
    auto [error, socket] = co_await acceptor_->async_accept(asio::as_tuple(asio::use_awaitable));
    if (!error) {
      adopt(std::move(socket));
    } else if (error != asio::error::operation_aborted && !core_.draining) {
      // Out of file descriptors, most likely: wait for some to be freed instead of spinning.
      asio::steady_timer pause(acceptor_->get_executor(), std::chrono::milliseconds(100));
      co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
    }
  }
}

// Who opens many connections and says nothing must not keep others out. The one that is displaced still counts until
// its coroutine has ended, which is soon.
bool Server::Impl::make_room() {
  for (auto* connection : core_.waiting) {
    if (!connection->displace()) continue;
    ++core_.displaced;
    return true;
  }
  return false;
}

void Server::Impl::adopt(tcp::socket socket) {
  const auto full = [this] {
    const std::lock_guard lock(mutex_);
    return connections_.size() >= core_.options.max_connections;
  };
  const bool room = !full() || make_room();
  std::shared_ptr<Connection> connection;
  std::size_t key = 0;
  {
    const std::lock_guard lock(mutex_);
    if (room && !core_.draining) {
      connection = std::make_shared<Connection>(std::move(socket), core_);
      key = next_++;
      connections_[key] = connection;
    }
  }
  if (!connection) {
    error_code ignored;
    socket.non_blocking(true, ignored);
    socket.write_some(asio::buffer(kTooMany), ignored);
    return;
  }
  connection->start([this, key] {
    const std::lock_guard lock(mutex_);
    connections_.erase(key);
    ended_.notify_all();
  });
}

std::vector<std::shared_ptr<Connection>> Server::Impl::living() const {
  std::vector<std::shared_ptr<Connection>> out;
  const std::lock_guard lock(mutex_);
  for (const auto& [key, weak] : connections_)
    if (auto connection = weak.lock()) out.push_back(std::move(connection));
  return out;
}

bool Server::Impl::stop(std::chrono::milliseconds deadline) {
  if (!running_) return true;
  running_ = false;
  core_.draining = true;
  asio::post(acceptor_->get_executor(), [this] {
    error_code ignored;
    acceptor_->close(ignored);
  });
  for (const auto& connection : living()) connection->drain();
  const auto none = [this] { return connections_.empty(); };
  bool drained = false;
  {
    std::unique_lock lock(mutex_);
    drained = ended_.wait_for(lock, deadline, none);
  }
  for (const auto& connection : living()) connection->cut();
  core_.pool->stop();  // handlers that still run come to their end; they have deadlines of their own
  {
    std::unique_lock lock(mutex_);
    ended_.wait_for(lock, std::chrono::seconds(5), none);
  }
  work_.reset();
  core_.io->stop();
  thread_.join();
  return drained;
}

ServerStats Server::Impl::stats() const {
  ServerStats stats;
  {
    const std::lock_guard lock(mutex_);
    stats.connections = connections_.size();
  }
  stats.streams = core_.streams;
  stats.displaced = core_.displaced;
  stats.handling = core_.handling;
  stats.queued = core_.pool ? core_.pool->waiting() : 0;
  return stats;
}

Server::Server(ServerOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Server::~Server() = default;

void Server::route(std::string method, std::string path_template, Handler handler, RouteOptions options) {
  impl_->core().router.add({.method = std::move(method),
                            .path_template = std::move(path_template),
                            .segments = {},
                            .options = options,
                            .handler = std::move(handler),
                            .stream = {}});
}

void Server::stream(std::string path_template, StreamHandler handler) {
  impl_->core().router.add({.method = "GET",
                            .path_template = std::move(path_template),
                            .segments = {},
                            .options = {},
                            .handler = {},
                            .stream = std::move(handler)});
}

void Server::on_exchange(Observer observer) { impl_->core().observer = std::move(observer); }
void Server::on_error(ErrorLog log) { impl_->core().error_log = std::move(log); }
Status Server::start() { return impl_->start(); }
unsigned short Server::port() const { return impl_->port(); }
bool Server::stop(std::chrono::milliseconds deadline) { return impl_->stop(deadline); }
ServerStats Server::stats() const { return impl_->stats(); }

}  // namespace loomline::http
