// Bearer tokens at rest: the SHA-256 of each secret, its role and its end. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loomline/base/status.hpp"
#include "loomline/base/time.hpp"
#include "loomline/intake/v1/access.pb.h"
#include "loomline/postgres/pool.hpp"

namespace loomline::intake::store {

class Tokens {
 public:
  // `secret_key` makes the secrets of requests that may be retried.
  Tokens(postgres::Pool& pool, std::string secret_key) : pool_(pool), secret_key_(std::move(secret_key)) {}

  // `request` names the request; empty: it cannot be retried. The same again answers the same secret; with another role
  // or label failed_precondition IDEMPOTENCY_KEY_REUSED.
  Result<v1::CreateTokenResponse> create(std::string_view tenant, std::string_view request,
                                         const v1::CreateTokenRequest& wanted, Time now);
  // Oldest first.
  Result<std::vector<v1::Token>> list(std::string_view tenant);
  // Again is ok. not_found TOKEN_UNKNOWN.
  Result<v1::Token> revoke(std::string_view tenant, std::string_view token_id, Time now);
  // unauthenticated TOKEN_REFUSED, without a word why.
  Result<v1::Token> verify(std::string_view secret, Time now);

 private:
  postgres::Pool& pool_;
  std::string secret_key_;
};

}  // namespace loomline::intake::store
