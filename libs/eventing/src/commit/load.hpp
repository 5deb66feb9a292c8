// Reads aggregates from their rows.
#pragma once

#include <memory>
#include <set>
#include <vector>

#include "loomline/postgres/pool.hpp"
#include "src/decide/registry.hpp"
#include "src/decide/resident.hpp"

namespace loomline::eventing {

// One for each key, in order; one without a row has version 0. Throws postgres::Error.
std::vector<std::shared_ptr<Resident>> load(postgres::Connection& connection, const Registry& registry,
                                            const std::vector<KeyId>& keys);

// Brings a resident up to its row: reads what was written since its version. Throws postgres::Error.
void refresh(postgres::Connection& connection, Resident& resident);

}  // namespace loomline::eventing
