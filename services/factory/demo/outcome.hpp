// Whether an order ended as the story says. Pure.
#pragma once

#include <loomline/tracking/v1/tracking.pb.h>

#include <string>
#include <utility>
#include <vector>

#include "story.hpp"

namespace loomline::demo {

struct Stage {
  std::string name;  // "SHIPPED"
  std::string at;    // RFC 3339, business time
};

struct Outcome {
  PlannedOrder plan;
  std::string order_id, product, tracking_url;
  std::string actual;   // as name(Ending), or the journey's status and milestone where it is neither
  std::string problem;  // empty: as expected
  std::vector<Stage> stages;
  // Delivery window first confirmed, and in force at the end.
  std::pair<std::string, std::string> first_window, last_window;
  std::uint32_t promise_revisions = 0;
  std::size_t setbacks = 0;
  bool late = false;
};

// True once nothing more will happen to it.
bool has_ended(tracking::v1::JourneyStatus status);
// `conflict`: what the quote named, for one that was to be refused. `failed_inspections`: as drawn by the rig.
Outcome judge(const PlannedOrder& plan, const tracking::v1::Journey& journey, const std::string& conflict,
              std::size_t failed_inspections);
// SHA-256 over what must be the same in two runs with one seed on empty stores: outcomes, stages and dates, no ids.
std::string fingerprint(const std::vector<Outcome>& outcomes);

}  // namespace loomline::demo
