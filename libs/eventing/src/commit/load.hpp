// Reads aggregates from their rows.
#pragma once

#include <memory>
#include <set>
#include <vector>

#include "src/commit/session.hpp"
#include "src/decide/registry.hpp"
#include "src/decide/resident.hpp"

namespace loomline::eventing {

// One for each key, in order; one without a row has version 0. Throws postgres::Error.
std::vector<std::shared_ptr<Resident>> load(Session session, const Registry& registry, const std::vector<KeyId>& keys);

// Whether what waits under this type is for this program: a newer one may have heard more.
bool hears(const AggregateDef& def, bool timer, std::string_view type);

// Brings a resident up to its row: reads what was written since its version. Throws postgres::Error, and has changed
// nothing then.
void refresh(Session session, Resident& resident);

}  // namespace loomline::eventing
