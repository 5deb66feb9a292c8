// The installation's secrets: one row a name, made once by whichever replica comes first.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "loomline/postgres/pool.hpp"

namespace loomline::intake::store {

// The secret of that name, 32 random bytes made at the first call of any replica.
std::string installation_secret(postgres::Pool& pool, std::string_view name);

// The key that subject keys are sealed with: `configured` (64 hex digits; LOOMLINE_VAULT_KEY), or one that the database
// keeps beside the data, with a warning in the log. Throws std::runtime_error, with the remedy, where `configured` is
// malformed or is not the key that this vault was made with.
std::string vault_key(postgres::Pool& pool, const std::optional<std::string>& configured);

}  // namespace loomline::intake::store
