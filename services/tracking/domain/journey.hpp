// The journey of one order: a fold over its facts, sorted by (recorded time, source, sequence). The same facts come to
// the same bytes, whatever the order in which they arrived.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "loomline/eventing/step.hpp"
#include "loomline/tracking/state/v1/state.pb.h"
#include "loomline/tracking/v1/tracking.pb.h"

namespace loomline::tracking::domain {

using State = state::v1::OrderJourney;
using eventing::Step;
using eventing::Verdict;
using google::protobuf::Message;

// What one fact did besides changing the fold.
struct Effect {
  std::optional<v1::JourneyEntry> entry;
  std::string internal_reason;
};

// The types of facts that are folded, by full message name without "loomline.".
std::vector<std::string> fact_types();

// A fact as it is stored: without what no journey shows.
state::v1::Fact make_fact(const Message& event, Time recorded, std::string_view source, std::string_view id);
// Strictly before in the fold's order.
bool before(const state::v1::Fact& a, const state::v1::Fact& b);
// Folds one more fact, the last in order so far. A fact of a type not known any more is an anomaly.
void apply(state::v1::Fold& fold, const state::v1::Fact& fact, Effect& effect);

// The journey as it stands, without its entries where not asked for.
v1::Journey journey(const State& state, bool with_entries = true);
// Every revision after `after`, complete, at most `limit`.
std::vector<v1::OrderProgressed> progress_after(const State& state, std::uint64_t after, std::size_t limit);

// What changes a journey. Each publishes at most one OrderProgressed, and only where something that is shown changed.
Verdict record(State& state, const state::v1::Fact& fact, Step& step);
Verdict on_window_passed(State& state, const state::v1::WindowPassed& timer, Step& step);
Result<state::v1::RebuildResponse> rebuild(State& state, const state::v1::RebuildRequest& request, Step& step);

// Under which a journey is found. Values: all "all"; status "JOURNEY_STATUS_ACTIVE"; stage
// "JOURNEY_STATUS_ACTIVE/MILESTONE_PACKED"; late "late" and "late/JOURNEY_STATUS_ACTIVE".
inline constexpr std::string_view index_all = "all", index_status = "status", index_stage = "stage",
                                  index_late = "late";
std::string stage_value(v1::JourneyStatus status, production::v1::Milestone milestone);
std::string late_value(v1::JourneyStatus status);

}  // namespace loomline::tracking::domain
