#include "loomline/edge/edge.hpp"

#include <map>
#include <mutex>

#include "api/gateway.hpp"
#include "api/routes.hpp"
#include "loomline/telemetry/log.hpp"
#include "loomline/telemetry/metrics.hpp"
#include "pages/pages.hpp"

namespace loomline::edge {
namespace {

namespace telemetry = loomline::telemetry;

// Duration by route and status class. A handle is looked up once for each combination, of which there are few.
class Metrics {
 public:
  void observe(const http::Exchange& exchange) {
    const std::string status = std::to_string(exchange.status / 100) + "xx";
    const std::string key = std::string(exchange.method) + " " + std::string(exchange.route) + " " + status;
    std::unique_lock lock(mutex_);
    auto found = by_key_.find(key);
    if (found == by_key_.end()) {
      const bool known = !exchange.route.empty();
      const telemetry::Labels labels{{"route", known ? std::string(exchange.route) : "none"},
                                     {"method", known ? std::string(exchange.method) : "any"},
                                     {"status", status}};
      found = by_key_
                  .emplace(key, telemetry::histogram("loomline_http_request_seconds", "Time to answer a request", {},
                                                     labels))
                  .first;
    }
    const auto histogram = found->second;
    lock.unlock();
    histogram.observe(exchange.seconds);
  }

 private:
  std::mutex mutex_;
  std::map<std::string, telemetry::Histogram> by_key_;
};

}  // namespace

class Edge::Impl {
 public:
  Impl(Options options, rpc::Directory& peers)
      : options_(std::move(options)),
        access_(peers, options_.credential_cache, options_.limits),
        limits_(options_.limits),
        openapi_(openapi_document(options_.public_url)),
        server_(options_.http) {
    auto doors = api_doors(peers);
    for (auto& door : page_doors({peers, access_, options_.secure_cookies, openapi_})) doors.push_back(std::move(door));
    install(std::move(doors), server_, access_, limits_);
    server_.on_exchange([this](const http::Exchange& exchange) { metrics_.observe(exchange); });
    server_.on_error([](std::string_view route, std::string_view trace, std::string_view what) {
      telemetry::log_error("an HTTP handler failed",
                           {telemetry::field::id("route", route), telemetry::field::id("trace_id", trace),
                            telemetry::field::error(what)});
    });
  }

  http::Server& server() { return server_; }
  const Options& options() const { return options_; }

 private:
  const Options options_;
  Metrics metrics_;
  Access access_;
  CallLimits limits_;
  const std::string openapi_;
  http::Server server_;  // last: stopped before what its handlers use is gone
};

Edge::Edge(Options options, rpc::Directory& peers) : impl_(std::make_unique<Impl>(std::move(options), peers)) {}
Edge::~Edge() = default;

Status Edge::start() {
  Status status = impl_->server().start();
  if (status.ok()) telemetry::log_info("the edge listens", {telemetry::field::id("address", url())});
  return status;
}
unsigned short Edge::port() const { return impl_->server().port(); }
std::string Edge::url() const {
  const std::string& address = impl_->options().http.address;
  const bool ipv6 = address.find(':') != std::string::npos;
  return "http://" + (ipv6 ? "[" + address + "]" : address) + ":" + std::to_string(port());
}
bool Edge::stop(std::chrono::milliseconds deadline) { return impl_->server().stop(deadline); }

}  // namespace loomline::edge
