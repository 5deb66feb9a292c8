"""Histories for the tests of the checks: a good one, and the means to spoil it."""
import copy, pathlib, sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
from chaos.lib import report  # noqa: F401 (the checks register)
from chaos.lib.check import everything
from chaos.lib.check_journeys import TOLD
from chaos.lib.history import Event, History

ORDER, LINE, UNIT, WORK, SHIPMENT, PLANT = "ord_1", "lin_1", "unt_1", "wo_1", "shp_1", "plt_1"
PRICE = {"currency": "CNY", "units": "100"}
WAYBILL = {"system": "carrier", "type": "waybill", "id": "WB1"}
PROMISE = {"line_id": LINE, "revision": 1}


class Maker:
    """Says events as the services would: numbers without holes, times that rise."""

    def __init__(self):
        self.events, self.numbers, self.tick = [], {}, 0

    def say(self, source, topic, kind, body, key=ORDER, cause=""):
        topic, self.tick = f"loomline.{topic}", self.tick + 1
        number = self.numbers[source, topic] = self.numbers.get((source, topic), 0) + 1
        event = Event(f"{source}/1/{topic}/0/{number}", source, 1, topic, 0, number, kind,
                      f"2026-01-01T00:00:{self.tick:02}.000000000Z", key, cause, body, order_read=self.tick)
        self.events.append(event)
        return event.id


def events():
    m = Maker()
    order, line = {"order_id": ORDER}, {"order_id": ORDER, "line_id": LINE}
    lines = [{"line_id": LINE, "model_id": "mdl_1", "quantity": "1", "features": ["A"], "plant_id": PLANT}]
    m.say("intake", "intake.order", "RequirementCaptured", {
        **order, "wishes": [{"quantity": "1"}], "external_refs": [{"system": "chaos", "type": "key", "id": "k-1"}]})
    m.say("intake", "intake.order", "RequirementConfirmed", order)
    m.say("intake", "intake.order", "QuoteIssued", {**order, "lines": lines, "total_net": PRICE})
    placed = m.say("intake", "intake.order", "OrderPlaced", {
        **order, "quote_id": "quo_1", "lines": lines, "total_net": PRICE, "occurred_at": "T1"})
    demand = m.say("scheduling", "scheduling.demand", "DemandPlaced", {**line, "plant_id": PLANT}, PLANT, placed)
    m.say("scheduling", "scheduling.order", "LineScheduled", {
        **line, "plant_id": PLANT, "unit_ids": [UNIT], "operations_total": 1}, cause=demand)
    m.say("scheduling", "scheduling.order", "PromiseMade", {**order, "promise": PROMISE}, cause=demand)
    floor(m, line)
    transport(m, order)
    m.say("intake", "intake.order", "OrderFulfilled", order)
    m.say("tracking", "tracking.progress", "OrderProgressed", {
        **order, "revision": "1",
        "status": "JOURNEY_STATUS_WISH"
    })
    m.say("tracking", "tracking.progress", "OrderProgressed", {
        **order, "revision": "2",
        "status": "JOURNEY_STATUS_ACTIVE"
    })
    m.say("tracking", "tracking.progress", "OrderProgressed", {
        **order, "revision": "3", "status": "JOURNEY_STATUS_DELIVERED", "operations_done": 1, "operations_total": 1})
    return m.events


def floor(m, line):
    asked = {
        "work_order_id": WORK,
        "revision": 1,
        "kind": "WORK_ORDER_KIND_MAKE",
        "unit_ids": [UNIT],
        "order_id": ORDER,
        "operations": [{
            "op_id": "op_1"
        }]
    }
    m.say("scheduling", "production.workorder", "WorkOrderOffered", {"work_order": asked}, PLANT)
    m.say("scheduling", "production.workorder", "WorkOrderAnswered",
          {"answer": {"work_order_id": WORK, "revision": 1, "accepted": True}}, PLANT)
    said = {**line, "unit_ids": [UNIT], "work_order_id": WORK, "op_id": "op_1", "operations_total": 1, "attempt": 1}
    m.say("scheduling", "scheduling.order", "OperationProgressed", {**said, "state": 3})
    ended = m.say("scheduling", "scheduling.order", "OperationProgressed", {**said, "state": 5, "operations_done": 1})
    look = {"inspection_id": "ins_1", "unit_id": UNIT, "op_id": "op_1", "attempt": 1}
    m.say("quality", "quality.order", "InspectionRequested", {"inspection": look}, cause=ended)
    m.say("quality", "quality.order", "InspectionPassed", {"inspection": look})
    m.say("scheduling", "production.workorder", "WorkOrderCompleted", {"work_order_id": WORK}, PLANT)
    m.say("scheduling", "scheduling.order", "UnitCompleted", {**line, "unit_id": UNIT, "serial": "S1"})
    m.say("quality", "quality.order", "CertificateIssued", line)


def transport(m, order):
    m.say("scheduling", "scheduling.order", "ShipmentPlanned", {**order, "shipment_id": SHIPMENT, "unit_ids": [UNIT]})
    m.say("scheduling", "scheduling.order", "ShipmentDispatched", {
        **order, "shipment_id": SHIPMENT, "carrier": "C", "waybill": WAYBILL})
    m.say("scheduling", "scheduling.order", "ShipmentDelivered", {
        **order, "shipment_id": SHIPMENT, "unit_ids": [UNIT], "occurred_at": "T2"})
    m.say("aftersales", "aftersales.ticket", "TicketOpened", {
        "ticket_id": "tkt_1", "ticket": {"state": "TICKET_STATE_OPEN",
                                         "external_refs": [{"system": "chaos", "type": "key", "id": "k-1"}]}}, "tkt_1")
    m.say("aftersales", "aftersales.order", "OrderTicketChanged", {
        **order, "ticket_id": "tkt_1", "state": "TICKET_STATE_OPEN"})


def call(step, key, answer, status=200):
    return [{"order": 1, "step": step, "key": key, "asked": 1},
            {"order": 1, "step": step, "key": key, "answered": 1, "status": status, "answer": answer}]


def journey(said):
    entries = [{"code": code, "event_id": e.id} for e in said for kind, code in TOLD.items() if e.type == kind]
    return {
        "order_id": ORDER,
        "revision": "3",
        "status": "JOURNEY_STATUS_DELIVERED",
        "total_net": PRICE,
        "placed_at": "T1",
        "certificate_available": True,
        "operations_done": 1,
        "operations_total": 1,
        "waybill": WAYBILL,
        "tickets": [{
            "ticket_id": "tkt_1",
            "state": "OPEN"
        }],
        "entries": entries,
        "entries_total": len(entries),
        "lines": [{
            "line_id": LINE,
            "model_id": "mdl_1",
            "quantity": "1",
            "features": ["A"],
            "plant_id": PLANT,
            "first_promise": PROMISE,
            "promise": PROMISE,
            "units": [{
                "unit_id": UNIT,
                "serial": "S1",
                "milestone": "MILESTONE_DELIVERED"
            }]
        }]
    }


def good():
    """One order from wish to delivery, as everybody saw it."""
    said = events()
    progress = [e for e in said if e.type == "OrderProgressed"]
    factory = []
    for number, (method, request) in enumerate([("AnswerWorkOrders", {
            "answers": [{
                "work_order_id": WORK,
                "revision": 1,
                "accepted": True
            }]
    }), ("ReportOperations", {
            "reports": [{
                "work_order_id": WORK,
                "op_id": "op_1",
                "state": "OPERATION_STATE_ENDED"
            }]
    }), ("ReportShipment", {
            "shipment_id": SHIPMENT,
            "state": "SHIPMENT_STATE_DISPATCHED",
            "waybill": WAYBILL
    }), ("ReportShipment", {
            "shipment_id": SHIPMENT,
            "state": "SHIPMENT_STATE_DELIVERED",
            "waybill": WAYBILL
    })]):
        name = "loomline.production.v1.ProductionService." + method
        factory += [{"key": f"f-{number}", "method": name, "request": request},
                    {"key": f"f-{number}", "method": name, "answer": {}}]
    return copy.deepcopy(
        History(run={
            "orders": 1,
            "faults": 0
        },
                events=said,
                factory=factory,
                ledger=[
                    *call("capture", "k-1-capture", {"order_id": ORDER}), *call("quote", "k-1-quote-1", {
                        "quote_id": "quo_1",
                        "total_net": PRICE
                    }), *call("place", "k-1-place-1", {"order_id": ORDER}),
                    *call("ticket", "k-1-ticket", {"ticket_id": "tkt_1"})
                ],
                heard=[{
                    "watcher": "w",
                    "order": ORDER,
                    "after": str(n) if n else "",
                    "id": str(n + 1),
                    "data": e.body
                } for n, e in enumerate(progress)],
                final={
                    "orders": {
                        ORDER: {
                            "state": "ORDER_STATE_FULFILLED"
                        }
                    },
                    "journeys": {
                        ORDER: journey(said)
                    },
                    "certificates": {
                        ORDER: [{
                            "certificate_id": "crt_1",
                            "units": [UNIT]
                        }]
                    },
                    "tickets": [{
                        "ticket_id": "tkt_1"
                    }],
                    "dead_letters": []
                }))


def found(history):
    return {(f.kind, f.words) for f in everything(history)}


def of(history, kind):
    return next(e for e in history.events if e.type == kind)


def again(history, event, **changed):
    """The same event said once more, as the next of its chain."""
    from dataclasses import replace
    number = max(e.seq for e in history.events if e.chain == event.chain) + 1
    latest = max(e.time for e in history.events)
    second = replace(event, seq=number, id=event.id.rpartition("/")[0] + f"/{number}", time=latest[:-2] + "9Z",
                     body=copy.deepcopy(event.body))
    for name, value in changed.items():
        setattr(second, name, value)
    history.events.append(second)
    return second
