#include "loomline/edge/service.hpp"

#include <charconv>

#include "loomline/edge/edge.hpp"

namespace loomline::edge {
namespace {

class EdgeFront final : public host::Front {
 public:
  EdgeFront(Options options, rpc::Directory& peers, std::chrono::seconds grace)
      : edge_(std::move(options), peers), grace_(grace) {}
  Status start() { return edge_.start(); }
  bool ready(std::string*) const override { return true; }  // stateless: it says itself which service it misses
  void stop() override { edge_.stop(grace_); }
  std::string address() const override { return edge_.url(); }

 private:
  Edge edge_;
  const std::chrono::seconds grace_;
};

Result<Options> options_of(const host::Config& config) {
  Options options;
  const auto& text = config.http_address;
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0 ||
      std::from_chars(text.data() + colon + 1, text.data() + text.size(), options.http.port).ptr !=
          text.data() + text.size()) {
    return invalid("--http", "is not HOST:PORT", "write for example 127.0.0.1:8080");
  }
  options.http.address = text.substr(0, colon);
  options.public_url = config.public_url;
  options.secure_cookies = config.public_url.starts_with("https://");
  auto limits = read_limits(config.limits, config.proxies);
  if (!limits.ok()) return limits.status();
  options.limits = std::move(*limits);
  return options;
}

}  // namespace

host::FrontPart front() {
  return {"edge", [](const host::Config& config, rpc::Directory& peers) -> Result<std::unique_ptr<host::Front>> {
            auto options = options_of(config);
            if (!options.ok()) return options.status();
            auto front =
                std::make_unique<EdgeFront>(std::move(*options), peers, std::chrono::seconds(config.grace_seconds));
            if (auto status = front->start(); !status.ok()) return status;
            return std::unique_ptr<host::Front>(std::move(front));
          }};
}

}  // namespace loomline::edge
