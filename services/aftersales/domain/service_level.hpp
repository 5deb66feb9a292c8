// How fast a ticket is served: ITIL's priority matrix, and the clocks of each priority.
#pragma once

#include <array>
#include <chrono>

#include "loomline/aftersales/v1/aftersales.pb.h"

namespace loomline::aftersales::domain {

// The resolution clock runs.
constexpr bool clock_runs(v1::TicketState state) {
  return state == v1::TICKET_STATE_OPEN || state == v1::TICKET_STATE_IN_PROGRESS;
}

struct PriorityRule {
  v1::Impact impact;
  v1::Urgency urgency;
  v1::Priority priority;
};

// ITIL: priority = impact x urgency.
inline constexpr std::array priority_matrix = {
    PriorityRule{v1::IMPACT_HIGH, v1::URGENCY_HIGH, v1::PRIORITY_CRITICAL},
    PriorityRule{v1::IMPACT_HIGH, v1::URGENCY_MEDIUM, v1::PRIORITY_HIGH},
    PriorityRule{v1::IMPACT_HIGH, v1::URGENCY_LOW, v1::PRIORITY_MEDIUM},
    PriorityRule{v1::IMPACT_MEDIUM, v1::URGENCY_HIGH, v1::PRIORITY_HIGH},
    PriorityRule{v1::IMPACT_MEDIUM, v1::URGENCY_MEDIUM, v1::PRIORITY_MEDIUM},
    PriorityRule{v1::IMPACT_MEDIUM, v1::URGENCY_LOW, v1::PRIORITY_LOW},
    PriorityRule{v1::IMPACT_LOW, v1::URGENCY_HIGH, v1::PRIORITY_MEDIUM},
    PriorityRule{v1::IMPACT_LOW, v1::URGENCY_MEDIUM, v1::PRIORITY_LOW},
    PriorityRule{v1::IMPACT_LOW, v1::URGENCY_LOW, v1::PRIORITY_PLANNING},
};

constexpr v1::Priority priority_of(v1::Impact impact, v1::Urgency urgency) {
  for (const auto& rule : priority_matrix)
    if (rule.impact == impact && rule.urgency == urgency) return rule.priority;
  return v1::PRIORITY_UNSPECIFIED;
}

// Working time until somebody has answered, and until it is resolved.
struct ServiceLevel {
  v1::Priority priority;
  std::chrono::minutes respond;
  std::chrono::minutes resolve;
};

inline constexpr std::array service_levels = {
    ServiceLevel{v1::PRIORITY_CRITICAL, std::chrono::minutes(30), std::chrono::hours(4)},
    ServiceLevel{v1::PRIORITY_HIGH, std::chrono::hours(1), std::chrono::hours(8)},
    ServiceLevel{v1::PRIORITY_MEDIUM, std::chrono::hours(4), std::chrono::hours(24)},
    ServiceLevel{v1::PRIORITY_LOW, std::chrono::hours(8), std::chrono::hours(40)},
    ServiceLevel{v1::PRIORITY_PLANNING, std::chrono::hours(16), std::chrono::hours(80)},
};

constexpr ServiceLevel service_level(v1::Priority priority) {
  for (const auto& level : service_levels)
    if (level.priority == priority) return level;
  return service_levels.back();
}

}  // namespace loomline::aftersales::domain
