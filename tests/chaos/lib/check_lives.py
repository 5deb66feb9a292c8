"""Lives: transitions that no table of docs/lives.md allows, and processes that broke."""
from . import lives
from .check import Finding, check, grouped


def in_order(events):
    """As their one owner said them: by their place in the chain."""
    return sorted(events, key=lambda e: (e.epoch, e.seq))


def walk(life, key, steps, unseen=()):
    """Findings of a life whose states are told: steps are (state, event)."""
    state = lives.START
    for after, event in steps:
        if after != state and not lives.may(life, state, after, unseen):
            yield Finding("illegal",
                          f"{life.lower()} {key} went from {state} to {after} with {event.id} ({event.type})",
                          event.key)
        state = after


@check
def orders(history):
    labels = {label for row in lives.lives()["Order"].values() for label in row}
    for key, events in grouped([e for e in history.events if e.type in labels and e.key.startswith("ord_")],
                               lambda e: e.key).items():
        state = lives.START
        for event in in_order(events):
            after = lives.by_event("Order", state, event.type)
            if after is None:
                yield Finding("illegal", f"order {key} was {state} when {event.id} said {event.type}", key)
                break
            state = after


def name_of(value, prefix):
    return value.removeprefix(prefix).lower()


@check
def work_orders(history):
    told = {
        "WorkOrderOffered": lambda b: (b["work_order"]["work_order_id"], "offered"),
        "WorkOrderAnswered": lambda b: (b["answer"]["work_order_id"], "accepted"
                                        if b["answer"].get("accepted") else "rejected"),
        "WorkOrderCompleted": lambda b: (b["work_order_id"], "completed"),
        "WorkOrderRecalled": lambda b: (b["work_order_id"], "recalled")
    }
    steps = [(*told[e.type](e.body), e) for e in in_order(history.events) if e.type in told]
    for key, row in grouped(steps, lambda step: step[0]).items():
        # Offered again while it is offered or accepted: the next revision of the same work order.
        row = [(state, event) for n, (_, state, event) in enumerate(row)
               if not (state == "offered" and n and row[n - 1][1] in ("offered", "accepted"))]
        yield from walk("Work order", key, row, unseen=("running",))


@check
def shipments(history):
    told = {"ShipmentPlanned": "planned", "ShipmentDispatched": "dispatched", "ShipmentDelivered": "delivered"}
    for key, row in grouped([e for e in history.events if e.type in told], lambda e: e.body["shipment_id"]).items():
        yield from walk("Shipment", key, [(told[e.type], e) for e in in_order(row)])


@check
def inspections(history):
    told = {"InspectionRequested": "pending", "InspectionPassed": "passed", "InspectionFailed": "failed"}
    events = [e for e in history.events if e.type in told]
    for key, row in grouped(events, lambda e: e.body["inspection"]["inspection_id"]).items():
        yield from walk("Inspection", key, [(told[e.type], e) for e in in_order(row)])


@check
def tickets(history):
    told = [e for e in history.events if e.type in ("TicketOpened", "TicketChanged")]
    for key, row in grouped(told, lambda e: e.key).items():
        steps = [(name_of(e.body["ticket"].get("state", ""), "TICKET_STATE_"), e) for e in in_order(row)]
        yield from walk("Ticket", key, steps)


@check
def operations(history):
    told = grouped([e for e in history.events if e.type == "OperationProgressed"],
                   lambda e: (e.body["work_order_id"], e.body["op_id"], e.body.get("attempt", 1)))
    names = {3: "running", 4: "interrupted", 5: "ended", 6: "aborted"}
    for (order, operation, _), row in told.items():
        steps = [(names.get(e.body.get("state"), "unspecified"), e) for e in in_order(row)]
        yield from walk("Operation of a work order",
                        f"{order}/{operation}",
                        steps,
                        unseen=("not_allowed", "allowed_to_start"))


@check
def journeys(history):
    for key, row in grouped([e for e in history.events if e.type == "OrderProgressed"], lambda e: e.key).items():
        row = in_order(row)
        # Without a status: something about an order was heard before the order itself.
        steps = [(name_of(e.body["status"], "JOURNEY_STATUS_"), e) for e in row if e.body.get("status")]
        yield from walk("Journey", key, steps)
        numbers = [int(e.body["revision"]) for e in row]
        if numbers != list(range(1, len(numbers) + 1)):
            yield Finding("illegal", f"the revisions of {key} were published as {numbers}", key)


@check
def streams(history):
    """Each watcher hears each revision once, in order, and the last one."""
    for watcher, row in grouped(history.heard, lambda line: line["watcher"]).items():
        order, expected = row[0]["order"], 1
        for line in row:
            number = int(line["id"]) if line["id"].isascii() and line["id"].isdigit() else 0
            if number != expected:
                after = f"after Last-Event-ID {line['after']}" if line["after"] else "at the beginning"
                yield Finding("illegal",
                              f"{watcher} of {order} heard revision {number or repr(line['id'])} {after}, "
                              f"where {expected} comes next",
                              order)
            expected = number + 1
        journey = history.final.get("journeys", {}).get(order)
        if journey and expected <= int(journey.get("revision", 0)):
            yield Finding("lost",
                          f"{watcher} of {order} heard no more than revision {expected - 1} of {journey['revision']}",
                          order)


@check
def processes(history):
    for fault in history.faults:
        # A process may end where its store is away at its start; it may not be ended by a signal of its own making.
        if fault["what"] == "ended by itself" and fault["status"] < 0:
            yield Finding("illegal",
                          f"{fault['process']} was ended by signal {-fault['status']}, which the run did not send")
