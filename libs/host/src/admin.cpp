#include "admin.hpp"

#include <charconv>

#include "loomline/telemetry/metrics.hpp"

namespace loomline::host {
namespace {

struct Address {
  std::string host;
  unsigned short port = 0;
};

Result<Address> parse(const std::string& text) {
  const auto colon = text.rfind(':');
  Address address;
  if (colon != std::string::npos && colon > 0) {
    address.host = text.substr(0, colon);
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data() + colon + 1, end, address.port);
    if (error == std::errc() && rest == end) return address;
  }
  return invalid("--admin", "is not HOST:PORT", "write for example 127.0.0.1:9100");
}

http::Response answer(const Probe& probe) {
  std::string why_not;
  const bool good = probe(&why_not);
  return http::text_response(good ? "ok\n" : why_not + "\n", good ? 200 : 503);
}

}  // namespace

Result<std::unique_ptr<http::Server>> start_admin(const std::string& address, Probe live, Probe ready) {
  auto where = parse(address);
  if (!where.ok()) return where.status();
  http::ServerOptions options;
  options.address = where->host;
  options.port = where->port;
  options.handler_threads = 2;
  auto server = std::make_unique<http::Server>(options);
  server->route("GET", "/metrics", [](const http::Request&) {
    auto response = http::text_response(telemetry::render_metrics());
    response.content_type = telemetry::metrics_content_type;
    return response;
  });
  server->route("GET", "/healthz", [live](const http::Request&) { return answer(live); });
  server->route("GET", "/readyz", [ready](const http::Request&) { return answer(ready); });
  if (auto status = server->start(); !status.ok()) return status;
  return server;
}

}  // namespace loomline::host
