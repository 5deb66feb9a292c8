"""The plan comes from the seed alone, every fault of it can be done, and the proxy does what it is told."""
import json
import pathlib
import socket
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
from chaos.lib import common, lives, plan, plants, report
from chaos.lib.check_ledger import orders_by_number
from chaos.lib.history import History, instant
from chaos.lib.shop import Story


class Plants(unittest.TestCase):
    def test_are_as_large_as_the_orders_need(self):
        self.assertEqual([plants.size_for(orders) for orders in (1, 2000, 2001, 20000)], [1, 1, 2, 10])

    def test_have_as_many_of_each_machine_and_operator(self):
        for name in plants.PLANTS:
            usual, package = plants.product(name, 1)
            large, _ = plants.product(name, 10)
            self.assertEqual(usual, json.loads((common.TOP / "deploy/products" / name / "plant.json").read_text()))
            self.assertTrue(package["uvl"])
            ids = [one["equipmentId"] for one in large["equipment"]]
            self.assertEqual(len(set(ids)), 10 * len(usual["equipment"]))
            self.assertEqual(ids[:len(usual["equipment"])], [one["equipmentId"] for one in usual["equipment"]])
            self.assertEqual(sum(crew["count"] for crew in large["operators"]),
                             10 * sum(crew["count"] for crew in usual["operators"]))


class Plan(unittest.TestCase):
    def test_same_seed_same_plan(self):
        self.assertEqual(plan.make(7, 200, 2, 3), plan.make(7, 200, 2, 3))
        self.assertNotEqual(plan.make(7, 200, 2, 3), plan.make(8, 200, 2, 3))

    def test_every_kind_comes(self):
        self.assertEqual({fault["kind"] for fault in plan.make(1, len(plan.KINDS))}, set(plan.KINDS))

    def test_every_kind_can_be_done(self):
        try:
            from chaos.lib.faults import Faults
        except ModuleNotFoundError as missing:
            self.skipTest(f"{missing.name} is not installed: deploy/install test")
        for kind in plan.KINDS:
            self.assertTrue(callable(getattr(Faults, kind.replace(" ", "_"), None)), kind)

    def test_same_seed_same_customers(self):
        tell = [[vars(Story(3, number)) for number in range(50)] for _ in range(2)]
        self.assertEqual(*tell)


class Saying(unittest.TestCase):
    def test_the_longest_wait_names_its_call_and_its_faults(self):
        history = History()
        self.assertEqual(report.longest_wait(history), "a customer waited for an answer for 0.0 s at most")
        history.run = {"longest_call": {"seconds": 9.5, "at": 100.0, "step": "quote", "order": 3, "tries": 2}}
        history.faults = [{"what": "fault", "at": at, "number": number, "kind": kind, "before": 0.5, "seconds": 3.0}
                          for number, at, kind in ((1, 90.0, "cut edge"), (2, 98.0, "kill broker"), (3, 109.0, "freeze edge"),
                                                   (4, 110.0, "delete records"))]
        self.assertEqual(report.longest_wait(history), "a customer waited for an answer for 9.5 s at most (quote of order 3, "
                         "asked 2 times; faults: 2 kill broker, 3 freeze edge)")


class Reading(unittest.TestCase):
    def test_lives(self):
        self.assertTrue(lives.may("Shipment", lives.START, "planned"))
        self.assertFalse(lives.may("Shipment", "planned", "delivered"))
        self.assertTrue(lives.may("Work order", "offered", "completed", unseen=("running",)))
        self.assertEqual(lives.by_event("Order", "quoted", "OrderPlaced"), "placed")
        self.assertIsNone(lives.by_event("Order", "captured", "OrderPlaced"))

    def test_times_compare_as_text(self):
        self.assertLess(instant("2026-01-01T00:00:00Z"), instant("2026-01-01T00:00:00.1Z"))
        self.assertLess(instant("2026-01-01T00:00:00.09Z"), instant("2026-01-01T00:00:00.1Z"))

    def test_unknown_is_not_acknowledged(self):
        asked = {"order": 1, "step": "capture", "key": "k", "asked": 1}
        unknown = {"order": 1, "step": "capture", "key": "k", "answered": 1, "status": 0, "answer": {}}
        self.assertEqual(orders_by_number(History(ledger=[asked, unknown])), {})
        known = {**unknown, "status": 200, "answer": {"order_id": "ord_1"}}
        self.assertEqual(orders_by_number(History(ledger=[asked, unknown, known])), {1: "ord_1"})

    def test_records_are_deleted_below_the_slowest(self):
        try:
            from chaos.lib.messages import safe_offsets
        except ModuleNotFoundError as missing:
            self.skipTest(f"{missing.name} is not installed: deploy/install test")
        chain = {"topic": "t", "partition": 0, "source": "s", "epoch": "1"}
        chains = [{**chain, "reached": "9"}, {**chain, "reached": "2"}]
        read = {("t", 0): [(0, "s", 1, 1), (1, None, 0, 0), (2, "s", 1, 2), (3, "s", 1, 3), (4, "s", 1, 4)]}
        self.assertEqual(safe_offsets(chains, read), {("t", 0): 3})


def receive(connection, count):
    got = b""
    while len(got) < count and (more := connection.recv(count - len(got))):
        got += more
    return got


class Proxy(unittest.TestCase):
    """An echo behind it. What is to pass must come; what is to hang must come when it passes again."""

    def setUp(self):
        self.ask_again = threading.Event()
        self.server = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.echo, daemon=True).start()
        self.proxy = subprocess.Popen([sys.executable, common.TOP / "tests/chaos/lib/proxy.py"], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, text=True, bufsize=1)
        self.port = common.free_port()
        self.tell(listen=self.port, to=self.server.getsockname()[1], name="echo/1")

    def tearDown(self):
        self.proxy.kill()
        self.proxy.communicate()
        self.server.close()

    def echo(self):
        while True:
            try:
                peer, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self.answer, args=(peer,), daemon=True).start()

    def answer(self, peer):
        with peer:
            try:
                while data := peer.recv(1000):
                    if data == b"and then?":
                        self.ask_again.wait(30)
                        return peer.sendall(b"no more")
                    peer.sendall(data)
            except OSError:
                pass

    def tell(self, **command):
        self.proxy.stdin.write(json.dumps(command) + "\n")
        self.assertEqual(self.proxy.stdout.readline(), "done\n")

    def ask(self, connection, text=b"hello"):
        connection.sendall(text)
        return receive(connection, len(text))

    def connect(self):
        connection = socket.create_connection(("127.0.0.1", self.port), 30)
        self.addCleanup(connection.close)
        return connection

    def test_passes_much(self):
        connection, text = self.connect(), bytes(range(256)) * 8000
        sender = threading.Thread(target=connection.sendall, args=(text,))
        sender.start()
        self.assertEqual(receive(connection, len(text)), text)
        sender.join()

    def test_cuts(self):
        connection = self.connect()
        self.assertEqual(self.ask(connection), b"hello")
        self.tell(treat="echo", **{"as": "cut"})
        for connected in (lambda: connection, self.connect):  # who connects may be cut while he does
            with self.assertRaises(OSError):
                one = connected()
                one.sendall(b"x")
                if not one.recv(1):
                    raise ConnectionResetError
        self.tell(treat="echo", **{"as": "pass"})
        self.assertEqual(self.ask(self.connect()), b"hello")

    def test_hangs_and_goes_on(self):
        connection = self.connect()
        self.assertEqual(self.ask(connection), b"hello")
        self.tell(treat="echo", **{"as": "hang"})
        connection.sendall(b"later")
        connection.settimeout(0.3)
        with self.assertRaises(TimeoutError):
            connection.recv(1)
        self.tell(treat="echo", **{"as": "pass"})
        connection.settimeout(30)
        self.assertEqual(receive(connection, 5), b"later")

    def closed_while_it_hangs(self):
        connection = self.connect()
        self.assertEqual(self.ask(connection), b"hello")
        connection.sendall(b"and then?")
        self.tell(treat="echo", **{"as": "hang"})
        self.ask_again.set()
        time.sleep(0.3)  # it says its last and goes
        connection.settimeout(30)
        return connection

    def test_what_a_server_says_and_closes_meanwhile_comes_with_its_end(self):
        connection = self.closed_while_it_hangs()
        self.tell(treat="echo", **{"as": "pass"})
        self.assertEqual(receive(connection, 7), b"no more")
        self.assertEqual(connection.recv(1), b"", "the end comes, too")

    def test_what_has_closed_meanwhile_is_cut(self):
        connection = self.closed_while_it_hangs()
        self.tell(treat="echo", **{"as": "cut"})
        with self.assertRaises(ConnectionResetError):
            connection.recv(1)

    def test_delays_in_order(self):
        connection = self.connect()
        self.tell(treat="echo", seconds=0.05, **{"as": "delay"})
        for _ in range(3):
            self.assertEqual(self.ask(connection, b"one after the other"), b"one after the other")

    def test_only_of_one_process(self):
        connection = self.connect()
        self.assertEqual(self.ask(connection), b"hello")
        self.tell(treat="echo", of=[self.proxy.pid], **{"as": "cut"})
        self.assertEqual(self.ask(connection), b"hello")


if __name__ == "__main__":
    unittest.main()
