// What is said of an order of so many pieces, ten operations each, two of them measured: what intake and scheduling say
// is made up, what quality says is quality's own. For benchmarks.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "kept.hpp"

namespace loomline::bench {

// One thing said of the order, in the order in which it was recorded.
struct Said {
  std::shared_ptr<const Message> event;
  eventing::Cause cause;
  bool of_unit;  // of one unit; the others are said once an order
};

struct Story {
  std::vector<Said> facts;
  Cost quality_units, quality_order;  // what quality's own steps cost: of one unit, and once an order
};

// `quality`: the service, which takes part.
Story tell(const eventing::Service& quality, const std::string& order_id, int pieces);

}  // namespace loomline::bench
