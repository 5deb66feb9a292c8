"""The two programs: what they refuse, what they take away, and that nothing unreadable passes or counts as found."""
import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
from types import SimpleNamespace

from shapes import ORDER, found, good, of

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
from chaos.lib import arguments, brokers, common, folder, processes, report, stack
from chaos.lib.common import TOP, CannotRun, WrongArguments

RUN = {"replay": "tests/chaos/run --seed 1", "orders": 1, "faults": 1, "seed": 1}
ENDED = {**RUN, "came_to_an_end": True, "not_quiet": "", "recoveries": [0.1], "skipped": [], "seconds": 9.5}
EMPTY = {"orders": {}, "journeys": {}, "certificates": {}, "tickets": [], "dead_letters": []}
CALL = {"order": 1, "step": "ticket", "key": "k-ticket"}
HEADERS = {"ce_id": "a/1/t/0/1", "ce_source": "a", "ce_epoch": "1", "ce_seq": "1", "ce_time": "2026-01-01T00:00:00Z",
           "ce_type": "loomline.intake.v1.OrderFulfilled"}
LINES = {
    "ledger.jsonl": [{**CALL, "asked": 1}],
    "faults.jsonl": [{"what": "fault", "at": 1.0, "number": 1, "kind": "kill broker", "before": 0.1, "seconds": 1.0},
                     {"what": "recovered", "number": 1}],
    "events.jsonl": [{"topic": "t", "partition": 0, "offset": 0, "key": None, "headers": HEADERS, "value": ""}],
    "heard.jsonl": [{"watcher": "w", "order": ORDER, "after": "", "id": "1", "data": {"revision": "1"}}],
    "factory.jsonl": [{"key": "f", "method": "x.ReportShipment", "request": {"shipment_id": "shp_1"}}]
}


class Tool(unittest.TestCase):
    def setUp(self):
        made = tempfile.TemporaryDirectory()
        self.addCleanup(made.cleanup)
        self.folder = pathlib.Path(made.name) / "run"

    def start(self, program, *words, **environment):
        done = subprocess.run([sys.executable, TOP / "tests/chaos" / program, *map(str, words)], text=True,
                              capture_output=True, env={**os.environ, **environment}, cwd=self.folder.parent)
        return done.returncode, done.stdout + done.stderr

    def make(self, run=None, final=None, **lines):
        self.folder.mkdir(exist_ok=True)
        (self.folder / "run.json").write_text(json.dumps(run or ENDED))
        (self.folder / "final.json").write_text(json.dumps(final or EMPTY))
        for name, usual in LINES.items():
            rows = lines.get(name.partition(".")[0], usual)
            (self.folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows))


class Arguments(Tool):
    def test_what_is_wrong_is_refused_with_a_remedy(self):
        for words in (["--folder", ""], ["--binary", ""], ["--binary", "/usr"], ["--binary", TOP / "README.md"],
                      ["--orders", "²"], ["--rate", "abc"], ["--rate", "0"], ["--rate", "-1"], ["--rate", "nan"],
                      ["--faults", "9" * 23, "--plan"], ["--faults", "9" * 5000, "--plan"], ["--what"]):
            with self.subTest(words):
                status, said = self.start("run", *words)
                self.assertEqual(status, 2, said)
                self.assertTrue(said.startswith("tests/chaos/run: "), said)
                self.assertEqual(len(said.splitlines()), 2, said)

    def test_a_program_that_reads_of_no_mistake(self):
        status, said = self.start("run", "--binary", "/bin/true", "--factory", "/bin/true", "--folder", self.folder,
                                  LOOMLINE_PLANTED="publish_twice")
        self.assertEqual(status, 2, said)
        self.assertIn("only bin/loomline-planted", said)
        self.assertFalse(self.folder.exists())

    def test_help_says_what_makes_the_plan(self):
        self.assertIn("same --faults, --replicas and --brokers", self.start("run", "--help")[1])

    def test_the_line_that_attacks_again_has_what_was_given(self):
        args = SimpleNamespace(seed=7, orders=60, faults=5, brokers=1, replicas=None, rate=0,
                               binary=pathlib.Path("/a b/loomline-planted"),
                               factory=(TOP / arguments.BUILT["factory"]).resolve())
        self.assertEqual(arguments.replay(args, "x"), "LOOMLINE_PLANTED=x tests/chaos/run --seed 7 --orders 60 "
                         "--faults 5 --brokers 1 --binary '/a b/loomline-planted'")


class Folders(Tool):
    def test_of_somebody_else_nothing_is_taken_away(self):
        self.folder.mkdir()
        for name, text in (("mine.txt", "dear"), ("run.json", '{"replay": "another"}')):
            (self.folder / name).write_text(text)
            status, said = self.start("run", "--binary", "/bin/true", "--factory", "/bin/true", "--folder", self.folder)
            self.assertEqual(status, 2, said)
            self.assertIn(str(self.folder), said)
        self.assertEqual((self.folder / "mine.txt").read_text(), "dear")

    def test_of_a_run_only_what_it_recorded(self):
        self.make()
        (self.folder / "notes").write_text("mine")
        claimed = folder.Folder(self.folder)
        claimed.begin(RUN)
        self.assertEqual(set(os.listdir(self.folder)), {"notes", "run.json"})
        claimed.remove()
        self.assertEqual(os.listdir(self.folder), ["notes"])
        claimed.close()

    def test_one_run_at_a_time(self):
        self.make()
        claimed = folder.Folder(self.folder)
        with self.assertRaises(CannotRun):
            folder.Folder(self.folder)
        self.assertEqual(self.start("check", self.folder)[0], 3)
        claimed.close()
        folder.Folder(self.folder).close()

    def test_no_folder(self):
        self.folder.write_text("a file")
        with self.assertRaises(WrongArguments):
            folder.Folder(self.folder)
        for path in (self.folder / "below", pathlib.Path("/proc/x")):
            with self.assertRaises(CannotRun):
                folder.Folder(path)


@unittest.skipUnless(importlib.util.find_spec("google"), "protobuf is not installed: deploy/install test")
class Reading(Tool):
    def expect(self, status, *words):
        got, said = self.start("check", self.folder)
        self.assertEqual(got, status, said)
        self.assertNotIn("Traceback", said)
        for word in words:
            self.assertIn(word, said)

    def test_what_can_be_read_is_judged(self):
        self.make()
        self.expect(1, "1 try, the last: nothing was heard of it", "has an empty body", "9.5")
        self.assertTrue((self.folder / "found.txt").exists())

    def test_runs_that_did_not_end(self):
        self.make(run=RUN)
        self.expect(3, "did not come to its end")
        for name in [*LINES, "final.json"]:
            self.make()
            (self.folder / name).unlink()
            self.expect(3, name)
        for name in LINES:
            self.make(**{name.partition(".")[0]: []})
            self.expect(3, name)

    def test_lines_that_cannot_be_read(self):
        for name, usual in LINES.items():
            for bad in ({"a": 1}, 7):
                self.make(**{name.partition(".")[0]: [usual[0], bad, *usual[1:]]})
                self.expect(3, f"{name}, line 2 cannot be read")
        self.make(events=[{**LINES["events.jsonl"][0], "value": "abc"}])
        self.expect(3, "events.jsonl, line 1 cannot be read", "base64")
        for name in ("key", "answer"):
            line = {**CALL, "answered": 1, "status": 200, "answer": {}}
            del line[name]
            self.make(ledger=[line])
            self.expect(3, f"ledger.jsonl, line 1 cannot be read: it has no '{name}'")

    def test_a_broken_line_hides_nothing_and_a_cut_end_is_left_out(self):
        self.make()
        path = self.folder / "ledger.jsonl"
        path.write_text('{"order": 1, "st\n' + path.read_text())
        self.expect(3, "ledger.jsonl, line 1 cannot be read")
        self.make()
        path.write_text(path.read_text() + '{"order": 1, "st')
        self.expect(1)

    def test_files_that_are_no_object(self):
        for name in ("run.json", "final.json"):
            for text in ("", "[]", '{"repl'):
                self.make()
                (self.folder / name).write_text(text)
                self.expect(3, name)

    def test_what_a_product_says_wrongly_is_found(self):
        self.make(final={**EMPTY, "journeys": {ORDER: {"order_id": ORDER, "status": 5, "lines": 7}}})
        self.expect(1, f"illegal: journey of {ORDER}")
        for name, value in (("ce_seq", "x"), ("ce_epoch", None)):
            self.make(events=[{**LINES["events.jsonl"][0], "headers": {**HEADERS, name: value}}])
            self.expect(1, "illegal", name)

    def test_less_than_was_written_never_passes(self):
        self.make(run={**ENDED, "recorded": {"heard.jsonl": 2}})
        self.expect(1, "heard.jsonl has 1 lines, and the run wrote 2")


class Stack(unittest.TestCase):
    def setUp(self):
        made = tempfile.TemporaryDirectory()
        self.addCleanup(made.cleanup)
        self.folder = pathlib.Path(made.name)

    def test_servers_are_known_before_they_have_a_disk(self):
        made = brokers.make(3, self.folder, self.folder)
        self.assertFalse([b for b in made if b.folder.exists()])
        for broker in made:
            broker.stop()
            broker.out.close()

    def test_a_service_that_ends_at_once_is_named(self):
        it = stack.Stack.__new__(stack.Stack)
        it.logs, it.processes = self.folder, [SimpleNamespace(name="edge-1", running=SimpleNamespace(poll=lambda: 0))]
        with self.assertRaisesRegex(CannotRun, "edge-1 ended with status 0 before it was ready"):
            it.await_ready(300, begin=True)

    def test_a_dead_factory_is_named(self):
        it = processes.Factory.__new__(processes.Factory)
        it.stack, it.running, it.ended = SimpleNamespace(logs=self.folder), None, [1] * 4
        self.assertFalse(it.lives())
        it.ended.append(1)
        with self.assertRaisesRegex(CannotRun, "the factory ended by itself 5 times"):
            it.lives()


class Judging(unittest.TestCase):
    def expect(self, history, kind, words):
        self.assertTrue([text for what, text in found(history) if what == kind and words in text], found(history))

    def test_empty_bodies_are_found(self):
        for kind in sorted({event.type for event in good().events}):
            with self.subTest(kind):
                history = good()
                of(history, kind).body.clear()
                self.expect(history, "illegal", "has an empty body")

    def test_a_body_that_names_nothing_is_found(self):
        history = good()
        of(history, "WorkOrderOffered").body["work_order"].pop("work_order_id")
        self.expect(history, "illegal", "has no work_order.work_order_id")

    def test_certificates_taken_away(self):
        history = good()
        history.final["certificates"] = {}
        self.expect(history, "differing", "a certificate by its journey")

    def test_orders_and_tickets_of_nobody(self):
        history = good()
        history.final["orders"]["ord_2"] = {"state": "ORDER_STATE_PLACED"}
        history.final["tickets"].append({"ticket_id": "tkt_2"})
        self.expect(history, "illegal", "intake lists order ord_2")
        self.expect(history, "illegal", "aftersales lists ticket tkt_2")

    def test_tries_are_counted_as_they_were(self):
        history = good()
        del history.ledger[-1]
        self.expect(history, "lost", "never answered: 1 try, ")

    def test_found_txt_is_of_the_last_check(self):
        with tempfile.TemporaryDirectory() as made:
            path = pathlib.Path(made) / "found.txt"
            report.note_found(path, ["lost: x"])
            self.assertTrue(path.exists())
            report.note_found(path, [])
            self.assertFalse(path.exists())
            report.note_found(pathlib.Path(made), ["no file can be written here"])

    def test_an_error_of_this_program_is_no_finding(self):
        with tempfile.TemporaryDirectory() as made:
            self.assertEqual(common.guarded("x", lambda: {}["a"], lambda: pathlib.Path(made)), 3)
            self.assertIn("KeyError", (pathlib.Path(made) / "error.txt").read_text())
        self.assertEqual(common.guarded("x", lambda: {}["a"]), 3)


if __name__ == "__main__":
    unittest.main()
