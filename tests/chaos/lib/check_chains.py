"""Chains: what every event must keep to, whatever it says."""
from .check import Finding, check, grouped


@check
def same_id_same_bytes(history):
    for identity, where in history.unlike:
        yield Finding("illegal", f"event {identity} came again at {where} with other bytes")


@check
def only_events(history):
    for where, why in history.strange:
        yield Finding("illegal",
                      f"{where} has a message that nobody put there and that is no event of the contracts: {why}")


@check
def only_what_the_contracts_have(history):
    for what, why in history.unlawful:
        yield Finding("illegal", f"{what} is not as the contracts have it: {why}")


@check
def bodies_are_whole(history):
    """Of these events everything else here is told by what they name; those that lack it tell nothing."""
    for event, why in history.hollow:
        yield Finding("illegal", f"{event.id} ({event.type} of {event.key}) {why}", event.key)


@check
def identity_names_the_place(history):
    for event in history.events:
        place = f"{event.source}/{event.epoch}/{event.topic}/{event.partition}/{event.seq}"
        if event.id != place:
            yield Finding("illegal", f"event {event.id} says of itself that it is {place}")


@check
def contiguous(history):
    for chain, events in grouped(history.events, lambda e: e.chain).items():
        numbers = sorted(e.seq for e in events)
        missing = sorted(set(range(1, numbers[-1] + 1)) - set(numbers))
        if missing:
            yield Finding("illegal", f"chain {'/'.join(map(str, chain))} goes to {numbers[-1]} and lacks {missing[:5]}"
                          + (f" and {len(missing) - 5} more" if len(missing) > 5 else ""))
        if len(numbers) != len(set(numbers)):
            yield Finding("illegal", f"chain {'/'.join(map(str, chain))} has a number twice")


@check
def later_is_later(history):
    """ce_time rises by key and source in every chain; of an order no two events of a source have the same, for its
    journey is sorted by it."""
    for (source, key), events in grouped(history.events, lambda e: (e.source, e.key)).items():
        for chain, row in grouped(events, lambda e: e.chain).items():
            row = sorted(row, key=lambda e: e.seq)
            for before, after in zip(row, row[1:]):
                if after.time <= before.time:
                    yield Finding(
                        "illegal", f"{after.id} ({after.type} of {key}) is of {after.time}, not after {before.id} "
                        f"of {before.time}", key)
        if not key.startswith("ord_"):
            continue
        for time, row in grouped(events, lambda e: e.time).items():
            if len({e.chain for e in row}) > 1:
                yield Finding("illegal",
                              f"{source} said {', '.join(e.id for e in row)} of {key} at the same time {time}", key)


@check
def not_before_its_cause(history):
    known = {e.id: e for e in history.events}
    for event in history.events:
        cause = known.get(event.cause)
        if cause and event.time < cause.time:
            yield Finding("illegal",
                          f"{event.id} ({event.type}) is of {event.time}, before its cause {cause.id} of {cause.time}",
                          event.key)
        # A cause that is an event is named by its id; commands and timers are not.
        if not cause and event.cause.count("/") == 4 and "/loomline." in event.cause:
            yield Finding("illegal", f"{event.id} ({event.type}) has the cause {event.cause}, which nobody said",
                          event.key)
