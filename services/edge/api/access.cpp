#include "api/access.hpp"

#include <loomline/intake/v1/access.pb.h>

#include <algorithm>

#include "api/call.hpp"
#include "api/client_address.hpp"
#include "api/refused.hpp"
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

Result<Principal> Access::identify(const Credential& credential, const http::Request& request, Seconds* wait) {
  if (credential.kind == Credential::Kind::none) return Principal{};
  const std::string hash = sha256_hex((credential.kind == Credential::Kind::token ? "t" : "l") + credential.secret);
  if (auto known = credentials_.remembered(hash, std::chrono::steady_clock::now())) {
    if (known->good) return std::move(*known->good);
    count_refused("remembered", "anyone");
    return std::move(known->bad);
  }
  const std::string address = client_address(request, proxies_);
  const bool guess = !credentials_.seen(hash);
  const auto blocked = guess ? guesses_.wait(address, std::chrono::steady_clock::now()) : std::nullopt;
  if (blocked) {
    if (wait != nullptr) *wait = *blocked;
    return too_many_guesses(*blocked);
  }
  auto verified = verify(credential, request);
  const auto now = std::chrono::steady_clock::now();
  if (verified.ok()) {
    credentials_.is_good(hash, verified->principal, now + verified->believed);
    return std::move(verified->principal);
  }
  // Only intake's own "no": that it does not answer says nothing about the credential.
  if (verified.status().code() == Code::unauthenticated) {
    credentials_.is_bad(hash, verified.status(), now + refused_for_);
    if (guess) guesses_.wrong(address, now);
  }
  return verified.status();
}

Result<Access::Verified> Access::verify(const Credential& credential, const http::Request& request) const {
  return credential.kind == Credential::Kind::token ? verify_token(credential, request)
                                                    : verify_link(credential, request);
}

Result<Access::Verified> Access::verify_token(const Credential& credential, const http::Request& request) const {
  intake::v1::VerifyTokenRequest ask;
  ask.set_secret(credential.secret);
  const auto answer = peers_.call<intake::v1::VerifyTokenRequest, intake::v1::VerifyTokenResponse>(
      rpc::method_of<intake::v1::VerifyTokenRequest>(), ask, call_options({}, request));
  if (!answer.ok()) return answer.status();
  Verified out;
  out.principal.role = answer->token().role();
  out.principal.subject = answer->token().token_id();
  out.believed = lifetime(answer->token().has_expires_at(), answer->token().expires_at(), cache_for_);
  return out;
}

Result<Access::Verified> Access::verify_link(const Credential& credential, const http::Request& request) const {
  intake::v1::ResolveLinkRequest ask;
  ask.set_link(credential.secret);
  const auto answer = peers_.call<intake::v1::ResolveLinkRequest, intake::v1::ResolveLinkResponse>(
      rpc::method_of<intake::v1::ResolveLinkRequest>(), ask, call_options({}, request));
  if (!answer.ok()) return answer.status();
  Verified out;
  out.principal.role = v1::ROLE_CUSTOMER;
  out.principal.order_id = answer->order_id();
  out.believed = lifetime(answer->has_expires_at(), answer->expires_at(), cache_for_);
  return out;
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
