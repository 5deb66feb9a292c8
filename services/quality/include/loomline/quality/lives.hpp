// The legal transitions of what quality owns, as data: enforced by the domain, drawn in docs/lives.md.
#pragma once

#include "loomline/quality/state/v1/state.pb.h"
#include "loomline/quality/v1/quality.pb.h"
#include "loomline/wire/lifecycle.hpp"

namespace loomline::quality {

inline constexpr auto inspection_life = wire::lifecycle<v1::InspectionState>({
    {v1::INSPECTION_STATE_UNSPECIFIED, v1::INSPECTION_STATE_PENDING, "operation with characteristics ended"},
    {v1::INSPECTION_STATE_PENDING, v1::INSPECTION_STATE_PASSED, "complete, all within tolerance"},
    {v1::INSPECTION_STATE_PENDING, v1::INSPECTION_STATE_FAILED, "complete, one out of tolerance"},
    {v1::INSPECTION_STATE_PENDING, v1::INSPECTION_STATE_CANCELLED, "order cancelled or unit replaced"},
});

// The disposition of a nonconformity: decided once.
inline constexpr auto disposition_life = wire::lifecycle<v1::Disposition>({
    {v1::DISPOSITION_UNSPECIFIED, v1::DISPOSITION_REWORK, "control plan or staff"},
    {v1::DISPOSITION_UNSPECIFIED, v1::DISPOSITION_USE_AS_IS, "staff"},
    {v1::DISPOSITION_UNSPECIFIED, v1::DISPOSITION_SCRAP, "staff"},
});

inline constexpr auto unit_life = wire::lifecycle<state::v1::UnitState>({
    {state::v1::UNIT_STATE_UNSPECIFIED, state::v1::UNIT_STATE_IN_WORK, "line scheduled, or it replaces a unit"},
    {state::v1::UNIT_STATE_IN_WORK, state::v1::UNIT_STATE_COMPLETED, "all operations ended, no hold"},
    {state::v1::UNIT_STATE_IN_WORK, state::v1::UNIT_STATE_REPLACED, "scrapped"},
    {state::v1::UNIT_STATE_COMPLETED, state::v1::UNIT_STATE_REPLACED, "scrapped"},
});

}  // namespace loomline::quality
