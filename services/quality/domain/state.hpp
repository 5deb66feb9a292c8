// What quality keeps of one order, and under what it is found.
#pragma once

#include <string>
#include <string_view>

#include "loomline/eventing/step.hpp"
#include "loomline/quality/state/v1/state.pb.h"
#include "loomline/quality/v1/quality.pb.h"

namespace loomline::quality::domain {

using State = state::v1::OrderQuality;
using eventing::Step;
using eventing::Verdict;
using google::protobuf::Timestamp;

// The index under which an order is found by where it has something to measure or decide: "plt_x/PENDING".
inline constexpr std::string_view plant_index = "plant_state";
std::string plant_index_value(std::string_view plant_id, v1::InspectionState state);
// Failed inspections that still wait for a disposition.
std::string plant_undecided_value(std::string_view plant_id);

}  // namespace loomline::quality::domain
