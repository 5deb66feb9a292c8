"""What the body of an event must name, so that anything can be told by it. A body that lacks it is a finding, and the
event takes part in nothing but the checks of its chain."""
import dataclasses

# By type: paths; of a list, each of its rows.
NEEDED = {
    "QuoteIssued": ["lines.line_id"], "OrderPlaced": ["lines.line_id"], "LineScheduled": ["line_id"],
    "PromiseMade": ["promise.line_id"], "PromiseRevised": ["promise.line_id"],
    "OperationProgressed": ["line_id", "work_order_id", "op_id"],
    "UnitReplaced": ["scrapped_unit_id", "line_id", "unit_id"], "UnitCompleted": ["unit_id"],
    "ShipmentPlanned": ["shipment_id"], "ShipmentDispatched": ["shipment_id"], "ShipmentDelivered": ["shipment_id"],
    "OrderTicketChanged": ["ticket_id"], "HoldPlaced": ["hold_id"], "HoldReleased": ["hold_id"],
    "WorkOrderOffered": ["work_order.work_order_id", "work_order.operations.op_id"],
    "WorkOrderAnswered": ["answer.work_order_id"], "WorkOrderCompleted": ["work_order_id"],
    "WorkOrderRecalled": ["work_order_id"], "InspectionRequested": ["inspection.inspection_id"],
    "InspectionPassed": ["inspection.inspection_id"], "InspectionFailed": ["inspection.inspection_id"],
    "TicketOpened": ["ticket"], "TicketChanged": ["ticket"], "OrderProgressed": ["revision"],
}


def has(body, path):
    name, _, rest = path.partition(".")
    if name not in body:
        # No row of a list is none that lacks anything.
        return name in ("lines", "operations")
    if not rest:
        return bool(body[name])
    return all(has(row, rest) for row in (body[name] if isinstance(body[name], list) else [body[name]]))


def lacking(event):
    if not event.body:
        return "has an empty body"
    missing = [path for path in NEEDED.get(event.type, []) if not has(event.body, path)]
    return f"has no {missing[0]}" if missing else ""


def without_hollow(history):
    """The history in which every event of a type names what that type must; the others stand aside, typeless."""
    hollow = [(event, why) for event in history.events if (why := lacking(event))]
    if not hollow:
        return history
    aside = {id(event) for event, _ in hollow}
    events = [dataclasses.replace(e, type="", body={}) if id(e) in aside else e for e in history.events]
    return dataclasses.replace(history, events=events, hollow=hollow)
