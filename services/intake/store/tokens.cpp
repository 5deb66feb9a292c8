#include "store/tokens.hpp"

#include "loomline/base/hash.hpp"
#include "loomline/base/id.hpp"
#include "loomline/wire/convert.hpp"
#include "store/cipher.hpp"
#include "store/guard.hpp"

namespace loomline::intake::store {
namespace {

constexpr std::string_view secret_prefix = "lmt_";
constexpr std::size_t secret_characters = 4 + 43;  // 32 bytes in base64url

constexpr std::string_view columns = "token_id, role, label, created_at, expires_at, revoked_at IS NOT NULL";

v1::Token token_of(const postgres::Row& row) {
  v1::Token token;
  token.set_token_id(row.get<std::string>(0));
  token.set_role(static_cast<common::v1::Role>(row.int64(1)));
  token.set_label(row.get<std::string>(2));
  *token.mutable_created_at() = wire::to_timestamp(row.time(3));
  if (!row.is_null(4)) *token.mutable_expires_at() = wire::to_timestamp(row.time(4));
  token.set_revoked(row.boolean(5));
  return token;
}

std::string digest(std::string_view text) {
  const auto hash = sha256(text);
  return {hash.begin(), hash.end()};
}

std::string select(std::string_view where) {
  return "SELECT " + std::string(columns) + " FROM access_token WHERE " + std::string(where);
}

}  // namespace

Result<v1::CreateTokenResponse> Tokens::create(std::string_view tenant, std::string_view request,
                                               const v1::CreateTokenRequest& wanted, Time now) {
  const std::string seed = request.empty() ? random_bytes(32) : std::string(tenant) + "/" + std::string(request);
  const auto secret_bytes = hmac_sha256(secret_key_, seed);
  const std::string secret = std::string(secret_prefix) + base64url(secret_bytes);
  const std::string hash = digest(secret);
  // The id is listed, so it must not lead back to the secret: it follows from the hash.
  const std::string token_id = mint_id("tok", Time{}, hash);
  std::optional<Time> expires;
  if (wanted.valid_days() > 0) expires = now + std::chrono::days(wanted.valid_days());

  const auto create_in = [&](postgres::Transaction& transaction) {
    transaction.exec(
        "INSERT INTO access_token (tenant, token_id, secret_sha256, role, label, created_at, expires_at) VALUES ($1, "
        "$2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        tenant, token_id, postgres::Bytes{hash}, static_cast<int>(wanted.role()), wanted.label(), now, expires);
    return token_of(transaction.exec(select("tenant = $1 AND token_id = $2"), tenant, token_id).one());
  };
  auto token = guarded([&]() -> Result<v1::Token> { return postgres::retry(pool_, create_in); });
  if (!token.ok()) return token.status();
  if (token->role() != wanted.role() || token->label() != wanted.label())
    return failed_precondition("IDEMPOTENCY_KEY_REUSED",
                               "The idempotency key was used for another token; give a new one.");
  v1::CreateTokenResponse response;
  *response.mutable_token() = *token;
  response.set_secret(secret);
  return response;
}

Result<std::vector<v1::Token>> Tokens::list(std::string_view tenant) {
  return guarded([&]() -> Result<std::vector<v1::Token>> {
    const auto rows = pool_.acquire()->exec(select("tenant = $1 ORDER BY created_at, token_id LIMIT 10000"), tenant);
    std::vector<v1::Token> tokens;
    for (const auto row : rows) tokens.push_back(token_of(row));
    return tokens;
  });
}

Result<v1::Token> Tokens::revoke(std::string_view tenant, std::string_view token_id, Time now) {
  return guarded([&]() -> Result<v1::Token> {
    const auto rows = pool_.acquire()->exec(
        "UPDATE access_token SET revoked_at = coalesce(revoked_at, $3) WHERE tenant = $1 AND token_id = $2 RETURNING " +
            std::string(columns),
        tenant, token_id, now);
    if (rows.empty()) return not_found("TOKEN_UNKNOWN", "There is no token with this id.");
    return token_of(rows[0]);
  });
}

Result<v1::Token> Tokens::verify(std::string_view secret, Time now) {
  const Status refused(Code::unauthenticated, "TOKEN_REFUSED",
                       "The token is unknown, expired or revoked; ask for a new one (loomline token create).");
  if (secret.size() != secret_characters || !secret.starts_with(secret_prefix)) return refused;
  return guarded([&]() -> Result<v1::Token> {
    // Looked up by its hash: the time that takes says nothing about a secret.
    const auto rows = pool_.acquire()->exec(
        select("secret_sha256 = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)"),
        postgres::Bytes{digest(secret)}, now);
    if (rows.empty()) return refused;
    return token_of(rows[0]);
  });
}

}  // namespace loomline::intake::store
