#include "store/secrets.hpp"

#include <stdexcept>

#include "loomline/base/hash.hpp"
#include "loomline/telemetry/log.hpp"
#include "store/cipher.hpp"

namespace loomline::intake::store {
namespace {

std::string keep_first(postgres::Pool& pool, std::string_view name, const std::string& value) {
  return postgres::retry(pool, [&](postgres::Transaction& transaction) {
    transaction.exec("INSERT INTO installation_secret (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING", name,
                     postgres::Bytes{value});
    const auto rows = transaction.exec("SELECT value FROM installation_secret WHERE name = $1", name);
    return std::string(rows.one().bytes(0));
  });
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string from_hex(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    const int high = hex_digit(text[i]), low = hex_digit(text[i + 1]);
    if (high < 0 || low < 0) return {};
    bytes.push_back(static_cast<char>(high * 16 + low));
  }
  return bytes;
}

}  // namespace

std::string installation_secret(postgres::Pool& pool, std::string_view name) {
  return keep_first(pool, name, random_bytes(key_bytes));
}

std::string vault_key(postgres::Pool& pool, const std::optional<std::string>& configured) {
  std::string key;
  if (configured) {
    key = configured->size() == 2 * key_bytes ? from_hex(*configured) : std::string();
    if (key.size() != key_bytes)
      throw std::runtime_error("LOOMLINE_VAULT_KEY must be 64 hexadecimal digits; make one with: openssl rand -hex 32");
  } else {
    key = installation_secret(pool, "vault");
    telemetry::log_warn("the vault's key is kept in the database beside the data; set LOOMLINE_VAULT_KEY instead");
  }
  // Nobody can tell the key from its fingerprint, but everybody can tell that it is another key.
  const auto mac = hmac_sha256(key, "loomline vault key fingerprint");
  const std::string fingerprint(mac.begin(), mac.end());
  if (!equal_constant_time(keep_first(pool, "vault-key-fingerprint", fingerprint), fingerprint))
    throw std::runtime_error(
        "this vault was made with another key; set LOOMLINE_VAULT_KEY to that key (or unset it where none was set)");
  return key;
}

}  // namespace loomline::intake::store
