// The database's failures as what a caller can act on.
#pragma once

#include <type_traits>

#include "loomline/base/status.hpp"
#include "loomline/postgres/error.hpp"
#include "loomline/telemetry/log.hpp"

namespace loomline::intake::store {

// Runs `work` and answers what it answers; unavailable DATABASE where the database fails in it. Everything here may be
// called again with the same request key.
template <class Work>
auto guarded(Work&& work) -> std::invoke_result_t<Work> {
  try {
    return work();
  } catch (const postgres::Error& error) {
    telemetry::log_error("the database failed", {telemetry::field::error(error)});
    return unavailable("DATABASE", "The database did not answer; try again in a moment.");
  }
}

}  // namespace loomline::intake::store
