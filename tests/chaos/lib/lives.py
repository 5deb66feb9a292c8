"""The legal transitions, read from docs/lives.md: what was promised in writing is what is held against the run."""
import re

from .common import TOP

START = "[*]"


def read(text):
    """{life: {(from, to): {labels}}}."""
    lives, life = {}, None
    for line in text.splitlines():
        if line.startswith("## "):
            life = line[3:].split(" (")[0].strip()
            lives[life] = {}
        found = re.match(r"\s+(\S+) --> (\S+)(?: : (.*))?$", line)
        if found and life:
            labels = {label.strip() for label in (found[3] or "").split(" / ")}
            lives[life].setdefault((found[1], found[2]), set()).update(labels)
    return lives


_read = {}


def lives():
    if not _read:
        _read.update(read((TOP / "docs/lives.md").read_text()))
    return _read


def may(life, before, after, unseen=()):
    """Whether `after` may follow `before`, perhaps over states of which no event tells."""
    table, open_states, seen = lives()[life], [before], set()
    while open_states:
        state = open_states.pop()
        for start, end in table:
            if start != state:
                continue
            if end == after:
                return True
            if end in unseen and end not in seen:
                seen.add(end)
                open_states.append(end)
    return False


def by_event(life, state, event):
    """The state after an event that is the label of a transition; None where the table has none from here."""
    for (start, end), labels in lives()[life].items():
        if start == state and event in labels:
            return end
    return None
