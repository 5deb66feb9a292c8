// The admin port: /metrics for Prometheus, /healthz (live) and /readyz for whoever schedules the process.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "loomline/base/status.hpp"
#include "loomline/http/server.hpp"

namespace loomline::host {

// Says why not where the answer is false.
using Probe = std::function<bool(std::string* why_not)>;

Result<std::unique_ptr<http::Server>> start_admin(const std::string& address, Probe live, Probe ready);

}  // namespace loomline::host
