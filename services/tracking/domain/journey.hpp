// The journey of one order: a fold over its facts, sorted by (recorded time, source, sequence). The same facts come to
// the same bytes, whatever the order in which they arrived. What a fact costs does not depend on how many there are.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "loomline/eventing/service.hpp"
#include "loomline/tracking/state/v1/state.pb.h"
#include "loomline/tracking/v1/tracking.pb.h"

namespace loomline::tracking::domain {

using State = state::v1::OrderJourney;
using eventing::Step;
using eventing::Verdict;
using google::protobuf::Message;

// What one fact did besides changing the fold.
struct Effect {
  std::shared_ptr<const v1::JourneyEntry> entry;  // null: none
  std::string internal_reason;
};

// The types of facts that are folded, by full message name without "loomline.".
std::vector<std::string> fact_types();

// A fact, without what no journey shows.
state::v1::Fact make_fact(const Message& event, Time recorded, std::string_view source, std::string_view id);
// The names of the parts that hold them.
std::string name_of(const state::v1::Fact& fact);
std::string name_of(std::uint64_t revision);

// What a journey keeps, and what is derived from it.
void declare(eventing::Aggregate<State>& journeys);

// How much of what grows with an order an answer shows.
struct Window {
  std::uint32_t entries_before = 0;  // only entries before this one, counted from 1; 0: up to the newest
  std::uint32_t units_after = 0;     // of each line, only units after so many
};
inline constexpr std::size_t most_entries = 1000, most_units = 1000, most_holds = 1000, most_anomalies = 1000;
// False before the first revision: of such an order nothing is shown.
bool begun(const eventing::Snapshot& snapshot);
v1::Journey journey(const eventing::Snapshot& snapshot, const Window& window = {});
// As a list of journeys shows it: from the stored state alone, or, where that is of before there were parts, from all.
v1::Journey listed(const State& state);
v1::Journey listed(const eventing::Snapshot& snapshot);
// Every revision after `after`, complete, at most `limit`.
std::vector<v1::OrderProgressed> progress_after(const eventing::Snapshot& snapshot, std::uint64_t after,
                                                std::size_t limit);

// What changes a journey. Each publishes at most one OrderProgressed, and only where something that is shown changed.
Verdict record(State& state, const Message& event, Step& step);
Verdict on_window_passed(State& state, const state::v1::WindowPassed& timer, Step& step);
Result<state::v1::RebuildResponse> rebuild(State& state, const state::v1::RebuildRequest& request, Step& step);

// Under which a journey is found. Values: all "all"; status "JOURNEY_STATUS_ACTIVE"; stage
// "JOURNEY_STATUS_ACTIVE/MILESTONE_PACKED"; late "late" and "late/JOURNEY_STATUS_ACTIVE".
inline constexpr std::string_view index_all = "all", index_status = "status", index_stage = "stage",
                                  index_late = "late";
std::string stage_value(v1::JourneyStatus status, production::v1::Milestone milestone);
std::string late_value(v1::JourneyStatus status);

}  // namespace loomline::tracking::domain
