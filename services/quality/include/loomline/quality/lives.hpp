// The legal transitions of what quality owns, as data: enforced by the domain, drawn in docs/lives.md.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "loomline/quality/state/v1/state.pb.h"
#include "loomline/quality/v1/quality.pb.h"

namespace loomline::quality {

// `from` is the enum's _UNSPECIFIED where the life begins. `on` says what causes it.
template <class State>
struct Transition {
  State from;
  State to;
  std::string_view on;
};

inline constexpr std::array inspection_life{
    Transition<v1::InspectionState>{v1::INSPECTION_STATE_UNSPECIFIED, v1::INSPECTION_STATE_PENDING,
                                    "operation with characteristics ended"},
    Transition<v1::InspectionState>{v1::INSPECTION_STATE_PENDING, v1::INSPECTION_STATE_PASSED,
                                    "complete, all within tolerance"},
    Transition<v1::InspectionState>{v1::INSPECTION_STATE_PENDING, v1::INSPECTION_STATE_FAILED,
                                    "complete, one out of tolerance"},
    Transition<v1::InspectionState>{v1::INSPECTION_STATE_PENDING, v1::INSPECTION_STATE_CANCELLED,
                                    "order cancelled or unit replaced"},
};

// The disposition of a nonconformity: decided once.
inline constexpr std::array disposition_life{
    Transition<v1::Disposition>{v1::DISPOSITION_UNSPECIFIED, v1::DISPOSITION_REWORK, "control plan or staff"},
    Transition<v1::Disposition>{v1::DISPOSITION_UNSPECIFIED, v1::DISPOSITION_USE_AS_IS, "staff"},
    Transition<v1::Disposition>{v1::DISPOSITION_UNSPECIFIED, v1::DISPOSITION_SCRAP, "staff"},
};

inline constexpr std::array unit_life{
    Transition<state::v1::UnitState>{state::v1::UNIT_STATE_UNSPECIFIED, state::v1::UNIT_STATE_IN_WORK,
                                     "line scheduled, or it replaces a unit"},
    Transition<state::v1::UnitState>{state::v1::UNIT_STATE_IN_WORK, state::v1::UNIT_STATE_COMPLETED,
                                     "all operations ended, no hold"},
    Transition<state::v1::UnitState>{state::v1::UNIT_STATE_IN_WORK, state::v1::UNIT_STATE_REPLACED, "scrapped"},
    Transition<state::v1::UnitState>{state::v1::UNIT_STATE_COMPLETED, state::v1::UNIT_STATE_REPLACED, "scrapped"},
};

template <class State, std::size_t size>
constexpr bool may_follow(const std::array<Transition<State>, size>& life, State from, State to) {
  return std::any_of(life.begin(), life.end(),
                     [&](const Transition<State>& step) { return step.from == from && step.to == to; });
}

}  // namespace loomline::quality
