"""What a customer should be shown of an order, made from its events by this program's own reading of the contracts: the
events sorted by (time, source, epoch, number). It is coarser than a journey: what both have must be the same."""

ENDED = 5  # production/v1 OperationState


class Order:
    def __init__(self):
        self.status, self.lines, self.wished, self.entries = "", {}, 0, []
        self.total_net, self.placed_at, self.delivered_at = {}, None, None
        self.country = self.zone = ""
        self.units, self.tickets, self.holds, self.certified = {}, {}, {}, set()
        self.shipments, self.waybill, self.carrier = {}, {}, ""
        self.survey_open = self.survey_answered = self.survey_over = False

    def line(self, line_id):
        return self.lines.setdefault(line_id, {"promises": {}, "done": 0, "total": 0})

    def scheduled(self, line_id, unit_id):
        self.units.setdefault(unit_id, {
            "line": line_id,
            "scrapped": False,
            "serial": "",
            "shipped": False,
            "delivered": False
        })


def pieces(wishes):
    return sum(max(int(w.get("quantity", 0)), 1) for w in wishes)


def captured(order, body):
    order.status, order.wished = "WISH", pieces(body.get("wishes", []))
    for party in body.get("parties", []):
        if party.get("role") == "PARTY_ROLE_SHIP_TO":
            order.country, order.zone = party.get("country", ""), party.get("zone", "")


def confirmed(order, body):
    order.status = "WISH" if order.status == "REFUSED" else order.status
    order.wished = pieces(body["wishes"]) if body.get("wishes") else order.wished


def set_lines(order, lines):
    scheduled = {unit["line"] for unit in order.units.values()}
    kept = {line_id: line for line_id, line in order.lines.items() if line_id in scheduled
            or line_id in {l["line_id"] for l in lines}}
    order.lines = {}
    for said in lines:
        line = kept.pop(said["line_id"], {"promises": {}, "done": 0, "total": 0})
        line.update(model=said.get("model_id", ""),
                    quantity=int(said.get("quantity", 0)),
                    features=said.get("features", []))
        line.setdefault("plant", said.get("plant_id", ""))
        order.lines[said["line_id"]] = line
    order.lines.update(kept)


def quoted(order, body):
    order.status = "WISH" if order.status == "REFUSED" else order.status
    order.total_net = body.get("total_net", {})
    set_lines(order, body.get("lines", []))


def placed(order, body):
    order.status, order.total_net, order.placed_at = "ACTIVE", body.get("total_net", {}), body.get("occurred_at")
    order.country, order.zone = body.get("country") or order.country, body.get("zone") or order.zone
    set_lines(order, body.get("lines", []))


def scheduled(order, body):
    line = order.line(body["line_id"])
    line.update(plant=body.get("plant_id", ""), total=body.get("operations_total", 0))
    for unit in body.get("unit_ids", []):
        order.scheduled(body["line_id"], unit)


def promised(order, body):
    promise = body["promise"]
    order.line(promise["line_id"])["promises"][int(promise.get("revision", 0))] = promise


def progressed(order, body):
    order.line(body["line_id"]).update(done=body.get("operations_done", 0), total=body.get("operations_total", 0))


def replaced(order, body):
    if body["scrapped_unit_id"] in order.units:
        order.units[body["scrapped_unit_id"]]["scrapped"] = True
    order.scheduled(body["line_id"], body["unit_id"])


def completed(order, body):
    if body["unit_id"] in order.units:
        order.units[body["unit_id"]]["serial"] = body.get("serial", "")


def shipment(order, body):
    order.shipments[body["shipment_id"]] = body.get("unit_ids", [])


def shipped(name):
    def apply(order, body):
        for unit in body.get("unit_ids") or order.shipments.get(body["shipment_id"], []):
            if unit in order.units:
                order.units[unit][name] = True
        order.waybill, order.carrier = body.get("waybill", order.waybill), body.get("carrier", order.carrier)
        counting = [u for u in order.units.values() if not u["scrapped"]]
        if name == "delivered" and order.status == "ACTIVE" and counting and all(u["delivered"] for u in counting):
            order.status, order.delivered_at = "DELIVERED", body.get("occurred_at")
    return apply


def refused(order, _):
    order.status = "REFUSED"


def cancelled(order, _):
    order.status = "CANCELLED"


def ticket(order, body):
    order.tickets[body["ticket_id"]] = body.get("state", "").removeprefix("TICKET_STATE_")


def hold(order, body):
    order.holds[body["hold_id"]] = body.get("unit_id", "")


def released(order, body):
    order.holds.pop(body["hold_id"], None)


def certified(order, body):
    order.certified.add(body.get("line_id", ""))


def survey(is_open, answered=False):
    def apply(order, _):
        order.survey_open = is_open
        order.survey_answered = order.survey_answered or answered
        order.survey_over = order.survey_over or not is_open
    return apply


STEPS = {
    "RequirementCaptured": captured,
    "RequirementConfirmed": confirmed,
    "QuoteIssued": quoted,
    "QuoteRefused": refused,
    "OrderPlaced": placed,
    "OrderCancelled": cancelled,
    "LineScheduled": scheduled,
    "PromiseMade": promised,
    "PromiseRevised": promised,
    "OperationProgressed": progressed,
    "UnitReplaced": replaced,
    "UnitCompleted": completed,
    "ShipmentPlanned": shipment,
    "ShipmentDispatched": shipped("shipped"),
    "ShipmentDelivered": shipped("delivered"),
    "OrderTicketChanged": ticket,
    "HoldPlaced": hold,
    "HoldReleased": released,
    "CertificateIssued": certified,
    "SurveyRequested": survey(True),
    "SurveyAnswered": survey(False, True),
    "SurveyExpired": survey(False)
}


def fold(events):
    """Facts of one order, in whatever order they are given."""
    order = Order()
    for event in sorted(events, key=lambda e: e.place):
        if event.type in STEPS:
            STEPS[event.type](order, event.body)
    if order.status == "DELIVERED" and order.survey_over:
        order.status = "CLOSED"
    return order
