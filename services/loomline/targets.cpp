#include "targets.hpp"

#include <algorithm>
#include <functional>
#include <sstream>

#ifdef LOOMLINE_WITH_INTAKE
#include "loomline/intake/service.hpp"
#endif
#ifdef LOOMLINE_WITH_CONFIGURATION
#include "loomline/configuration/service.hpp"
#endif
#ifdef LOOMLINE_WITH_SCHEDULING
#include "loomline/scheduling/service.hpp"
#endif
#ifdef LOOMLINE_WITH_QUALITY
#include "loomline/quality/service.hpp"
#endif
#ifdef LOOMLINE_WITH_AFTERSALES
#include "loomline/aftersales/service.hpp"
#endif
#ifdef LOOMLINE_WITH_TRACKING
#include "loomline/tracking/service.hpp"
#endif
#ifdef LOOMLINE_WITH_EDGE
#include "loomline/edge/service.hpp"
#endif

namespace loomline::cli {
namespace {

struct Known {
  std::string name;
  std::function<void(Targets&)> add;
};

Known service(std::string name, eventing::Service (*make)(), host::Part::Serve serve) {
  return {std::move(name), [make, serve = std::move(serve)](Targets& targets) {
            targets.services.push_back({make, serve});
          }};
}

// A checkout may be configured in part (LOOMLINE_PARTS): what is not there cannot be served.
std::vector<Known> all_known() {
  std::vector<Known> known;
#ifdef LOOMLINE_WITH_INTAKE
  known.push_back(service("intake", intake::make_service, intake::serve));
#endif
#ifdef LOOMLINE_WITH_CONFIGURATION
  known.push_back(service("configuration", configuration::make_service, configuration::serve));
#endif
#ifdef LOOMLINE_WITH_SCHEDULING
  known.push_back(service("scheduling", scheduling::make_service, scheduling::serve));
#endif
#ifdef LOOMLINE_WITH_QUALITY
  known.push_back(service("quality", quality::make_service, quality::serve));
#endif
#ifdef LOOMLINE_WITH_AFTERSALES
  known.push_back(service("aftersales", aftersales::make_service, aftersales::serve));
#endif
#ifdef LOOMLINE_WITH_TRACKING
  known.push_back(service("tracking", tracking::make_service, tracking::serve));
#endif
#ifdef LOOMLINE_WITH_EDGE
  known.push_back({"edge", [](Targets& targets) { targets.fronts.push_back(edge::front()); }});
#endif
  return known;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> names;
  std::istringstream in(text);
  for (std::string name; std::getline(in, name, ',');) names.push_back(name);
  return names;
}

}  // namespace

Result<Targets> targets(const std::string& text) {
  const auto known = all_known();
  std::string legal = "all";
  for (const auto& one : known) legal += ", " + one.name;
  Targets chosen;
  const auto names = split(text);
  chosen.name = names.size() == 1 && text != "all" ? text : "loomline";
  std::vector<std::string> seen;
  for (const auto& name : names) {
    bool found = false;
    for (const auto& one : known) {
      if (name != "all" && name != one.name) continue;
      found = true;
      if (std::find(seen.begin(), seen.end(), one.name) != seen.end()) continue;
      seen.push_back(one.name);
      one.add(chosen);
    }
    if (!found) return invalid("--target", "'" + name + "' is not a service", "use one or several of: " + legal);
  }
  if (seen.empty()) return invalid("--target", "is empty", "use one or several of: " + legal);
  return chosen;
}

}  // namespace loomline::cli
