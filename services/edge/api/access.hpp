// Who asks: bearer tokens and signed links, verified by intake, remembered for moments.
#pragma once

#include <loomline/common/v1/http.pb.h>

#include <chrono>
#include <set>
#include <string>
#include <string_view>

#include "api/credentials.hpp"
#include "loomline/base/status.hpp"
#include "loomline/edge/limits.hpp"
#include "loomline/http/message.hpp"
#include "loomline/rpc/directory.hpp"

namespace loomline::edge {

using common::v1::Role;
using Roles = std::set<Role>;

struct Principal {
  Role role = common::v1::ROLE_ANYONE;
  std::string subject;   // the token's id; empty for links and for nobody
  std::string order_id;  // the scope of a link
};

// "portal", "staff": as services read it in rpc::Caller::role.
std::string_view role_name(Role role);

// What a request shows: "Authorization: Bearer lmt_...", "Authorization: Link ...", the link in a page's path, or the
// cookie of the operations page.
struct Credential {
  enum class Kind { none, token, link } kind = Kind::none;
  std::string secret;
};
Result<Credential> credential_of(const http::Request& request);

// Thread safe.
class Access {
 public:
  // `cache`: how long a good credential is believed. One that intake refused is refused again for `refused_for` without
  // asking, and no longer: it may have been made good.
  Access(rpc::Directory& peers, std::chrono::milliseconds cache, const Limits& limits = {},
         std::chrono::milliseconds refused_for = std::chrono::seconds(2))
      : peers_(peers),
        cache_for_(cache),
        refused_for_(refused_for),
        proxies_(limits.proxies),
        guesses_(limits.guesses) {}

  // Nobody where no credential is shown. unauthenticated where it is not a good one; resource_exhausted, and how long
  // to wait, where its address has guessed too often and this one was never seen.
  Result<Principal> identify(const Credential& credential, const http::Request& request, Seconds* wait = nullptr);
  // The one decision: may `principal` use a route that names `roles`, about `order_id` (empty: about no order)?
  static Status authorize(const Principal& principal, const Roles& roles, std::string_view order_id);

 private:
  struct Verified {
    Principal principal;
    std::chrono::milliseconds believed{0};
  };
  Result<Verified> verify(const Credential& credential, const http::Request& request) const;
  Result<Verified> verify_token(const Credential& credential, const http::Request& request) const;
  Result<Verified> verify_link(const Credential& credential, const http::Request& request) const;

  rpc::Directory& peers_;
  const std::chrono::milliseconds cache_for_;
  const std::chrono::milliseconds refused_for_;
  const int proxies_;
  Credentials<Principal> credentials_;
  Guesses guesses_;
};

inline constexpr std::string_view session_cookie = "loomline_ops";

}  // namespace loomline::edge
