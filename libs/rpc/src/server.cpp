#include "loomline/rpc/server.hpp"

#include <stdexcept>

#include "server_impl.hpp"

namespace loomline::rpc {
namespace {

const google::protobuf::MethodDescriptor& find_method(std::string_view name) {
  const auto* method = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(std::string(name));
  if (method == nullptr) throw std::logic_error("no generated descriptor knows the method " + std::string(name));
  return *method;
}

void check_type(const std::string& method, const char* which, const google::protobuf::Descriptor* declared,
                const google::protobuf::Message& given) {
  if (declared == given.GetDescriptor()) return;
  throw std::logic_error(method + " has the " + which + " type " + declared->full_name() + ", not " +
                         given.GetDescriptor()->full_name());
}

// "loomline.intake.v1.IntakeService" -> "intake", as log lines name services.
std::string folder(const std::string& service) {
  const auto first = service.find('.');
  const auto second = first == std::string::npos ? first : service.find('.', first + 1);
  return second == std::string::npos ? service : service.substr(first + 1, second - first - 1);
}

}  // namespace

Server::Server(Options options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Server::~Server() { shutdown(); }

static Method& declare(Server::Impl& impl, std::string_view name, const google::protobuf::Message& request,
                       const google::protobuf::Message& response, bool streaming) {
  const auto& descriptor = find_method(name);
  const std::string full(descriptor.full_name());
  if (impl.started) throw std::logic_error(full + " is registered after start()");
  check_type(full, "request", descriptor.input_type(), request);
  check_type(full, "response", descriptor.output_type(), response);
  if (descriptor.client_streaming() || descriptor.server_streaming() != streaming) {
    throw std::logic_error(full + (streaming ? " is not a server stream" : " is a stream"));
  }
  const auto [at, fresh] = impl.methods.try_emplace(full);
  if (!fresh) throw std::logic_error(full + " has two handlers");
  at->second.name = full;
  at->second.request = &request;
  at->second.response = &response;
  at->second.metrics = std::make_unique<MethodMetrics>(full);
  impl.services.insert(std::string(descriptor.service()->full_name()));
  return at->second;
}

static WorkerPool& pool_of(Server::Impl& impl, const std::string& service) {
  auto& pool = impl.pools[service];
  if (pool == nullptr)
    pool = make_pool(folder(service), impl.options.threads, impl.options.queue_limit);
  return *pool;
}

void Server::add_unary(std::string_view name, const google::protobuf::Message& request,
                       const google::protobuf::Message& response, UnaryHandler handler) {
  auto& method = declare(*impl_, name, request, response, false);
  method.unary = std::move(handler);
  const auto service = method.name.substr(0, method.name.rfind('.'));
  method.pool = &pool_of(*impl_, service);
  method.folder = folder(service);
}

void Server::add_stream(std::string_view name, const google::protobuf::Message& request,
                        const google::protobuf::Message& response, bool blocking, StreamHandler handler) {
  auto& method = declare(*impl_, name, request, response, true);
  method.stream = std::move(handler);
  method.pool = blocking ? impl_->streams.get() : &pool_of(*impl_, method.name.substr(0, method.name.rfind('.')));
}

void Server::finish_registration(std::string_view service_full_name) {
  const std::string name(service_full_name);
  const auto* service = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
  if (service == nullptr) throw std::logic_error("no generated descriptor knows the service " + name);
  std::string missing;
  for (int i = 0; i < service->method_count(); ++i) {
    const std::string method(service->method(i)->full_name());
    if (!impl_->methods.contains(method)) missing += (missing.empty() ? "" : ", ") + method;
  }
  if (!missing.empty()) throw std::logic_error("methods without a handler: " + missing);
  impl_->services.insert(name);
}

void Server::before_each(std::function<Status(const CallContext&)> check) { impl_->before_each = std::move(check); }
bool Server::has(std::string_view method) const { return impl_->methods.contains(method); }
std::vector<std::string> Server::services() const { return {impl_->services.begin(), impl_->services.end()}; }

Status Server::start() { return impl_->start(); }
int Server::port() const { return impl_->port; }

std::string Server::address() const {
  if (impl_->port == 0) return {};
  const auto& asked = impl_->options.address;
  std::string host = asked.substr(0, asked.rfind(':'));
  if (host == "0.0.0.0" || host == "[::]") host = "127.0.0.1";
  return host + ":" + std::to_string(impl_->port);
}

void Server::set_ready(bool ready) { impl_->serving(ready); }
void Server::shutdown(Duration grace) { impl_->shutdown(grace); }

}  // namespace loomline::rpc
