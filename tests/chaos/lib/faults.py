"""Doing the faults of the plan, one after the other, and measuring how long each is felt after its end. A fault is one
function that returns when it is over; it is found by its kind: "kill service" is kill_service."""
import random, signal, threading, time

from . import common, messages
from .shop import Customer, Story


class Skip(Exception):
    """This fault cannot be done here; says why."""


class Faults:
    def __init__(self, stack, shop, reader, history, plan, progress=common.say):
        self.stack, self.shop, self.reader, self.history, self.plan = stack, shop, reader, history, plan
        self.messages = messages.Messages(stack, reader, history)
        self.progress, self.recoveries, self.skipped = progress, [], []
        self.done = 0

    def run(self):
        for fault in self.plan:
            time.sleep(fault["before"])
            begin = common.now()
            self.history.append(what="fault", at=begin, **fault)
            note = self.do(fault)
            end = common.now()
            if note and note.startswith("skipped"):
                self.skipped.append(f"{fault['kind']}: {note}")
            recovery = self.await_recovery(fault, end)
            self.recoveries.append(recovery)
            self.done += 1
            self.history.append(what="recovered", at=common.now(), number=fault["number"], lasted=round(end - begin, 2),
                                recovery=round(recovery, 2), note=note)
            self.progress(fault, end - begin, recovery, note)

    def do(self, fault):
        try:
            return getattr(self, fault["kind"].replace(" ", "_"))(fault)
        except Skip as why:
            return f"skipped: {why}"

    def await_recovery(self, fault, end, patience=120):
        """From the fault's end until an order placed after it was acknowledged and everybody is ready again."""
        story = Story(self.shop.seed, -fault["number"])  # of a number that no customer has
        story.kind, story.ticket = "plain", False
        probe = Customer(self.shop, fault["number"])
        placed = threading.Thread(target=lambda: probe.order(story, lambda order: self.shop.captured.__setitem__(
            story.number, order)), daemon=True)
        placed.start()
        give_up, sign = time.monotonic() + patience, None
        while time.monotonic() < give_up:
            why = self.stack.not_ready()
            if not placed.is_alive() and not why:
                return common.now() - end
            # As long as anything goes on it is waited for, on a slow machine too.
            now = (self.shop.done, self.shop.answers, sorted(why))
            if now != sign:
                sign, give_up = now, time.monotonic() + patience
            time.sleep(0.1)
        self.history.append(what="not recovered", at=common.now(), number=fault["number"], not_ready=why,
                            order="not placed" if placed.is_alive() else "placed")
        return common.now() - end

    # --- processes -------------------------------------------------------------------------------------------------

    def kill_service(self, fault):
        process = self.stack.process(fault["target"])
        process.kill()
        time.sleep(fault["seconds"])
        process.start()

    def freeze_service(self, fault):
        process = self.stack.process(fault["target"])
        process.freeze(True)
        time.sleep(fault["seconds"])
        process.freeze(False)

    def server(self, fault):
        return next((b for b in self.stack.brokers if b.name == fault.get("target")), self.stack.postgres)

    def kill_broker(self, fault):
        server = self.server(fault)
        server.kill()
        time.sleep(fault["seconds"])
        server.start()

    kill_postgres = kill_broker

    def freeze_broker(self, fault):
        server = self.server(fault)
        server.signal(signal.SIGSTOP)
        time.sleep(fault["seconds"])
        server.signal(signal.SIGCONT)

    def freeze_postgres(self, fault):
        """The postmaster alone: sessions go on, and no new one is let in."""
        self.freeze_broker(fault)

    def kill_backend(self, fault):
        killed = self.stack.postgres.kill_backends(fault["count"])
        self.stack.postgres.start()
        return f"{killed} sessions"

    # --- the network -----------------------------------------------------------------------------------------------

    def treat(self, fault, how, **more):
        if "of" in fault:
            more["of"] = [self.stack.process(fault["of"]).running.pid]
        self.stack.tell_proxy(treat=fault["target"], **{"as": how}, **more)
        time.sleep(fault["seconds"])
        self.stack.tell_proxy(treat=fault["target"], **{"as": "pass"})

    def cut_postgres(self, fault):
        self.treat(fault, "cut")

    def hang_postgres(self, fault):
        self.treat(fault, "hang")

    def delay_postgres(self, fault):
        self.treat(fault, "delay", seconds=fault["delay"])

    cut_kafka, hang_kafka, delay_kafka = cut_postgres, hang_postgres, delay_postgres

    # --- disks -----------------------------------------------------------------------------------------------------

    def fill_postgres(self, fault):
        server = self.server(fault)
        if not server.disk.mounted:
            raise Skip(f"no disk of its own may be mounted here ({server.disk.why_not})")
        server.disk.fill()
        first = server.running
        time.sleep(fault["seconds"])
        server.disk.free()
        time.sleep(1)  # what found its disk full may be about to end
        server.start()
        died = server.running is not first
        return "it ended, and was started again" if died else "it went on"

    fill_broker = fill_postgres

    # --- messages --------------------------------------------------------------------------------------------------

    def duplicate_messages(self, fault):
        return self.messages.duplicate(random.Random(fault["draw"]), fault["count"])

    def reorder_messages(self, fault):
        return self.messages.reorder(random.Random(fault["draw"]), fault["count"])

    def poison_messages(self, fault):
        return self.messages.poison(random.Random(fault["draw"]), fault["count"])

    def delete_records(self, _):
        return self.messages.delete()
