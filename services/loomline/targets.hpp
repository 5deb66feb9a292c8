// Which services `loomline serve --target=...` can host: every one that was linked in.
#pragma once

#include <string>
#include <vector>

#include "loomline/base/status.hpp"
#include "loomline/host/process.hpp"

namespace loomline::cli {

struct Targets {
  std::vector<host::Part> services;
  std::vector<host::FrontPart> fronts;
  std::string name;  // for log lines: the service, or "loomline" for several
};

// "all", or names separated by commas; invalid_argument names those that there are.
Result<Targets> targets(const std::string& text);

}  // namespace loomline::cli
