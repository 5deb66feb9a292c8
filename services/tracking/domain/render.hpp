// From the fold to what is shown. Pure functions of the fold and of how far the business clock was seen to have come.
#pragma once

#include <optional>
#include <vector>

#include "domain/fold.hpp"
#include "domain/journey.hpp"

namespace loomline::tracking::domain {

// The end of the line's first confirmed window; none where nothing was confirmed.
std::optional<Time> window_end(const Line& line);
// When the last piece reached what the first promise is about; none where not all have.
std::optional<Time> kept_at(const Line& line);
// A window is half-open: at its end it has passed.
bool late(const Fold& fold, Time passed);

// Where an order stands.
struct Standing {
  struct Mark {
    Milestone milestone = production::v1::MILESTONE_UNSPECIFIED;
    std::int64_t quantity = 0;
    std::optional<Time> reached;  // when the last did; none: not all have
  };
  std::vector<Mark> marks;  // of the milestones on its way, in their order
  std::int64_t quantity = 0;
  Milestone milestone = production::v1::MILESTONE_UNSPECIFIED;
  std::uint32_t operations_done = 0, operations_total = 0;
  bool late = false;
};
Standing standing(const Fold& fold, Time passed);
// Of everything that is shown; of the milestones; of the promises in force.
std::uint64_t digest(const Fold& fold, const Standing& standing);
std::uint64_t milestones_digest(const Standing& standing);
std::uint64_t promises_digest(const Fold& fold);

// What does not grow with the order. Without a revision: that is not a function of the facts.
void render_head(const Fold& fold, const Standing& standing, v1::Journey& out);
// The rest: units, entries, holds and anomalies.
void render_rest(const Fold& fold, const Window& window, v1::Journey& out);

}  // namespace loomline::tracking::domain
