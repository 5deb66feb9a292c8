// From the fold to what is shown. Pure functions of the fold and of how far the business clock was seen to have come.
#pragma once

#include <optional>

#include "loomline/base/time.hpp"
#include "loomline/tracking/state/v1/state.pb.h"

namespace loomline::tracking::domain {

// The end of the line's first confirmed window; none where nothing was confirmed.
std::optional<Time> window_end(const state::v1::Line& line);
// When the last piece reached what the first promise is about; none where not all have.
std::optional<Time> kept_at(const state::v1::Line& line);
// A window is half-open: at its end it has passed.
bool late(const state::v1::Fold& fold, Time passed);

// Without a revision: that is not a function of the facts.
v1::Journey render(const state::v1::Fold& fold, Time passed, bool with_entries = true);
v1::OrderProgressed progress_of(const v1::Journey& journey);

}  // namespace loomline::tracking::domain
