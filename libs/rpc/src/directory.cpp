#include "loomline/rpc/directory.hpp"

#include <mutex>

namespace loomline::rpc {

void Directory::add(std::string_view service, std::shared_ptr<Channel> channel) {
  const std::unique_lock lock(mutex_);
  channels_.insert_or_assign(std::string(service), std::move(channel));
}

Status Directory::add_peer(std::string_view peer, const std::optional<TlsFiles>& tls) {
  const auto equals = peer.find('=');
  const auto colon = peer.rfind(':');
  if (equals == 0 || equals == std::string_view::npos || colon == std::string_view::npos || colon < equals + 2 ||
      colon + 1 == peer.size()) {
    return invalid("peer", "is not SERVICE=HOST:PORT", "write for example intake=127.0.0.1:7101");
  }
  add(peer.substr(0, equals), Channel::connect(std::string(peer.substr(equals + 1)), tls));
  return {};
}

Result<std::shared_ptr<Channel>> Directory::find(std::string_view service) const {
  const std::shared_lock lock(mutex_);
  const auto found = channels_.find(service);
  if (found != channels_.end()) return found->second;
  const std::string name(service);
  return unavailable("PEER_UNKNOWN", "This process does not know where the service " + name +
                                         " is; start it in the same process or give --peer " + name + "=HOST:PORT.");
}

Result<std::shared_ptr<Channel>> Directory::for_method(std::string_view method) const {
  const auto first = method.find('.');
  const auto second = first == std::string_view::npos ? first : method.find('.', first + 1);
  if (second == std::string_view::npos) {
    return invalid("method", "is not a full method name",
                   "write for example loomline.intake.v1.IntakeService.PlaceOrder");
  }
  return find(method.substr(first + 1, second - first - 1));
}

std::vector<std::string> Directory::services() const {
  const std::shared_lock lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, channel] : channels_) names.push_back(name);
  return names;
}

}  // namespace loomline::rpc
