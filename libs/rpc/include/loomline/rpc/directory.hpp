// Which Channel reaches which service: in the same process, or at an address from the configuration. The name of a
// service is its folder's ("intake"), which is also the second part of its protobuf package ("loomline.intake.v1").
// Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "loomline/base/status.hpp"
#include "loomline/rpc/channel.hpp"

namespace loomline::rpc {

class Directory {
 public:
  // Replaces what was known under that name.
  void add(std::string_view service, std::shared_ptr<Channel> channel);
  // From the command line: "intake=host:port", or several replicas, "intake=10.0.0.1:7101,10.0.0.2:7101" (numeric
  // addresses then), among which calls go round.
  Status add_peer(std::string_view peer, const std::optional<TlsFiles>& tls = {});

  // Methods of the package `package` are served by `service` ("production" by "scheduling").
  void alias(std::string_view package, std::string_view service);

  // unavailable (PEER_UNKNOWN) where nobody told us where the service is.
  Result<std::shared_ptr<Channel>> find(std::string_view service) const;
  // By the method's package: "loomline.intake.v1.IntakeService.PlaceOrder" -> find("intake").
  Result<std::shared_ptr<Channel>> for_method(std::string_view method) const;
  // One channel to each known replica of a service; empty where it is unknown.
  std::vector<std::shared_ptr<Channel>> replicas(std::string_view service) const;
  std::vector<std::string> services() const;

  template <class Req, class Res>
  Result<Res> call(std::string_view method, const Req& request, const CallOptions& options = {},
                   Reply* reply = nullptr) const {
    auto channel = for_method(method);
    if (!channel.ok()) return channel.status();
    return (*channel)->template call<Req, Res>(method, request, options, reply);
  }

 private:
  mutable std::shared_mutex mutex_;
  struct Entry {
    std::shared_ptr<Channel> all;
    std::vector<std::shared_ptr<Channel>> replicas;
  };
  std::map<std::string, Entry, std::less<>> entries_;
  std::map<std::string, std::string, std::less<>> aliases_;
};

}  // namespace loomline::rpc
