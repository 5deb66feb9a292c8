// The summary file of a demo run.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "loomline/factory/factory.hpp"
#include "memory.hpp"
#include "outcome.hpp"

namespace loomline::demo {

// One expectation about the run as a whole.
struct Check {
  std::string name, expected, actual;
  bool holds = false;
};

struct Summary {
  std::uint64_t seed = 0;
  Time business_start{}, business_end{};
  std::vector<Outcome> outcomes;
  std::vector<Check> checks;
  factory::FactoryTotals totals;
  std::size_t http_calls = 0, clock_moves = 0;
  std::map<std::string, double> wall_seconds;
  MemoryWatch::Peak memory;

  bool holds() const;
};

std::string to_json(const Summary& summary);

}  // namespace loomline::demo
