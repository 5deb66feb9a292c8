// What stands still in this process, as the activity tells it.
#pragma once

#include "loomline/common/v1/system.pb.h"
#include "src/engine.hpp"
#include "src/stall.hpp"

namespace loomline::eventing {

void add_stalls(const std::vector<StalledLane>& lanes, const std::vector<SlowHandler>& slow,
                common::v1::GetActivityResponse& activity);

}  // namespace loomline::eventing
