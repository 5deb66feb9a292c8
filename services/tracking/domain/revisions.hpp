// Published revisions, as they are kept. Not for others.
#pragma once

#include "domain/render.hpp"

namespace loomline::tracking::domain {

// Makes what is shown a new revision: keeps it, and publishes it.
void publish(State& state, const Fold& fold, const Standing& standing, const Effect& effect, const Timestamp& at,
             Step& step);
// What the state says of the last revision, which showed this.
void note_shown(State& state, const Fold& fold, const Standing& standing);
// Takes over the revisions of a state of before there were parts.
void convert_revisions(State& state, Step& step);

}  // namespace loomline::tracking::domain
