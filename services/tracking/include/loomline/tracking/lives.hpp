// The legal transitions of a journey's status, as data: kept by the fold, drawn in docs/lives.md.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "loomline/tracking/v1/tracking.pb.h"

namespace loomline::tracking {

// `on` says what causes it.
struct StatusTransition {
  v1::JourneyStatus from;
  v1::JourneyStatus to;
  std::string_view on;
};

inline constexpr std::array journey_life{
    StatusTransition{v1::JOURNEY_STATUS_UNSPECIFIED, v1::JOURNEY_STATUS_WISH, "RequirementCaptured"},
    StatusTransition{v1::JOURNEY_STATUS_UNSPECIFIED, v1::JOURNEY_STATUS_ACTIVE, "OrderPlaced without a wish"},
    StatusTransition{v1::JOURNEY_STATUS_WISH, v1::JOURNEY_STATUS_REFUSED, "QuoteRefused"},
    StatusTransition{v1::JOURNEY_STATUS_REFUSED, v1::JOURNEY_STATUS_WISH, "wish changed, or QuoteIssued"},
    StatusTransition{v1::JOURNEY_STATUS_WISH, v1::JOURNEY_STATUS_ACTIVE, "OrderPlaced"},
    StatusTransition{v1::JOURNEY_STATUS_WISH, v1::JOURNEY_STATUS_CANCELLED, "OrderCancelled"},
    StatusTransition{v1::JOURNEY_STATUS_REFUSED, v1::JOURNEY_STATUS_CANCELLED, "OrderCancelled"},
    StatusTransition{v1::JOURNEY_STATUS_ACTIVE, v1::JOURNEY_STATUS_CANCELLED, "OrderCancelled"},
    StatusTransition{v1::JOURNEY_STATUS_ACTIVE, v1::JOURNEY_STATUS_DELIVERED, "every unit that counts is delivered"},
    StatusTransition{v1::JOURNEY_STATUS_DELIVERED, v1::JOURNEY_STATUS_CLOSED, "survey answered or run out"},
};

constexpr bool may_follow(v1::JourneyStatus from, v1::JourneyStatus to) {
  return std::any_of(journey_life.begin(), journey_life.end(),
                     [&](const StatusTransition& step) { return step.from == from && step.to == to; });
}

}  // namespace loomline::tracking
