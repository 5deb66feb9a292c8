"""What the simulated floor and carriers told against what the services said of it."""
from . import fold as folds
from .check import Finding, check
from .check_journeys import different


def told(history, method):
    """(request, answer or None) of each call of the factory."""
    asked = {}
    for line in history.factory:
        if not line["method"].endswith("." + method):
            continue
        if "request" in line:
            asked[line["key"]] = (line["request"], None)
        elif line["key"] in asked:
            asked[line["key"]] = (asked[line["key"]][0], line["answer"])
    return list(asked.values())


@check
def shipments_are_the_carriers(history):
    states = {"SHIPMENT_STATE_DISPATCHED": "ShipmentDispatched", "SHIPMENT_STATE_DELIVERED": "ShipmentDelivered"}
    asked, answered = {}, {}
    for request, answer in told(history, "ReportShipment"):
        what = (states.get(request.get("state")), request["shipment_id"])
        asked[what] = request
        if answer is not None:
            answered[what] = request
    said = {(e.type, e.body["shipment_id"]): e for e in history.events if e.type in states.values()}
    for what in answered.keys() - said.keys():
        yield Finding("lost", f"the carrier reported {what[0]} of {what[1]}, it was acknowledged, and no event says so")
    for what in said.keys() - asked.keys():
        yield Finding("illegal", f"{said[what].id} says {what[0]} of {what[1]}, which no carrier reported",
                      said[what].key)
    for what in said.keys() & asked.keys():
        if what[0] == "ShipmentDispatched" and said[what].body.get("waybill", {}).get("id") != asked[what].get(
                "waybill", {}).get("id"):
            yield different(said[what].key, f"the waybill of {what[1]}", said[what].body.get("waybill"),
                            asked[what].get("waybill"))


def reports(history):
    """{(work order, operation): whether a report that it ended was taken}; False: the answer is not known."""
    ended = {}
    for request, answer in told(history, "ReportOperations"):
        ignored = {int(row.get("index", 0)) for row in (answer or {}).get("ignored", [])}
        for index, report in enumerate(request.get("reports", [])):
            what = (report["work_order_id"], report["op_id"])
            if report.get("state") == "OPERATION_STATE_ENDED" and index not in ignored:
                ended[what] = ended.get(what, False) or answer is not None
    return ended


@check
def operations_are_the_floors(history):
    if not history.factory:
        return
    ended = reports(history)
    said = {(e.body["work_order_id"], e.body["op_id"]): e for e in history.events
            if e.type == "OperationProgressed" and e.body.get("state") == folds.ENDED}
    for what in ended.keys() - said.keys():
        if ended[what]:
            yield Finding(
                "lost",
                f"the floor reported that {what[1]} of {what[0]} ended, it was acknowledged, and no event says so")
    for what in said.keys() - ended.keys():
        yield Finding("illegal",
                      f"{said[what].id} says that {what[1]} of {what[0]} ended, which the floor did not report",
                      said[what].key)


@check
def answers_are_the_floors(history):
    if not history.factory:
        return
    asked = set()
    for request, _ in told(history, "AnswerWorkOrders"):
        asked |= {(a["work_order_id"], int(a.get("revision", 0)), a.get("accepted", False))
                  for a in request.get("answers", [])}
    for event in history.events:
        answer = event.body.get("answer", {}) if event.type == "WorkOrderAnswered" else None
        if answer and (answer["work_order_id"], int(answer.get("revision", 0)), answer.get("accepted",
                                                                                           False)) not in asked:
            yield Finding("illegal", f"{event.id} says that the floor answered {answer}, which it did not")
