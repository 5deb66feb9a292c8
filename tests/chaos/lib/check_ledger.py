"""What the customers were told against what is there at the end."""
from .check import Finding, check, grouped
from .check_effects import reference
from .shop import unknown


def calls(history):
    """{key: (its first line, [answers of 200], [all lines])} of the ledger."""
    return {key: (row[0], [line for line in row if line.get("status") == 200], row)
            for key, row in grouped(history.ledger, lambda line: line["key"]).items()}


def acknowledged(history, step):
    for key, (first, answers, _) in calls(history).items():
        if first["step"] == step and answers:
            yield key, first["order"], answers[0]["answer"]


def orders_by_number(history):
    return {number: answer.get("order_id", "") for _, number, answer in acknowledged(history, "capture")}


@check
def one_answer_a_key(history):
    for key, (first, answers, _) in calls(history).items():
        told = {str(sorted(a["answer"].items())) for a in answers}
        if len(told) > 1:
            yield Finding("doubled",
                          f"the key {key} was answered in {len(told)} ways: {' and '.join(sorted(told))[:400]}")


@check
def every_call_answered(history):
    for key, (first, _, lines) in calls(history).items():
        last = lines[-1]
        if "status" not in last or unknown(last["status"], last["answer"]):
            tries = sum("asked" in line for line in lines)
            told = f"{last['status']} {last['answer']}" if "status" in last else "nothing was heard of it"
            yield Finding("lost", f"{first['step']} of customer {first['order']} ({key}) was never answered: "
                          f"{tries} {'try' if tries == 1 else 'tries'}, the last: {told}")


@check
def no_surprising_refusal(history):
    """The rules may refuse what was asked: a quote that ran out, a cancellation too late. Nothing else is expected."""
    for key, (first, answers, lines) in calls(history).items():
        refused = [
            line for line in lines if line.get("status", 200) != 200 and not unknown(line["status"], line["answer"])
        ]
        if refused and first["step"] not in ("place", "cancel"):
            yield Finding(
                "lost", f"{first['step']} of customer {first['order']} ({key}) was refused: {refused[0]['status']} "
                f"{refused[0]['answer']}")


@check
def captured_is_there(history):
    journeys = history.final.get("journeys", {})
    said = {e.key for e in history.events if e.type == "RequirementCaptured"}
    for key, number, answer in acknowledged(history, "capture"):
        order = answer.get("order_id", "")
        for what, where in (("intake lists it not", history.final.get("orders", {})), ("it has no journey", journeys),
                            ("no event says so", said)):
            if order not in where:
                yield Finding("lost", f"order {order} of customer {number} was captured, and {what}", order)


@check
def placed_comes_to_its_end(history):
    orders, placed = orders_by_number(history), {e.key: e for e in history.events if e.type == "OrderPlaced"}
    for key, number, _ in acknowledged(history, "place"):
        order = orders.get(number, "")
        if order not in placed:
            yield Finding("lost", f"order {order} of customer {number} was placed, and no event says so", order)
        state = history.final.get("orders", {}).get(order, {}).get("state", "").removeprefix("ORDER_STATE_")
        journey = history.final.get("journeys", {}).get(order, {})
        status = journey.get("status", "").removeprefix("JOURNEY_STATUS_")
        if (state, status) not in {("FULFILLED", "DELIVERED"), ("FULFILLED", "CLOSED"), ("CANCELLED", "CANCELLED")}:
            yield Finding(
                "lost", f"order {order} of customer {number} was placed and came to no end: intake says {state}, its "
                f"journey {status} {journey.get('milestone', '')}", order)


@check
def placed_at_the_quoted_price(history):
    quotes = {a["quote_id"]: a for _, _, a in acknowledged(history, "quote") if a.get("quote_id")}
    for event in history.events:
        quote = quotes.get(event.body.get("quote_id")) if event.type == "OrderPlaced" else None
        if quote and quote.get("total_net") and money(quote["total_net"]) != money(event.body.get("total_net")):
            yield Finding("differing", f"order {event.key} was quoted {quote['total_net']} and placed at "
                          f"{event.body.get('total_net')}", event.key)


def money(amount):
    return {name: str(value) for name, value in (amount or {}).items() if str(value) not in ("0", "")}


@check
def cancelled_is_cancelled(history):
    orders = orders_by_number(history)
    declined = {e.key for e in history.events if e.type == "OrderCancellationDeclined"}
    for key, number, answer in acknowledged(history, "cancel"):
        order = orders.get(number, "")
        state = history.final.get("orders", {}).get(order, {}).get("state", "")
        if state != "ORDER_STATE_CANCELLED" and order not in declined:
            yield Finding(
                "lost",
                f"order {order} of customer {number} asked to be cancelled and was told {answer}; it is {state}, "
                "and nothing declined it", order)


@check
def tickets_are_there(history):
    opened = {e.key for e in history.events if e.type == "TicketOpened"}
    listed = {t.get("ticket_id"): t for t in history.final.get("tickets", [])}
    orders = orders_by_number(history)
    for key, number, answer in acknowledged(history, "ticket"):
        ticket, order = answer.get("ticket_id"), orders.get(number, "")
        shown = {t.get("ticket_id") for t in history.final.get("journeys", {}).get(order, {}).get("tickets", [])}
        for what, where in (("aftersales lists it not", listed), ("no event says so", opened),
                            ("its journey has it not", shown)):
            if ticket not in where:
                yield Finding("lost", f"ticket {ticket} of order {order} was opened, and {what}", order)


@check
def nobody_else_ordered(history):
    asked = {line["key"].removesuffix("-capture") for line in history.ledger if line["step"] == "capture"}
    for event in history.events:
        if event.type == "RequirementCaptured" and reference(event.body) not in asked:
            yield Finding("illegal", f"order {event.key} was captured, and no customer asked for it", event.key)


@check
def nothing_is_listed_that_nobody_made(history):
    made = {e.key for e in history.events if e.type in ("RequirementCaptured", "TicketOpened")}
    for order in history.final.get("orders", {}):
        if order not in made:
            yield Finding("illegal", f"intake lists order {order}, which no event captured", order)
    for ticket in history.final.get("tickets", []):
        if ticket.get("ticket_id") not in made:
            yield Finding("illegal", f"aftersales lists ticket {ticket.get('ticket_id')}, which no event opened")


@check
def nothing_left_unapplied(history):
    """A dead letter is right for what the run itself spoiled, and for nothing else."""
    injected = {(f["topic"], f["partition"], f["offset"]) for f in history.faults if f["what"] == "injected"}
    for letter in history.final.get("dead_letters", []):
        where = (letter.get("topic"), int(letter.get("partition", 0)), int(letter.get("offset", 0)))
        if where not in injected:
            yield Finding(
                "lost", f"{letter.get('service')} could not apply {letter.get('event_type')} of {letter.get('key')} at "
                f"{where}: {letter.get('reason')}", letter.get("key", ""))


@check
def it_came_to_rest(history):
    if history.run.get("not_quiet"):
        yield Finding("lost", f"it does not come to rest: {history.run['not_quiet']}")
    for fault in history.faults:
        if fault["what"] == "not recovered":
            yield Finding(
                "lost",
                f"after fault {fault['number']} nothing went on for 2 minutes: an order was {fault['order']}, not "
                f"ready: {fault['not_ready']}")
