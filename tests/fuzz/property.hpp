// What a fuzz target says when a promise does not hold: the libFuzzer run ends there and keeps the input; so does the replay.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>

#include "loomline/base/status.hpp"

namespace loomline::fuzz {

inline void hold(bool promise, const char* what, const std::string& seen = {}) {
  if (promise) return;
  std::fprintf(stderr, "BROKEN: %s: %s\n", what, seen.c_str());
  std::abort();
}

// Every refusal names a field, the problem and the remedy.
inline void hold_clear(const Status& status) {
  hold(status.code() == Code::invalid_argument, "a refusal is invalid_argument", status.to_string());
  hold(!status.reason().empty(), "a refusal has a reason", status.to_string());
  hold(!status.violations().empty(), "a refusal names a field", status.to_string());
  for (const auto& violation : status.violations())
    hold(!violation.field.empty() && !violation.problem.empty() && !violation.remedy.empty(),
         "a refusal says the problem and the remedy", status.to_string());
}

}  // namespace loomline::fuzz
