"""Effects: each happens once."""
from .check import Finding, check, grouped

# By which of an event's fields there may be one of it.
ONCE = {
    "RequirementCaptured": ["order_id"], "OrderPlaced": ["order_id"], "OrderCancelled": ["order_id"],
    "OrderFulfilled": ["order_id"], "CancellationGranted": ["order_id"], "DemandPlaced": ["order_id", "line_id"],
    "DemandCancellationRequested": ["order_id", "plant_id"], "LineScheduled": ["order_id", "line_id"],
    "PromiseMade": ["order_id", "promise.line_id"], "MaterialReady": ["order_id", "line_id"],
    "UnitReplaced": ["scrapped_unit_id"], "UnitCompleted": ["unit_id"], "ShipmentPlanned": ["shipment_id"],
    "ShipmentDispatched": ["shipment_id"], "ShipmentDelivered": ["shipment_id"],
    "WorkOrderOffered": ["work_order.work_order_id", "work_order.revision"], "WorkOrderCompleted": ["work_order_id"],
    "WorkOrderRecalled": ["work_order_id"], "InspectionRequested": ["inspection.inspection_id"],
    "InspectionPassed": ["inspection.inspection_id"], "InspectionFailed": ["inspection.inspection_id"],
    "DispositionDecided": ["nonconformity_id"], "HoldPlaced": ["hold_id"], "HoldReleased": ["hold_id"],
    "CertificateIssued": ["line_id", "unit_id"], "TicketOpened": ["ticket_id"], "SurveyRequested": ["order_id"],
    "OrderProgressed": ["order_id", "revision"],
}


def value_of(body, path):
    for name in path.split("."):
        body = body.get(name, {}) if isinstance(body, dict) else {}
    return body or ""


@check
def once(history):
    for kind, fields in ONCE.items():
        events = [e for e in history.events if e.type == kind]
        for what, row in grouped(events, lambda e: tuple(value_of(e.body, f) for f in fields)).items():
            if len(row) > 1:
                named = ", ".join(f"{field} {value}" for field, value in zip(fields, what))
                yield Finding("doubled",
                              f"{kind} of {named} was said {len(row)} times: {' and '.join(e.id for e in row[:3])}",
                              row[0].key)


@check
def one_cause_one_effect(history):
    """Of one cause the same source never says the same of the same key twice."""
    said = [e for e in history.events if e.cause]
    groups = grouped(said, lambda e: (e.cause, e.source, e.topic, e.type, e.key, e.digest or repr(e.body)))
    for (cause, *_), row in groups.items():
        if len(row) > 1:
            yield Finding(
                "doubled", f"{row[0].type} of {row[0].key} was said {len(row)} times for the one cause {cause}: "
                f"{' and '.join(e.id for e in row[:3])}", row[0].key)


@check
def one_shipment_a_unit(history):
    shipped = [(unit, e) for e in history.events if e.type == "ShipmentPlanned" for unit in e.body.get("unit_ids", [])]
    for unit, row in grouped(shipped, lambda pair: pair[0]).items():
        if len(row) > 1:
            yield Finding("doubled", f"unit {unit} is in {len(row)} shipments: "
                          f"{' and '.join(e.body.get('shipment_id', '') for _, e in row)}", row[0][1].key)


@check
def one_work_order_an_operation(history):
    """Each operation of a unit is asked for by one work order at most, reworks apart."""
    asked = {}
    for event in history.events:
        order = event.body.get("work_order", {}) if event.type == "WorkOrderOffered" else {}
        if order.get("kind") != "WORK_ORDER_KIND_MAKE":
            continue
        for unit in order.get("unit_ids", []):
            for operation in order.get("operations", []):
                asked.setdefault((unit, operation["op_id"]), {})[order["work_order_id"]] = event
    for (unit, operation), orders in asked.items():
        if len(orders) > 1:
            yield Finding("doubled",
                          f"operation {operation} of unit {unit} is asked for by {' and '.join(sorted(orders))}",
                          next(iter(orders.values())).body["work_order"].get("order_id", ""))


@check
def one_inspection_an_attempt(history):
    events = [e for e in history.events if e.type == "InspectionRequested"]
    fields = ["unit_id", "op_id", "attempt"]
    for what, row in grouped(events, lambda e: tuple(e.body["inspection"].get(f, "") for f in fields)).items():
        if len(row) > 1:
            yield Finding("doubled", f"{what[1]} of unit {what[0]} is to be measured twice: "
                          f"{' and '.join(e.body['inspection']['inspection_id'] for e in row)}", row[0].key)


def reference(body):
    return next((ref["id"] for ref in body.get("external_refs", []) if ref.get("system") == "chaos"), "")


@check
def one_order_a_key(history):
    captured = [e for e in history.events if e.type == "RequirementCaptured"]
    for key, row in grouped(captured, lambda e: reference(e.body)).items():
        if key and len(row) > 1:
            yield Finding("doubled",
                          f"the key {key}-capture made {len(row)} orders: {' and '.join(e.key for e in row)}",
                          row[0].key)


@check
def one_ticket_a_key(history):
    opened = [e for e in history.events if e.type == "TicketOpened"]
    for key, row in grouped(opened, lambda e: reference(e.body.get("ticket", {}))).items():
        if key and len(row) > 1:
            yield Finding("doubled",
                          f"the key {key}-ticket made {len(row)} tickets: {' and '.join(e.key for e in row)}")
