"""What a run has recorded, as the checks read it: plain lists and dicts, made from the folder of the run or by a
test."""
import base64, dataclasses, hashlib, json

from . import protos
from .common import read_lines


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


def read(folder):
    history = History(run=json.loads((folder / "run.json").read_text()))
    history.ledger = list(read_lines(folder / "ledger.jsonl"))
    history.faults = list(read_lines(folder / "faults.jsonl"))
    history.factory = list(read_lines(folder / "factory.jsonl"))
    injected = {(f["topic"], f["partition"], f["offset"]) for f in history.faults if f["what"] == "injected"}
    read_events(history, read_lines(folder / "events.jsonl"), injected)
    for line in read_lines(folder / "heard.jsonl"):
        history.heard.append({**line, "data": protos.normal("loomline.tracking.v1.OrderProgressed", line["data"])})
    final = folder / "final.json"
    if final.exists():
        history.final = json.loads(final.read_text())
        history.final["journeys"] = {order: protos.normal("loomline.tracking.v1.Journey", journey)
                                     for order, journey in history.final.get("journeys", {}).items()}
    return history


def read_events(history, lines, injected):
    seen = {}
    for line in lines:
        where = (line["topic"], line["partition"], line["offset"])
        if where in injected:
            continue
        headers, value = line["headers"], base64.b64decode(line["value"])
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
        seen[identity] = digest
        history.events.append(
            Event(identity, headers["ce_source"], int(headers["ce_epoch"]), line["topic"], line["partition"],
                  int(headers["ce_seq"]), headers["ce_type"].rpartition(".")[2], instant(headers["ce_time"]),
                  line["key"] or "",
                  headers.get("ce_causationid") or "", body, hashlib.sha256(value).hexdigest(), len(history.events)))
