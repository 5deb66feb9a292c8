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
  // From the command line: "intake=host:port".
  Status add_peer(std::string_view peer, const std::optional<TlsFiles>& tls = {});

  // unavailable (PEER_UNKNOWN) where nobody told us where the service is.
  Result<std::shared_ptr<Channel>> find(std::string_view service) const;
  // By the method's package: "loomline.intake.v1.IntakeService.PlaceOrder" -> find("intake").
  Result<std::shared_ptr<Channel>> for_method(std::string_view method) const;
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
  std::map<std::string, std::shared_ptr<Channel>, std::less<>> channels_;
};

}  // namespace loomline::rpc
