"""The checks: pure functions over a recorded history, each of which says in words what must not be. Their registry is
at the end; each yields findings of one of four kinds:

    lost        acknowledged, and not there or not brought to its end; or a call that was never answered
    doubled     two things for one key, two effects of one cause
    illegal     a transition that no table allows, a chain or a stream that is broken
    differing   two places that tell the same thing tell it differently
"""
import collections
import dataclasses

from .bodies import without_hollow

KINDS = ("lost", "doubled", "illegal", "differing")


@dataclasses.dataclass(frozen=True)
class Finding:
    kind: str
    words: str
    order: str = ""


CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


def everything(history):
    """All findings, those of one kind together."""
    history = without_hollow(history)
    found = [finding for one in CHECKS for finding in one(history)]
    return sorted(dict.fromkeys(found), key=lambda f: KINDS.index(f.kind))


def grouped(rows, name):
    groups = collections.defaultdict(list)
    for row in rows:
        groups[name(row)].append(row)
    return groups
