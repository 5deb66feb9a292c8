#include "api/call_limits.hpp"

#include "api/client_address.hpp"
#include "api/refused.hpp"

namespace loomline::edge {
namespace {

// A token's own bucket, a link's by its order, and everybody else's by address. The letter keeps them apart.
std::string bucket_of(const Principal& principal, const http::Request& request, int proxies) {
  if (!principal.subject.empty()) return "t" + principal.subject;
  if (!principal.order_id.empty()) return "o" + principal.order_id;
  return "a" + client_address(request, proxies);
}

}  // namespace

Status CallLimits::take(const Principal& principal, const http::Request& request, double cost, Seconds& wait) {
  const std::string_view role = role_name(principal.role);
  const auto rate = limits_.by_role.find(std::string(role));
  if (cost <= 0 || rate == limits_.by_role.end() || rate->second.per_second <= 0) return {};
  const auto lacking = limiter_.take(bucket_of(principal, request, limits_.proxies), rate->second, cost,
                                     std::chrono::steady_clock::now());
  if (!lacking) return {};
  wait = *lacking;
  return too_many_calls(role, rate->second, wait);
}

}  // namespace loomline::edge
