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

// Brings `component` ("eventing", "intake") to the last version and answers how many steps were applied. Throws
// Error(refused) where a landed step's text differs from the recorded one, or where the database is ahead of the
// program.
int migrate(Connection& connection, std::string_view component, std::span<const Migration> migrations);

}  // namespace loomline::postgres
