// The legal transitions of a journey's status, as data: kept by the fold, drawn in docs/lives.md.
#pragma once

#include "loomline/tracking/v1/tracking.pb.h"
#include "loomline/wire/lifecycle.hpp"

namespace loomline::tracking {

inline constexpr auto journey_life = wire::lifecycle<v1::JourneyStatus>({
    {v1::JOURNEY_STATUS_UNSPECIFIED, v1::JOURNEY_STATUS_WISH, "RequirementCaptured"},
    {v1::JOURNEY_STATUS_UNSPECIFIED, v1::JOURNEY_STATUS_ACTIVE, "OrderPlaced without a wish"},
    {v1::JOURNEY_STATUS_WISH, v1::JOURNEY_STATUS_REFUSED, "QuoteRefused"},
    {v1::JOURNEY_STATUS_REFUSED, v1::JOURNEY_STATUS_WISH, "wish changed, or QuoteIssued"},
    {v1::JOURNEY_STATUS_WISH, v1::JOURNEY_STATUS_ACTIVE, "OrderPlaced"},
    {v1::JOURNEY_STATUS_WISH, v1::JOURNEY_STATUS_CANCELLED, "OrderCancelled"},
    {v1::JOURNEY_STATUS_REFUSED, v1::JOURNEY_STATUS_CANCELLED, "OrderCancelled"},
    {v1::JOURNEY_STATUS_ACTIVE, v1::JOURNEY_STATUS_CANCELLED, "OrderCancelled"},
    {v1::JOURNEY_STATUS_ACTIVE, v1::JOURNEY_STATUS_DELIVERED, "every unit that counts is delivered"},
    {v1::JOURNEY_STATUS_DELIVERED, v1::JOURNEY_STATUS_CLOSED, "survey answered or run out"},
});

}  // namespace loomline::tracking
