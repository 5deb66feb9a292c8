// What the command line tells the shell. Stable: scripts rely on these numbers (documented in README.md and `--help`).
#pragma once

#include "loomline/base/status.hpp"

namespace loomline::cli {

enum ExitCode {
  exit_ok = 0,
  exit_no = 1,     // the thing asked says no: not buildable, questions open, an expectation does not hold
  exit_usage = 2,  // the command or its input is wrong
  exit_not_found = 3,
  exit_unavailable = 4,  // cannot be reached, busy, or too slow: trying again later may help
  exit_permission = 5,   // no token, or one that may not do this
  exit_conflict = 6,     // not in this state: already placed, expired, another body under the same key
  exit_internal = 70,    // a fault of Loomline
};

int exit_code(const Status& status);

// For the foot of `--help`.
inline constexpr const char* exit_code_help =
    "Exit codes: 0 done, 1 the answer is no, 2 wrong usage or input, 3 not found, 4 unavailable, 5 not permitted, "
    "6 conflict with the present state, 70 internal error.";

}  // namespace loomline::cli
