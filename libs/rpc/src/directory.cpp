#include "loomline/rpc/directory.hpp"

#include <mutex>

namespace loomline::rpc {
namespace {

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const auto at = text.find(separator);
    parts.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

// HOST:PORT, or a target with a scheme of gRPC's ("dns:///intake:7101"), which is gRPC's to judge.
bool is_address(const std::string& text) {
  if (text.find("://") != std::string::npos) return true;
  const auto colon = text.rfind(':');
  return colon != std::string::npos && colon > 0 && colon + 1 < text.size() &&
         text.find_first_not_of("0123456789", colon + 1) == std::string::npos;
}

std::string numeric(std::string address) {
  constexpr std::string_view local = "localhost:";
  if (address.starts_with(local)) address.replace(0, local.size(), "127.0.0.1:");
  return address;
}

}  // namespace

void Directory::add(std::string_view service, std::shared_ptr<Channel> channel) {
  const std::unique_lock lock(mutex_);
  entries_.insert_or_assign(std::string(service), Entry{channel, {channel}});
}

Status Directory::add_peer(std::string_view peer, const std::optional<TlsFiles>& tls) {
  const auto bad = [] {
    return invalid("peer", "is not SERVICE=HOST:PORT", "write for example intake=127.0.0.1:7101");
  };
  const auto equals = peer.find('=');
  if (equals == 0 || equals == std::string_view::npos) return bad();
  Entry entry;
  std::string target;
  const auto addresses = split(peer.substr(equals + 1), ',');
  for (const auto& address : addresses) {
    if (!is_address(address)) return bad();
    entry.replicas.push_back(Channel::connect(address, tls));
    target += (target.empty() ? "ipv4:" : ",") + numeric(address);
  }
  entry.all = addresses.size() == 1 ? entry.replicas.front() : Channel::connect(target, tls);
  const std::unique_lock lock(mutex_);
  entries_.insert_or_assign(std::string(peer.substr(0, equals)), std::move(entry));
  return {};
}

void Directory::alias(std::string_view package, std::string_view service) {
  const std::unique_lock lock(mutex_);
  aliases_.insert_or_assign(std::string(package), std::string(service));
}

Result<std::shared_ptr<Channel>> Directory::find(std::string_view service) const {
  const std::shared_lock lock(mutex_);
  const auto alias = aliases_.find(service);
  const std::string name(alias == aliases_.end() ? service : alias->second);
  const auto found = entries_.find(name);
  if (found != entries_.end()) return found->second.all;
  return unavailable("PEER_UNKNOWN", "This process does not know where the service " + name +
                                         " is; start it in the same process or give --peer " + name + "=HOST:PORT.");
}

std::vector<std::shared_ptr<Channel>> Directory::replicas(std::string_view service) const {
  const std::shared_lock lock(mutex_);
  const auto found = entries_.find(service);
  if (found == entries_.end()) return {};
  return found->second.replicas;
}

Result<std::shared_ptr<Channel>> Directory::for_method(std::string_view method) const {
  const auto parts = split(method, '.');
  if (parts.size() < 4) {
    return invalid("method", "is not a full method name",
                   "write for example loomline.intake.v1.IntakeService.PlaceOrder");
  }
  return find(parts[1]);
}

std::vector<std::string> Directory::services() const {
  const std::shared_lock lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, entry] : entries_) names.push_back(name);
  return names;
}

}  // namespace loomline::rpc
