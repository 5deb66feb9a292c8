// Who asks: bearer tokens and signed links, verified by intake, remembered for moments.
#pragma once

#include <loomline/common/v1/http.pb.h>

#include <chrono>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "loomline/base/status.hpp"
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
  Access(rpc::Directory& peers, std::chrono::milliseconds cache) : peers_(peers), cache_for_(cache) {}

  // Nobody where no credential is shown. unauthenticated where it is not a good one.
  Result<Principal> identify(const Credential& credential, const http::Request& request);
  // The one decision: may `principal` use a route that names `roles`, about `order_id` (empty: about no order)?
  static Status authorize(const Principal& principal, const Roles& roles, std::string_view order_id);

 private:
  struct Known {
    Principal principal;
    std::chrono::steady_clock::time_point until;
  };
  Result<Principal> verify(const Credential& credential, const http::Request& request);

  rpc::Directory& peers_;
  const std::chrono::milliseconds cache_for_;
  std::mutex mutex_;
  std::map<std::string, Known> known_;  // by SHA-256 of the credential: no secret is kept
};

inline constexpr std::string_view session_cookie = "loomline_ops";

}  // namespace loomline::edge
