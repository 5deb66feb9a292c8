"""What came of each attack: a table, or one JSON object a line."""
import json, sys, threading


class Verdicts:
    """Attacks and what was answered. `expected` is a sentence; the attack itself says whether it was met."""

    def __init__(self, output):
        self.output, self.rows, self.lock = output, [], threading.Lock()

    def add(self, door, attack, expected, got, ok):
        row = {"door": door, "attack": attack, "expected": str(expected), "got": str(got), "ok": bool(ok)}
        with self.lock:
            self.rows.append(row)
        self.show(row)

    def skip(self, door, attack, why):
        row = {"door": door, "attack": attack, "expected": "", "got": f"skipped: {why}", "ok": None}
        with self.lock:
            self.rows.append(row)
        self.show(row)

    def same(self, door, attack, expected, got):
        self.add(door, attack, expected, got, got == expected)

    def show(self, row):
        mark = {True: "ok", False: "NOT OK", None: "skipped"}[row["ok"]]
        print(f"  {mark:8}{row['door']:8} {row['attack']}: {row['got']}", file=sys.stderr, flush=True)

    def wrong(self):
        return [row for row in self.rows if row["ok"] is False]

    def print(self):
        if self.output == "json":
            for row in self.rows:
                print(json.dumps(row))
            return
        heads = ["door", "attack", "expected", "got", "ok"]
        said = {True: "yes", False: "NO", None: "-"}
        lines = [heads] + [[row[h] if h != "ok" else said[row["ok"]] for h in heads] for row in self.rows]
        widths = [min(60, max(len(line[i]) for line in lines)) for i in range(len(heads))]
        for line in lines:
            print("  ".join(text.ljust(width) for text, width in zip(line, widths)).rstrip())
