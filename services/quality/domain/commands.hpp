// What quality is told: measurements, and what becomes of what failed.
#pragma once

#include "domain/state.hpp"

namespace loomline::quality::domain {

Result<v1::RecordMeasurementsResponse> record_measurements(State& state, const v1::RecordMeasurementsRequest& request,
                                                           Step& step);
Result<v1::DecideDispositionResponse> decide_disposition(State& state, const v1::DecideDispositionRequest& request,
                                                         Step& step);

}  // namespace loomline::quality::domain
