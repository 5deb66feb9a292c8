// Signed links: an order id and an end, with an HMAC-SHA-256 under the installation's key. Pure.
#pragma once

#include <string>
#include <string_view>

#include "loomline/base/status.hpp"
#include "loomline/base/time.hpp"

namespace loomline::intake::domain {

struct Link {
  std::string order_id;
  Time expires;  // whole seconds
};

// base64url of: version 1, 8 bytes of seconds (big-endian), the order id, 32 bytes of HMAC over what is before.
std::string sign(const Link& link, std::string_view key);

// unauthenticated LINK_REFUSED where it was not signed with this key, is not in the one form that sign() gives, or has
// expired.
Result<Link> resolve(std::string_view text, std::string_view key, Time now);

}  // namespace loomline::intake::domain
