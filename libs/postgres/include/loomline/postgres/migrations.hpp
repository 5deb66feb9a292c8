// Versioned schema changes, applied at start by whichever replica takes the advisory lock first.
#pragma once

#include <span>
#include <string_view>

#include "loomline/postgres/connection.hpp"

namespace loomline::postgres {

// One step, written once and never edited after it landed: its SHA-256 is recorded with it.
struct Migration {
  int version;            // 1, 2, 3, ... within the component, without holes
  std::string_view name;  // "create orders"
  std::string_view sql;   // statements separated by semicolons, without BEGIN or COMMIT: each step is one transaction
};

// Whether the programs before this step can live with it: its text begins with the line "-- additive". It only adds (a
// table, a column that is nullable or has a default, an index, a function of a new name), so that they go on while it
// is applied and after it. Expand first, contract in a later version: docs/running.md, "Upgrading".
bool is_additive(const Migration& migration);

// Brings `component` ("eventing", "intake") to the last version and answers how many steps were applied. Throws
// Error(refused) where a landed step's text differs from the recorded one, where an additive step takes something away,
// or where the database is ahead of the program by a step that is not additive.
int migrate(Connection& connection, std::string_view component, std::span<const Migration> migrations);

}  // namespace loomline::postgres
