"""The schedule of faults: made from the seed and the counts alone, so that the same line makes the same schedule
again."""
import random

from .processes import MIXED, SERVICES

# How often each kind comes, beside the others.
KINDS = {
    "kill service": 22,
    "freeze service": 12,
    "kill broker": 8,
    "freeze broker": 5,
    "kill postgres": 8,
    "freeze postgres": 4,
    "kill backend": 5,
    "cut postgres": 8,
    "cut kafka": 6,
    "hang postgres": 4,
    "hang kafka": 4,
    "delay postgres": 4,
    "delay kafka": 4,
    "fill postgres": 3,
    "fill broker": 3,
    "duplicate messages": 5,
    "reorder messages": 5,
    "poison messages": 6,
    "delete records": 4
}
HEAVY = ("broker", "postgres", "kafka", "backend")


def names_of(replicas):
    return [f"{service}-{number}" for service in SERVICES
            for number in range(1, (replicas or MIXED.get(service, 1)) + 1)]


def one(draw, kind, replicas, brokers):
    """What it hits, how long it lasts, how long it is quiet before it."""
    owners = [name for name in names_of(replicas) if not name.startswith("edge")]
    fault = {"kind": kind, "seconds": round(draw.uniform(0.5, 3), 1), "before": round(draw.uniform(0.2, 1), 1)}
    if kind.endswith("service"):
        fault["target"] = draw.choice(names_of(replicas))
        # A frozen replica is missed by the broker after 6 s: half of them longer than that.
        if kind == "freeze service":
            fault["seconds"] = round(draw.choice([draw.uniform(0.5, 4), draw.uniform(6.5, 9)]), 1)
    elif "broker" in kind:
        fault["target"] = f"kafka-{draw.randint(1, brokers)}"
    elif kind.endswith("kafka"):
        # Of one broker for all, or of all brokers for one replica.
        fault["target"] = f"kafka/{draw.randint(1, brokers)}"
        if draw.random() < 0.5:
            fault.update(target="kafka/", of=draw.choice(owners))
    elif kind in ("cut postgres", "hang postgres", "delay postgres"):
        # Of one replica, or of all.
        fault["target"] = draw.choice(["postgres/", f"postgres/{draw.choice(owners)}/"])
    elif kind == "kill backend":
        fault["count"] = draw.randint(1, 3)
    elif kind.endswith("messages"):
        fault["count"], fault["seconds"] = draw.randint(3, 20), 0.0
    if kind.startswith("delay"):
        fault["delay"], fault["seconds"] = round(draw.uniform(0.02, 0.3), 2), round(draw.uniform(2, 5), 1)
    return fault


def make(seed, faults, replicas=None, brokers=1):
    """Each kind once before any comes twice, as far as there are so many; then by weight."""
    draw = random.Random(f"{seed}/faults")
    kinds = list(KINDS)
    draw.shuffle(kinds)
    kinds = kinds[:faults] + draw.choices(list(KINDS), list(KINDS.values()), k=max(0, faults - len(kinds)))
    draw.shuffle(kinds)
    return [{"number": number, **one(draw, kind, replicas, brokers), "draw": draw.getrandbits(32)}
            for number, kind in enumerate(kinds, 1)]


def in_words(fault):
    more = " ".join(f"{name} {fault[name]}" for name in ("target", "of", "count", "delay") if name in fault)
    return f"{fault['number']:4}  {fault['kind']:20} {more:26} {fault['seconds']:4} s, after {fault['before']} s"
