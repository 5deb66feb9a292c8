// Everything quality does with one order. Pure: state, message and Step in, state and facts out.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "loomline/eventing/service.hpp"
#include "loomline/intake/v1/events.pb.h"
#include "loomline/quality/state/v1/state.pb.h"
#include "loomline/quality/v1/quality.pb.h"
#include "loomline/scheduling/v1/events.pb.h"

namespace loomline::quality::domain {

using State = state::v1::OrderQuality;
using eventing::Step;
using eventing::Verdict;

// The control plan reworks by itself up to this attempt (exclusive); then staff decides.
inline constexpr std::uint32_t staff_decides_from_attempt = 3;

// The index under which an order is found by where it has something to measure or decide: "plt_x/PENDING".
inline constexpr std::string_view plant_index = "plant_state";
std::string plant_index_value(std::string_view plant_id, v1::InspectionState state);
// Failed inspections that still wait for a disposition.
std::string plant_undecided_value(std::string_view plant_id);

Verdict on_order_placed(State& state, const intake::v1::OrderPlaced& event, Step& step);
Verdict on_order_cancelled(State& state, const intake::v1::OrderCancelled& event, Step& step);
Verdict on_line_scheduled(State& state, const scheduling::v1::LineScheduled& event, Step& step);
Verdict on_operation_progressed(State& state, const scheduling::v1::OperationProgressed& event, Step& step);
Verdict on_unit_replaced(State& state, const scheduling::v1::UnitReplaced& event, Step& step);
Verdict on_unit_completed(State& state, const scheduling::v1::UnitCompleted& event, Step& step);

Result<v1::RecordMeasurementsResponse> record_measurements(State& state, const v1::RecordMeasurementsRequest& request,
                                                           Step& step);
Result<v1::DecideDispositionResponse> decide_disposition(State& state, const v1::DecideDispositionRequest& request,
                                                         Step& step);

// What an order keeps besides its state.
void declare(eventing::Aggregate<State>& orders);

// The certificates issued so far, by line in the order's own order.
std::vector<v1::Certificate> certificates(const eventing::Snapshot& snapshot);
void each_inspection(const eventing::Snapshot& snapshot, const std::function<void(const v1::Inspection&)>& visit);

}  // namespace loomline::quality::domain
