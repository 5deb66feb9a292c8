#include "server_impl.hpp"

#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>

#include <cctype>
#include <thread>

#include "channel_impl.hpp"
#include "local_calls.hpp"
#include "loomline/base/thread_name.hpp"
#include "loomline/telemetry/log.hpp"
#include "metadata.hpp"
#include "stream_call.hpp"
#include "tls.hpp"

namespace loomline::rpc {
namespace {

constexpr std::size_t unlimited = ~std::size_t{0};

void set_limits(grpc::ServerBuilder& builder, const Server::Options& options) {
  builder.SetMaxReceiveMessageSize(static_cast<int>(options.max_message_bytes));
  // A second server must not share a port that is in use, and clients may ask every 10 s whether we live.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 60'000);
}

}  // namespace

std::unique_ptr<WorkerPool> make_pool(const std::string& service, int threads, std::size_t limit) {
  return std::make_unique<WorkerPool>(threads, limit, [service](const auto& work) {
    const telemetry::ServiceScope scope(service);
    name_thread(service, "rpc");
    work();
  });
}

Status shutting_down() { return unavailable("SHUTTING_DOWN", "The server is shutting down; call again."); }

Status server_busy() {
  return {Code::resource_exhausted, "SERVER_BUSY", "Too many calls are waiting; try again in a moment."};
}

MethodMetrics::MethodMetrics(std::string method)
    : method_(std::move(method)),
      seconds_(telemetry::histogram("loomline_rpc_server_seconds", "Time from a call's arrival to its answer", {},
                                    {{"method", method_}})) {}

void MethodMetrics::record(Code code, std::chrono::steady_clock::time_point begun) {
  auto& slot = by_code_[static_cast<std::size_t>(code)];
  std::call_once(slot.made, [&] {
    slot.counter = telemetry::counter("loomline_rpc_server_calls_total", "Calls answered, by method and code",
                                      {{"method", method_}, {"code", std::string(name(code))}});
  });
  slot.counter->increment();
  seconds_.observe(std::chrono::steady_clock::now() - begun);
}

Server::Impl::Impl(Options given)
    : options(std::move(given)),
      streams(make_pool("streams", options.stream_threads, options.queue_limit)),
      notifiers(make_pool("streams", 1, unlimited)),
      local(std::make_shared<LocalCalls>(*this)) {}

grpc::ServerGenericBidiReactor* Server::Impl::CreateReactor(grpc::GenericCallbackServerContext* context) {
  if (draining_) return refuse(shutting_down());
  const auto found = methods.find(method_of(context->method()));
  if (found == methods.end()) {
    return refuse(Status(Code::unimplemented, "METHOD_UNKNOWN", "This server has no method of that name."));
  }
  return found->second.unary ? begin_unary(*this, found->second, context) : begin_stream(*this, found->second, context);
}

Status Server::Impl::start() {
  keep_callback_threads();
  grpc::EnableDefaultHealthCheckService(true);
  grpc::ServerBuilder builder;
  set_limits(builder, options);
  int bound = 0;
  if (!options.address.empty()) {
    auto credentials = server_credentials(options.tls);
    if (!credentials.ok()) return credentials.status();
    builder.AddListeningPort(options.address, *credentials, &bound);
  }
  builder.RegisterCallbackGenericService(this);
  server = builder.BuildAndStart();
  if (server == nullptr || (!options.address.empty() && bound == 0)) {
    return unavailable("ADDRESS_IN_USE",
                       "Cannot listen on " + options.address +
                           ": another program may use the port; choose another, or port 0 for a free one.");
  }
  port = bound;
  started = true;
  serving(false);
  return {};
}

void Server::Impl::serving(bool ready) {
  if (server == nullptr) return;
  auto* health = server->GetHealthCheckService();
  if (health == nullptr) return;
  for (const auto& service : services) health->SetServingStatus(service, ready);
  health->SetServingStatus(ready);
}

bool Server::Impl::enter(StreamCall* call) {
  const std::lock_guard lock(mutex_);
  if (draining_) return false;
  live_.insert(call);
  return true;
}

void Server::Impl::leave(StreamCall* call) {
  const std::lock_guard lock(mutex_);
  live_.erase(call);
}

void Server::Impl::shutdown(Duration grace) {
  std::vector<std::shared_ptr<StreamCall>> open;
  {
    const std::lock_guard lock(mutex_);
    if (draining_.exchange(true)) return;
    for (auto* call : live_) open.push_back(call->shared_from_this());
  }
  serving(false);
  for (const auto& call : open) call->close(shutting_down());
  open.clear();
  // Both kinds of calls have the same time; neither kind's end waits for the other's.
  const auto deadline = std::chrono::steady_clock::now() + grace;
  std::thread local_calls([&] { local->close(deadline); });
  if (server != nullptr) {
    server->Shutdown(std::chrono::system_clock::now() + grace);
    server->Wait();
  }
  local_calls.join();
  for (auto& [service, pool] : pools) pool->stop();
  streams->stop();
  notifiers->stop();
}

std::shared_ptr<Channel> Server::in_process_channel() {
  if (impl_->server == nullptr) throw std::logic_error("in_process_channel() needs start()");
  return make_channel(impl_->server->InProcessChannel(client_arguments()), impl_->local);
}

}  // namespace loomline::rpc
