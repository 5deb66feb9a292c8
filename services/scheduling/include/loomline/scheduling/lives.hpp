// The legal transitions of what scheduling owns, as data: enforced by the domain, drawn in docs/lives.md.
#pragma once

#include "loomline/production/v1/production.pb.h"
#include "loomline/scheduling/state/v1/state.pb.h"
#include "loomline/wire/lifecycle.hpp"

namespace loomline::scheduling {

inline constexpr auto unit_life = wire::lifecycle<state::v1::UnitState>({
    {state::v1::UNIT_STATE_UNSPECIFIED, state::v1::UNIT_STATE_WAITING, "line demanded, or it replaces a unit"},
    {state::v1::UNIT_STATE_WAITING, state::v1::UNIT_STATE_PLANNED, "placed in the plan"},
    {state::v1::UNIT_STATE_WAITING, state::v1::UNIT_STATE_CANCELLED, "cancellation granted"},
    {state::v1::UNIT_STATE_PLANNED, state::v1::UNIT_STATE_IN_PRODUCTION, "first operation started"},
    {state::v1::UNIT_STATE_PLANNED, state::v1::UNIT_STATE_CANCELLED, "cancellation granted"},
    {state::v1::UNIT_STATE_IN_PRODUCTION, state::v1::UNIT_STATE_COMPLETED, "all operations ended, no gate closed"},
    {state::v1::UNIT_STATE_IN_PRODUCTION, state::v1::UNIT_STATE_REPLACED, "scrapped"},
    {state::v1::UNIT_STATE_IN_PRODUCTION, state::v1::UNIT_STATE_CANCELLED, "cancellation granted"},
    {state::v1::UNIT_STATE_COMPLETED, state::v1::UNIT_STATE_SHIPPED, "shipment dispatched"},
    {state::v1::UNIT_STATE_COMPLETED, state::v1::UNIT_STATE_CANCELLED, "cancellation granted"},
    {state::v1::UNIT_STATE_SHIPPED, state::v1::UNIT_STATE_DELIVERED, "shipment delivered"},
});

inline constexpr auto work_order_life = wire::lifecycle<production::v1::WorkOrderState>({
    {production::v1::WORK_ORDER_STATE_UNSPECIFIED, production::v1::WORK_ORDER_STATE_OFFERED, "released to the floor"},
    {production::v1::WORK_ORDER_STATE_OFFERED, production::v1::WORK_ORDER_STATE_ACCEPTED, "MES accepts"},
    {production::v1::WORK_ORDER_STATE_OFFERED, production::v1::WORK_ORDER_STATE_REJECTED, "MES rejects"},
    {production::v1::WORK_ORDER_STATE_OFFERED, production::v1::WORK_ORDER_STATE_RUNNING,
     "first operation started without an answer"},
    {production::v1::WORK_ORDER_STATE_OFFERED, production::v1::WORK_ORDER_STATE_RECALLED, "cancelled or scrapped"},
    {production::v1::WORK_ORDER_STATE_REJECTED, production::v1::WORK_ORDER_STATE_OFFERED,
     "offered again, next revision"},
    {production::v1::WORK_ORDER_STATE_REJECTED, production::v1::WORK_ORDER_STATE_RECALLED, "cancelled or scrapped"},
    {production::v1::WORK_ORDER_STATE_ACCEPTED, production::v1::WORK_ORDER_STATE_RUNNING, "first operation started"},
    {production::v1::WORK_ORDER_STATE_ACCEPTED, production::v1::WORK_ORDER_STATE_RECALLED, "cancelled or scrapped"},
    {production::v1::WORK_ORDER_STATE_RUNNING, production::v1::WORK_ORDER_STATE_COMPLETED, "every operation ended"},
    {production::v1::WORK_ORDER_STATE_RUNNING, production::v1::WORK_ORDER_STATE_RECALLED, "cancelled or scrapped"},
});

inline constexpr auto operation_life = wire::lifecycle<production::v1::OperationState>({
    {production::v1::OPERATION_STATE_UNSPECIFIED, production::v1::OPERATION_STATE_NOT_ALLOWED, "work order offered"},
    {production::v1::OPERATION_STATE_NOT_ALLOWED, production::v1::OPERATION_STATE_ALLOWED_TO_START,
     "predecessors ended, gates open"},
    {production::v1::OPERATION_STATE_ALLOWED_TO_START, production::v1::OPERATION_STATE_NOT_ALLOWED,
     "rework is put before it"},
    {production::v1::OPERATION_STATE_ALLOWED_TO_START, production::v1::OPERATION_STATE_RUNNING, "reported"},
    {production::v1::OPERATION_STATE_ALLOWED_TO_START, production::v1::OPERATION_STATE_ENDED,
     "reported, its start was missed"},
    {production::v1::OPERATION_STATE_RUNNING, production::v1::OPERATION_STATE_INTERRUPTED, "reported"},
    {production::v1::OPERATION_STATE_RUNNING, production::v1::OPERATION_STATE_ENDED, "reported"},
    {production::v1::OPERATION_STATE_RUNNING, production::v1::OPERATION_STATE_ABORTED, "reported"},
    {production::v1::OPERATION_STATE_INTERRUPTED, production::v1::OPERATION_STATE_RUNNING, "reported"},
    {production::v1::OPERATION_STATE_INTERRUPTED, production::v1::OPERATION_STATE_ENDED, "reported"},
    {production::v1::OPERATION_STATE_INTERRUPTED, production::v1::OPERATION_STATE_ABORTED, "reported"},
    {production::v1::OPERATION_STATE_ABORTED, production::v1::OPERATION_STATE_ALLOWED_TO_START, "planned again"},
});

inline constexpr auto shipment_life = wire::lifecycle<production::v1::ShipmentState>({
    {production::v1::SHIPMENT_STATE_UNSPECIFIED, production::v1::SHIPMENT_STATE_PLANNED, "all units complete"},
    {production::v1::SHIPMENT_STATE_PLANNED, production::v1::SHIPMENT_STATE_DISPATCHED, "carrier took it"},
    {production::v1::SHIPMENT_STATE_DISPATCHED, production::v1::SHIPMENT_STATE_DELIVERED, "carrier delivered it"},
});

}  // namespace loomline::scheduling
