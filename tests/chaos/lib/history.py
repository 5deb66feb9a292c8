"""What a run has recorded, as the checks read it: plain lists and dicts, made from the folder of the run or by a
test."""
import dataclasses, hashlib, json

from . import protos, recorded
from .common import CannotRun, read_lines


@dataclasses.dataclass
class Event:
    """One event, once, however often it was read."""
    id: str
    source: str
    epoch: int
    topic: str
    partition: int
    seq: int
    type: str  # "OrderPlaced"
    time: str
    key: str
    cause: str = ""
    body: dict = dataclasses.field(default_factory=dict)
    digest: str = ""  # of the body's bytes
    order_read: int = 0

    @property
    def chain(self):
        return self.source, self.epoch, self.topic, self.partition

    @property
    def place(self):
        """Where it stands in a journey."""
        return self.time, self.source, self.epoch, self.seq


@dataclasses.dataclass
class History:
    run: dict = dataclasses.field(default_factory=dict)
    ledger: list = dataclasses.field(default_factory=list)  # lines of the customers
    faults: list = dataclasses.field(default_factory=list)  # lines of the faults and of what happened to processes
    events: list = dataclasses.field(default_factory=list)  # Event, in the order in which they were first read
    unlike: list = dataclasses.field(default_factory=list)  # (ce_id, where): the id came again with other bytes
    strange: list = dataclasses.field(default_factory=list)  # (where, why): messages that are no events of a service
    unlawful: list = dataclasses.field(default_factory=list)  # (what, why): answers that the contracts do not have
    lines: dict = dataclasses.field(default_factory=dict)  # of each file how many
    hollow: list = dataclasses.field(default_factory=list)  # (Event, why): its body lacks what it is to name
    heard: list = dataclasses.field(default_factory=list)  # lines of the watchers
    factory: list = dataclasses.field(default_factory=list)  # lines of the simulator
    final: dict = dataclasses.field(default_factory=dict)  # what the edge said at the end

    def by_order(self):
        found = {}
        for event in self.events:
            if event.key.startswith("ord_"):
                found.setdefault(event.key, []).append(event)
        return found


def instant(text):
    """RFC 3339 in UTC, so written that texts compare as times do."""
    body, _, fraction = text.rstrip("Z").partition(".")
    return f"{body}.{fraction:0<9}Z"


def whole(path, checked):
    """The object that such a file is."""
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError, RecursionError) as why:
        raise CannotRun(f"{path} cannot be read: {why}") from None
    why = checked(found) if isinstance(found, dict) else "it is no object"
    recorded.demand(why, f"{path} cannot be read")
    return found


def read(folder):
    """CannotRun where the run did not come to its end, or where what it wrote is not there or cannot be read."""
    history = History(run=whole(folder / "run.json", recorded.run))
    recorded.demand("" if recorded.ended(history.run) else "it ended before its checks, or goes on now",
                    f"the run of {folder} did not come to its end")

    def lines(name):
        history.lines[name] = 0
        for line in read_lines(folder / name, getattr(recorded, name.partition(".")[0])):
            history.lines[name] += 1
            yield line

    history.ledger = list(lines("ledger.jsonl"))
    history.faults = list(lines("faults.jsonl"))
    history.factory = list(lines("factory.jsonl"))
    injected = {(f["topic"], f["partition"], f["offset"]) for f in history.faults if f["what"] == "injected"}
    read_events(history, lines("events.jsonl"), injected)
    for line in lines("heard.jsonl"):
        said = f"heard.jsonl, line {history.lines['heard.jsonl']}: revision {line['id']} of {line['order']}"
        data = lawful(history, "loomline.tracking.v1.OrderProgressed", line["data"], said)
        history.heard.append({**line, "data": data})
    recorded.demand(recorded.not_whole(folder, history), f"the run of {folder} did not come to its end")
    history.final = whole(folder / "final.json", recorded.final)
    history.final["journeys"] = {order: lawful(history, "loomline.tracking.v1.Journey", journey, f"journey of {order}")
                                 for order, journey in history.final["journeys"].items()}
    return history


def lawful(history, kind, body, what):
    """As the contract writes it. What it does not have was said by who was asked: it is found, not refused."""
    try:
        return protos.normal(kind, body)
    except protos.Unlawful as why:
        history.unlawful.append((what, str(why)))
        return {}


def event_of(line, headers, body, number):
    """As the headers say; ValueError: what is wrong with them."""
    for name in ("ce_source", "ce_epoch", "ce_seq", "ce_time"):
        text = headers.get(name)
        if not isinstance(text, str) or not text:
            raise ValueError(f"no {name}")
        if name in ("ce_epoch", "ce_seq") and not (text.isascii() and text.isdigit() and len(text) < 20):
            raise ValueError(f"{name} {text!r}")
    return Event(headers["ce_id"], headers["ce_source"], int(headers["ce_epoch"]), line["topic"], line["partition"],
                 int(headers["ce_seq"]), headers["ce_type"].rpartition(".")[2], instant(headers["ce_time"]),
                 line["key"] or "", headers.get("ce_causationid") or "", body,
                 hashlib.sha256(line["value"]).hexdigest(), number)


def read_events(history, lines, injected):
    seen = {}
    for line in lines:
        where = (line["topic"], line["partition"], line["offset"])
        if where in injected:
            continue
        headers, value = line["headers"], line["value"]
        digest = hashlib.sha256(value + json.dumps(headers, sort_keys=True).encode()).hexdigest()
        identity = headers.get("ce_id")
        if identity in seen:
            if seen[identity] != digest:
                history.unlike.append((identity, where))
            continue
        body = protos.decode(headers.get("ce_type", ""), value)
        if identity is None or body is None:
            history.strange.append((where, f"type {headers.get('ce_type')!r}"))
            continue
        try:
            event = event_of(line, headers, body, len(history.events))
        except ValueError as why:
            history.strange.append((where, f"{headers['ce_type']} {identity} with {why}"))
            continue
        seen[identity] = digest
        history.events.append(event)
