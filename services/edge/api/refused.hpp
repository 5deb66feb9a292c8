// What callers are told who come too often, and how that is counted.
#pragma once

#include <string>
#include <string_view>

#include "api/rate_limit.hpp"
#include "loomline/base/status.hpp"

namespace loomline::edge {

// Rounded up: who comes after that is let in.
long whole_seconds(Seconds wait);

// resource_exhausted: RATE_LIMITED, TOO_MANY_GUESSES. Both name what to do, and count.
Status too_many_calls(std::string_view role, const Rate& rate, Seconds wait);
Status too_many_guesses(Seconds wait);

// loomline_edge_refused_total{why, role}: rate, guess, or remembered (a credential that intake refused a moment ago).
void count_refused(std::string_view why, std::string_view role);

}  // namespace loomline::edge
