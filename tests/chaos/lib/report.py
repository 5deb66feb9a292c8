"""What a run says: a line a fault while it goes on, the differences in words, and the one line of figures."""
import json, sys

from . import check, common, history as histories, recorded
from . import check_chains, check_effects, check_floor, check_journeys, check_ledger, check_lives  # noqa: F401


def progress(fault, lasted, recovery, note):
    more = " ".join(str(fault[name]) for name in ("target", "of") if name in fault)
    common.say(
        f"  {fault['number']:4} {fault['kind']:20} {more:22} lasted {lasted:4.1f} s, recovered after {recovery:4.1f} s"
        + (f"  ({note})" if note else ""))


def p99(values):
    return sorted(values)[min(len(values) - 1, int(0.99 * len(values)))] if values else 0.0


def figures(history, findings):
    run = history.run
    counts = {kind: sum(f.kind == kind for f in findings) for kind in check.KINDS}
    return {"orders": run["orders"], "faults": run["faults"], **counts,
            "recovery_p99_s": round(p99(run.get("recoveries", [])), 1), "seconds": run.get("seconds", 0)}


def longest_wait(history):
    """The longest wait of a customer, and the faults that were at work while it lasted."""
    call = history.run.get("longest_call", {"seconds": 0.0})
    words = f"a customer waited for an answer for {call['seconds']} s at most"
    if "at" not in call:
        return words
    until = call["at"] + call["seconds"]
    during = [f"{f['number']} {f['kind']}" for f in history.faults
              if f["what"] == "fault" and f["at"] <= until and call["at"] <= f["at"] + f["before"] + f["seconds"] + 1]
    return (f"{words} ({call['step']} of order {call['order']}, asked {call['tries']} times; "
            f"faults: {', '.join(during) or 'none'})")


def note_found(path, words):
    """found.txt is of the last checks: what those before found is not there any more. The findings are printed, too, so
    that it is no error where it cannot be written."""
    try:
        if words:
            path.write_text("\n".join(words) + "\n")
            common.say(f"read: {path}")
        else:
            path.unlink(missing_ok=True)
    except OSError as why:
        common.say(f"  {path} cannot be written: {why.strerror}")


def conclude(folder, output):
    """Reads the folder, checks, prints; the exit status."""
    history = histories.read(folder)
    findings = check.everything(history)
    for skipped in history.run.get("skipped", []):
        common.say(f"  skipped: {skipped}")
    words = [f"{f.kind}: {f.words}" for f in findings]
    for line in words[:12]:
        common.say(f"FOUND {line}")
    if len(words) > 12:
        common.say(f"FOUND and {len(words) - 12} more")
    replay = ["replay with: " + history.run["replay"]] if findings else []
    note_found(folder / "found.txt", words + replay)
    for line in replay:
        common.say(line)
    ended = [f["process"] for f in history.faults if f["what"] == "ended by itself"]
    if ended:
        common.say(f"  ended by themselves and started again: {', '.join(ended)}")
    factory = sum(f["what"] == "factory ended" for f in history.faults)
    if factory:
        common.say(f"  the factory ended by itself and was started again: {factory} times; logs/factory.out")
    common.say("  " + longest_wait(history))
    show(figures(history, findings), output)
    other = recorded.otherwise(history)
    for line in other:
        common.say(f"  {folder}: {line}")
    if other and not findings:
        raise common.CannotRun("nothing was found in what is there, and that is not what the run wrote")
    return common.FOUND if findings else 0


def show(result, output):
    if output == "json":
        print(json.dumps(result))
        return
    names, widths = list(result), [max(len(name), len(str(value))) for name, value in result.items()]
    print("  ".join(name.rjust(width) for name, width in zip(names, widths)), file=sys.stderr)
    print("  ".join(str(value).rjust(width) for value, width in zip(result.values(), widths)))
