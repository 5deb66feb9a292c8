"""What each line of the files of a run must have, so that the checks can read it; and whether the run came to its
end."""
import base64, binascii

from .common import CannotRun

FILES = ("ledger.jsonl", "faults.jsonl", "events.jsonl", "heard.jsonl", "factory.jsonl")
NUMBER = (int, float)
FAULTS = {
    "fault": {"at": NUMBER, "number": int, "kind": str, "before": NUMBER, "seconds": NUMBER},
    "recovered": {"number": int},
    "injected": {"topic": str, "partition": int, "offset": int},
    "not recovered": {"number": int, "order": str, "not_ready": dict},
    "ended by itself": {"process": str, "status": int},
    "factory ended": {"status": int}
}


def lacks(line, fields):
    """What is wrong with the first of the fields that is not as it must be; empty: nothing."""
    for name, kind in fields.items():
        if name not in line:
            return f"it has no '{name}'"
        if not isinstance(line[name], kind):
            return f"its '{name}' is {str(line[name])[:60]!r}"
    return ""


def ledger(line):
    why = lacks(line, {"order": int, "step": str, "key": str})
    if why or "asked" in line:
        return why
    return lacks(line, {"answered": int, "status": int, "answer": dict})


def faults(line):
    return lacks(line, {"what": str}) or lacks(line, FAULTS.get(line["what"], {}))


def events(line):
    why = lacks(line, {"topic": str, "partition": int, "offset": int, "key": (str, type(None)), "headers": dict,
                       "value": str})
    try:
        line["value"] = base64.b64decode(line["value"] if not why else "", validate=True)
    except binascii.Error:
        return "its 'value' is no base64"
    return why


def heard(line):
    why = lacks(line, {"watcher": str, "order": str, "after": str, "id": str})
    return why or ("" if "data" in line else "it has no 'data'")


# Of the rows in a request of the factory: what the checks look for.
ROWS = {
    "AnswerWorkOrders": ("answers", ["work_order_id"]),
    "ReportOperations": ("reports", ["work_order_id", "op_id"])
}


def factory(line):
    why = lacks(line, {"key": str, "method": str})
    if why or "request" not in line:
        return why or lacks(line, {"answer": dict})
    why, method = lacks(line, {"request": dict}), line["method"].rpartition(".")[2]
    if why or method == "ReportShipment":
        return why or lacks(line["request"], {"shipment_id": str})
    rows, names = ROWS.get(method, ("", []))
    for row in line["request"].get(rows, []):
        why = why or lacks(row, dict.fromkeys(names, str)) if isinstance(row, dict) else "a row is no object"
    return why


FINAL = {"orders": dict, "journeys": dict, "certificates": dict, "tickets": list, "dead_letters": list}


def final(found):
    why = lacks(found, FINAL)
    for name in FINAL if not why else ():
        rows = found[name].values() if isinstance(found[name], dict) else found[name]
        kind = list if name == "certificates" else dict
        why = why or next((f"its '{name}' has {str(row)[:60]!r}" for row in rows if not isinstance(row, kind)), "")
    for row in [row for rows in found["certificates"].values() for row in rows] if not why else ():
        why = why or ("" if isinstance(row, dict) else "a certificate is no object")
    return why


def run(found):
    return lacks(found, {"replay": str, "orders": int, "faults": int, "seed": int})


def ended(found):
    return "came_to_an_end" in found and not lacks(found, {"seconds": NUMBER, "recoveries": list})


def count(folder):
    """How many lines each file has."""
    counts = {}
    for name in FILES:
        counts[name] = 0
        if (folder / name).exists():
            with open(folder / name, "rb") as file:
                counts[name] = sum(line.endswith(b"\n") for line in file)
    return counts


def not_whole(folder, history):
    """Of a run that ended: what says that its files are not those which it wrote. Runs before the numbers of lines were
    noted in run.json have something in every file."""
    if not (folder / "final.json").is_file():
        return "there is no final.json"
    counts = history.lines
    for name in FILES:
        noted = history.run.get("recorded", {}).get(name)
        if not (folder / name).is_file() or (counts[name] == 0 and noted != 0):
            return f"there is no {name}, or nothing in it"
    for what in ("fault", "recovered"):
        done = sum(line["what"] == what for line in history.faults)
        if done != history.run["faults"]:
            return f"faults.jsonl has '{what}' {done} times, of {history.run['faults']} faults"
    return ""


def otherwise(history):
    """Files with fewer or more lines than the run wrote; in words."""
    noted = history.run.get("recorded", {})
    return [f"{name} has {history.lines.get(name, 0)} lines, and the run wrote {noted[name]}"
            for name in FILES if name in noted and noted[name] != history.lines.get(name, 0)]


def demand(why, what):
    if why:
        raise CannotRun(f"{what}: {why}")
