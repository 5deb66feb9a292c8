// What the services keep, as a list like that of the contracts: the next version must read what this one stored, and
// this one what the next one stored, where an upgrade is taken back. Names and JSON may change: states are stored in
// binary.
#pragma once

#include "services.hpp"
#include "snapshot.hpp"

namespace loomline::contract {

// Messages and enums of loomline.*.state.*, and what each kind of aggregate keeps: "part scheduling/plant/order".
Snapshot stored(const Contracts& contracts, const std::vector<eventing::Service>& services);

// What of `after` cannot live with stores of `before`, or the other way round; one sentence each.
std::vector<std::string> stored_changes(const Snapshot& before, const Snapshot& after);

}  // namespace loomline::contract
