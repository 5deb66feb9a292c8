"""What is told in several places must be the same in all of them: journeys, published progress, streams, events, the
floor."""
from . import fold as folds
from .check import Finding, check, grouped

# Fields that a published progress and the journey of the same revision share.
SHARED = ["revision", "status", "milestone", "milestones", "quantity", "operations_done", "operations_total", "late"]


def different(order, what, here, there):
    return Finding("differing", f"{order}: {what}: {here!s:.300} against {there!s:.300}", order)


@check
def heard_is_published(history):
    published = {(e.key, str(e.body["revision"])): e.body for e in history.events if e.type == "OrderProgressed"}
    for line in history.heard:
        said = published.get((line["order"], line["id"]))
        if said != line["data"]:
            yield different(line["order"],
                            f"revision {line['id']} as {line['watcher']} heard it and as it was published",
                            line["data"], said)


@check
def journey_is_last_progress(history):
    last = {}
    for event in history.events:
        if event.type == "OrderProgressed":
            last[event.key] = max(last.get(event.key, event), event, key=lambda e: int(e.body["revision"]))
    for order, journey in history.final.get("journeys", {}).items():
        if order not in last:
            yield Finding("differing",
                          f"{order} has a journey at revision {journey.get('revision')}, none was published", order)
            continue
        said = last[order].body
        for name in SHARED:
            if journey.get(name) != said.get(name):
                yield different(order, f"{name} in the journey and as last published", journey.get(name),
                                said.get(name))


def compared(order, journey, fold):
    """(what, in the journey, in this program's fold) of everything that both have."""
    yield "status", journey.get("status", "").removeprefix("JOURNEY_STATUS_"), fold.status
    yield "price", journey.get("total_net", {}), fold.total_net
    yield "placed at", journey.get("placed_at"), fold.placed_at
    yield "country", journey.get("country", ""), fold.country
    yield "zone", journey.get("zone", ""), fold.zone
    yield "certificate", journey.get("certificate_available", False), is_certified(fold)
    yield "survey", (journey.get("survey_open", False), journey.get("survey_answered", False)), (
        fold.survey_open, fold.survey_answered)
    yield "tickets", {t.get("ticket_id", ""): t.get("state", "") for t in journey.get("tickets", [])}, fold.tickets
    yield "holds", sorted(journey.get("hold_ids", [])), sorted(fold.holds)
    yield "waybill", journey.get("waybill", {}), fold.waybill
    yield "lines", sorted(line.get("line_id", "") for line in journey.get("lines", [])), sorted(fold.lines)
    yield "operations", (journey.get("operations_done", 0), journey.get("operations_total", 0)), (
        sum(line["done"] for line in fold.lines.values()), sum(line["total"] for line in fold.lines.values()))


def is_certified(fold):
    return bool(fold.lines) and set(fold.lines) <= fold.certified


def compared_line(line, fold):
    known = fold.lines[line["line_id"]]
    yield "model", line.get("model_id", ""), known.get("model", "")
    yield "quantity", int(line.get("quantity", 0)), known.get("quantity", 0)
    yield "features", line.get("features", []), known.get("features", [])
    yield "plant", line.get("plant_id", ""), known.get("plant", "")
    if known["promises"]:
        yield "first promise", line.get("first_promise"), known["promises"][min(known["promises"])]
        yield "promise", line.get("promise"), known["promises"][max(known["promises"])]
    units = {unit_id: unit for unit_id, unit in fold.units.items() if unit["line"] == line["line_id"]}
    told = {u.get("unit_id", ""): (u.get("serial", ""), u.get("scrapped", False)) for u in line.get("units", [])}
    yield "units", told, {
        unit_id: (unit["serial"], unit["scrapped"]) for unit_id, unit in units.items()}


@check
def journey_is_own_fold(history):
    facts = history.by_order()
    for order, journey in history.final.get("journeys", {}).items():
        fold = folds.fold(facts.get(order, []))
        for what, here, there in compared(order, journey, fold):
            if here != there:
                yield different(order, f"{what} in the journey and by its events", here, there)
        for line in journey.get("lines", []):
            if line.get("line_id") not in fold.lines:
                continue
            for what, here, there in compared_line(line, fold):
                if here != there:
                    yield different(order, f"{what} of {line['line_id']} in the journey and by its events", here, there)


@check
def entries_are_events(history):
    known = {e.id: e for e in history.events}
    for order, journey in history.final.get("journeys", {}).items():
        entries = [e for e in journey.get("entries", []) if e.get("event_id")]
        for identity, row in grouped(entries, lambda e: e["event_id"]).items():
            if identity not in known or known[identity].key != order:
                yield Finding("differing", f"{order}: its history names {identity}, which nobody said of it", order)
            codes = [e.get("code", "") for e in row]
            if len(set(codes)) < len(codes):
                yield Finding("doubled", f"{order}: {codes[0]} stands {len(codes)} times in its history for {identity}",
                              order)
        places = [known[e["event_id"]].place for e in entries if e["event_id"] in known]
        if places != sorted(places):
            yield Finding("differing", f"{order}: its history is not in the order of its events", order)


# Events that a customer always reads of: their entry in the history.
TOLD = {
    "RequirementCaptured": "requirement_captured",
    "OrderPlaced": "order_placed",
    "OrderCancelled": "order_cancelled",
    "LineScheduled": "line_scheduled",
    "PromiseMade": "promise_made",
    "UnitCompleted": "unit_completed",
    "UnitReplaced": "unit_replaced",
    "ReworkScheduled": "rework_scheduled",
    "InspectionPassed": "inspection_passed",
    "InspectionFailed": "inspection_failed",
    "QuoteIssued": "quote_issued",
    "QuoteRefused": "quote_refused",
    "CertificateIssued": "certificate_issued",
    "OrderFulfilled": "order_fulfilled"
}


@check
def events_are_entries(history):
    journeys = history.final.get("journeys", {})
    for event in history.events:
        journey = journeys.get(event.key)
        if journey is None or event.type not in TOLD or int(journey.get("entries_total", 0)) > 1000:
            continue
        codes = [e.get("code", "") for e in journey.get("entries", []) if e.get("event_id") == event.id]
        if codes != [TOLD[event.type]]:
            yield different(event.key, f"the history's entry for {event.id}", codes, TOLD[event.type])


@check
def certificates_are_there(history):
    """Where a journey shows a certificate it can be had, and nowhere else."""
    had = history.final.get("certificates", {})
    for order, journey in history.final.get("journeys", {}).items():
        if journey.get("certificate_available", False) != bool(had.get(order)):
            yield different(order, "a certificate by its journey and where it is asked for",
                            journey.get("certificate_available", False), had.get(order, []))


@check
def certificates_name_the_units(history):
    facts = history.by_order()
    for order, certificates in history.final.get("certificates", {}).items():
        fold = folds.fold(facts.get(order, []))
        certified = sorted(str(unit) for c in certificates for unit in c.get("units", []))
        counting = sorted(unit_id for unit_id, unit in fold.units.items() if not unit["scrapped"])
        if certified != counting:
            yield different(order, "units of its certificate and by its events", certified, counting)
