// The legal transitions of what scheduling owns, as data: enforced by the domain, drawn in docs/lives.md.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "loomline/production/v1/production.pb.h"
#include "loomline/scheduling/state/v1/state.pb.h"

namespace loomline::scheduling {

// `from` is the enum's _UNSPECIFIED where the life begins. `on` says what causes it.
template <class State>
struct Transition {
  State from;
  State to;
  std::string_view on;
};

inline constexpr std::array unit_life{
    Transition<state::v1::UnitState>{state::v1::UNIT_STATE_UNSPECIFIED, state::v1::UNIT_STATE_WAITING,
                                     "line demanded, or it replaces a unit"},
    Transition<state::v1::UnitState>{state::v1::UNIT_STATE_WAITING, state::v1::UNIT_STATE_PLANNED,
                                     "placed in the plan"},
    Transition<state::v1::UnitState>{state::v1::UNIT_STATE_WAITING, state::v1::UNIT_STATE_CANCELLED,
                                     "cancellation granted"},
    Transition<state::v1::UnitState>{state::v1::UNIT_STATE_PLANNED, state::v1::UNIT_STATE_IN_PRODUCTION,
                                     "first operation started"},
    Transition<state::v1::UnitState>{state::v1::UNIT_STATE_PLANNED, state::v1::UNIT_STATE_CANCELLED,
                                     "cancellation granted"},
    Transition<state::v1::UnitState>{state::v1::UNIT_STATE_IN_PRODUCTION, state::v1::UNIT_STATE_COMPLETED,
                                     "all operations ended, no gate closed"},
    Transition<state::v1::UnitState>{state::v1::UNIT_STATE_IN_PRODUCTION, state::v1::UNIT_STATE_REPLACED, "scrapped"},
    Transition<state::v1::UnitState>{state::v1::UNIT_STATE_IN_PRODUCTION, state::v1::UNIT_STATE_CANCELLED,
                                     "cancellation granted"},
    Transition<state::v1::UnitState>{state::v1::UNIT_STATE_COMPLETED, state::v1::UNIT_STATE_SHIPPED,
                                     "shipment dispatched"},
    Transition<state::v1::UnitState>{state::v1::UNIT_STATE_COMPLETED, state::v1::UNIT_STATE_CANCELLED,
                                     "cancellation granted"},
    Transition<state::v1::UnitState>{state::v1::UNIT_STATE_SHIPPED, state::v1::UNIT_STATE_DELIVERED,
                                     "shipment delivered"},
};

inline constexpr std::array work_order_life{
    Transition<production::v1::WorkOrderState>{production::v1::WORK_ORDER_STATE_UNSPECIFIED,
                                               production::v1::WORK_ORDER_STATE_OFFERED, "released to the floor"},
    Transition<production::v1::WorkOrderState>{production::v1::WORK_ORDER_STATE_OFFERED,
                                               production::v1::WORK_ORDER_STATE_ACCEPTED, "MES accepts"},
    Transition<production::v1::WorkOrderState>{production::v1::WORK_ORDER_STATE_OFFERED,
                                               production::v1::WORK_ORDER_STATE_REJECTED, "MES rejects"},
    Transition<production::v1::WorkOrderState>{production::v1::WORK_ORDER_STATE_OFFERED,
                                               production::v1::WORK_ORDER_STATE_RUNNING,
                                               "first operation started without an answer"},
    Transition<production::v1::WorkOrderState>{production::v1::WORK_ORDER_STATE_OFFERED,
                                               production::v1::WORK_ORDER_STATE_RECALLED, "cancelled or scrapped"},
    Transition<production::v1::WorkOrderState>{production::v1::WORK_ORDER_STATE_REJECTED,
                                               production::v1::WORK_ORDER_STATE_OFFERED,
                                               "offered again, next revision"},
    Transition<production::v1::WorkOrderState>{production::v1::WORK_ORDER_STATE_REJECTED,
                                               production::v1::WORK_ORDER_STATE_RECALLED, "cancelled or scrapped"},
    Transition<production::v1::WorkOrderState>{production::v1::WORK_ORDER_STATE_ACCEPTED,
                                               production::v1::WORK_ORDER_STATE_RUNNING, "first operation started"},
    Transition<production::v1::WorkOrderState>{production::v1::WORK_ORDER_STATE_ACCEPTED,
                                               production::v1::WORK_ORDER_STATE_RECALLED, "cancelled or scrapped"},
    Transition<production::v1::WorkOrderState>{production::v1::WORK_ORDER_STATE_RUNNING,
                                               production::v1::WORK_ORDER_STATE_COMPLETED, "every operation ended"},
    Transition<production::v1::WorkOrderState>{production::v1::WORK_ORDER_STATE_RUNNING,
                                               production::v1::WORK_ORDER_STATE_RECALLED, "cancelled or scrapped"},
};

inline constexpr std::array operation_life{
    Transition<production::v1::OperationState>{production::v1::OPERATION_STATE_UNSPECIFIED,
                                               production::v1::OPERATION_STATE_NOT_ALLOWED, "work order offered"},
    Transition<production::v1::OperationState>{production::v1::OPERATION_STATE_NOT_ALLOWED,
                                               production::v1::OPERATION_STATE_ALLOWED_TO_START,
                                               "predecessors ended, gates open"},
    Transition<production::v1::OperationState>{production::v1::OPERATION_STATE_ALLOWED_TO_START,
                                               production::v1::OPERATION_STATE_NOT_ALLOWED, "rework is put before it"},
    Transition<production::v1::OperationState>{production::v1::OPERATION_STATE_ALLOWED_TO_START,
                                               production::v1::OPERATION_STATE_RUNNING, "reported"},
    Transition<production::v1::OperationState>{production::v1::OPERATION_STATE_ALLOWED_TO_START,
                                               production::v1::OPERATION_STATE_ENDED, "reported, its start was missed"},
    Transition<production::v1::OperationState>{production::v1::OPERATION_STATE_RUNNING,
                                               production::v1::OPERATION_STATE_INTERRUPTED, "reported"},
    Transition<production::v1::OperationState>{production::v1::OPERATION_STATE_RUNNING,
                                               production::v1::OPERATION_STATE_ENDED, "reported"},
    Transition<production::v1::OperationState>{production::v1::OPERATION_STATE_RUNNING,
                                               production::v1::OPERATION_STATE_ABORTED, "reported"},
    Transition<production::v1::OperationState>{production::v1::OPERATION_STATE_INTERRUPTED,
                                               production::v1::OPERATION_STATE_RUNNING, "reported"},
    Transition<production::v1::OperationState>{production::v1::OPERATION_STATE_INTERRUPTED,
                                               production::v1::OPERATION_STATE_ENDED, "reported"},
    Transition<production::v1::OperationState>{production::v1::OPERATION_STATE_INTERRUPTED,
                                               production::v1::OPERATION_STATE_ABORTED, "reported"},
    Transition<production::v1::OperationState>{production::v1::OPERATION_STATE_ABORTED,
                                               production::v1::OPERATION_STATE_ALLOWED_TO_START, "planned again"},
};

inline constexpr std::array shipment_life{
    Transition<production::v1::ShipmentState>{production::v1::SHIPMENT_STATE_UNSPECIFIED,
                                              production::v1::SHIPMENT_STATE_PLANNED, "all units complete"},
    Transition<production::v1::ShipmentState>{production::v1::SHIPMENT_STATE_PLANNED,
                                              production::v1::SHIPMENT_STATE_DISPATCHED, "carrier took it"},
    Transition<production::v1::ShipmentState>{production::v1::SHIPMENT_STATE_DISPATCHED,
                                              production::v1::SHIPMENT_STATE_DELIVERED, "carrier delivered it"},
};

template <class State, std::size_t size>
constexpr bool may_follow(const std::array<Transition<State>, size>& life, State from, State to) {
  return std::any_of(life.begin(), life.end(),
                     [&](const Transition<State>& step) { return step.from == from && step.to == to; });
}

}  // namespace loomline::scheduling
