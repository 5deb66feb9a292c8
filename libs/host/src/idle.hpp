// Waits until the services of this process have nothing left to do (SystemService.WaitIdle).
#pragma once

#include "loomline/common/v1/system.pb.h"
#include "register.hpp"

namespace loomline::host {

Result<common::v1::WaitIdleResponse> wait_idle(const Runtimes& runtimes, const common::v1::WaitIdleRequest& request);

}  // namespace loomline::host
