#include "api/access.hpp"

#include <loomline/intake/v1/access.pb.h>

#include "api/call.hpp"
#include "loomline/base/hash.hpp"
#include "loomline/base/time.hpp"
#include "loomline/rpc/query.hpp"
#include "loomline/wire/convert.hpp"

namespace loomline::edge {
namespace {

namespace v1 = common::v1;

Status unauthenticated(std::string reason, std::string message) {
  return {Code::unauthenticated, std::move(reason), std::move(message)};
}

bool same_word(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return (x | 0x20) == (y | 0x20); });
}

std::chrono::milliseconds lifetime(bool expires, const google::protobuf::Timestamp& at,
                                   std::chrono::milliseconds most) {
  if (!expires) return most;
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(wire::to_time(at) - wall_now());
  return std::clamp(left, std::chrono::milliseconds(0), most);
}

}  // namespace

std::string_view role_name(Role role) {
  switch (role) {
    case v1::ROLE_PORTAL:
      return "portal";
    case v1::ROLE_STAFF:
      return "staff";
    case v1::ROLE_MES:
      return "mes";
    case v1::ROLE_TICKETING:
      return "ticketing";
    case v1::ROLE_CUSTOMER:
      return "customer";
    default:
      return "anyone";
  }
}

Result<Credential> credential_of(const http::Request& request) {
  const auto header = request.headers.get("Authorization");
  if (!header) return Credential{};
  const std::size_t space = header->find(' ');
  const std::string_view scheme = header->substr(0, space);
  const std::string_view secret = space == header->npos ? std::string_view{} : header->substr(space + 1);
  static constexpr std::size_t kLongest = 1024;
  if (!secret.empty() && secret.size() <= kLongest) {
    if (same_word(scheme, "Bearer")) return Credential{Credential::Kind::token, std::string(secret)};
    if (same_word(scheme, "Link")) return Credential{Credential::Kind::link, std::string(secret)};
  }
  return unauthenticated("AUTHORIZATION_HEADER",
                         "The Authorization header cannot be read. Send \"Bearer lmt_...\" or \"Link ...\".");
}

Result<Principal> Access::identify(const Credential& credential, const http::Request& request) {
  if (credential.kind == Credential::Kind::none) return Principal{};
  const std::string key = sha256_hex((credential.kind == Credential::Kind::token ? "t" : "l") + credential.secret);
  {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(key);
    if (found != known_.end() && found->second.until > std::chrono::steady_clock::now()) return found->second.principal;
  }
  return verify(credential, request);
}

Result<Principal> Access::verify(const Credential& credential, const http::Request& request) {
  static constexpr std::size_t kMostKnown = 10'000;
  Principal principal;
  std::chrono::milliseconds believed{0};
  if (credential.kind == Credential::Kind::token) {
    intake::v1::VerifyTokenRequest ask;
    ask.set_secret(credential.secret);
    const auto answer = peers_.call<intake::v1::VerifyTokenRequest, intake::v1::VerifyTokenResponse>(
        rpc::method_of<intake::v1::VerifyTokenRequest>(), ask, call_options({}, request));
    if (!answer.ok()) return answer.status();
    principal.role = answer->token().role();
    principal.subject = answer->token().token_id();
    believed = lifetime(answer->token().has_expires_at(), answer->token().expires_at(), cache_for_);
  } else {
    intake::v1::ResolveLinkRequest ask;
    ask.set_link(credential.secret);
    const auto answer = peers_.call<intake::v1::ResolveLinkRequest, intake::v1::ResolveLinkResponse>(
        rpc::method_of<intake::v1::ResolveLinkRequest>(), ask, call_options({}, request));
    if (!answer.ok()) return answer.status();
    principal.role = v1::ROLE_CUSTOMER;
    principal.order_id = answer->order_id();
    believed = lifetime(answer->has_expires_at(), answer->expires_at(), cache_for_);
  }
  const auto now = std::chrono::steady_clock::now();
  const std::string key = sha256_hex((credential.kind == Credential::Kind::token ? "t" : "l") + credential.secret);
  const std::lock_guard lock(mutex_);
  if (known_.size() >= kMostKnown) std::erase_if(known_, [&](const auto& entry) { return entry.second.until <= now; });
  if (known_.size() < kMostKnown) known_[key] = {principal, now + believed};
  return principal;
}

Status Access::authorize(const Principal& principal, const Roles& roles, std::string_view order_id) {
  if (roles.contains(v1::ROLE_ANYONE)) return {};
  if (principal.role == v1::ROLE_ANYONE || principal.role == v1::ROLE_UNSPECIFIED)
    return unauthenticated(
        "CREDENTIAL_MISSING",
        "This needs a credential. Send \"Authorization: Bearer lmt_...\" (made by `loomline token`) or the "
        "order's \"Authorization: Link ...\".");
  if (!roles.contains(principal.role))
    return {Code::permission_denied, "ROLE_NOT_ALLOWED",
            "The role " + std::string(role_name(principal.role)) + " may not do this. /openapi.json names who may."};
  if (principal.role == v1::ROLE_CUSTOMER && (order_id.empty() || principal.order_id != order_id))
    return {Code::permission_denied, "LINK_SCOPE", "This link is for another order."};
  return {};
}

}  // namespace loomline::edge
