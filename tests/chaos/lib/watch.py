"""Watchers of orders by server-sent events: each follows one order until it has ended, and comes back with Last-Event-
ID after every break. What each heard is kept as it came: each revision must come once, in order, and none may be left
out."""
import http.client, json, random, threading, time

from . import common

ENDS = {"JOURNEY_STATUS_CANCELLED", "JOURNEY_STATUS_CLOSED"}


def read_events(stream, stopping):
    """(id, data) of each event of the stream, as the standard says: a blank line ends one."""
    last, data = "", []
    while not stopping.is_set():
        line = stream.readline()
        if not line:
            return
        line = line.decode().rstrip("\r\n")
        if not line:
            if data:
                yield last, "\n".join(data)
            data = []
        elif line.startswith("id:"):
            last = line[3:].strip()
        elif line.startswith("data:"):
            data.append(line[5:].removeprefix(" "))


class Watcher:
    def __init__(self, watch, number, name):
        self.watch, self.number, self.name, self.last, self.ended = watch, number, name, "", False
        self.order, self.turn, self.seen = None, number, 0
        self.thread = threading.Thread(target=self.follow, daemon=True)
        self.thread.start()

    def follow(self):
        while not self.watch.stopping.is_set():
            self.order = self.order or self.watch.shop.captured.get(self.number)
            if self.order is None:
                time.sleep(0.2)
                continue
            try:
                self.listen()
            except (OSError, http.client.HTTPException, ValueError):
                pass
            self.watch.stopping.wait(0.3)

    def listen(self):
        self.turn += 1
        host, port = self.watch.stack.urls[self.turn % len(self.watch.stack.urls)]
        connection = http.client.HTTPConnection(host, port, timeout=30)
        headers = {"authorization": "Bearer " + self.watch.stack.token, "accept": "text/event-stream"}
        if self.last:
            headers["last-event-id"] = self.last
        try:
            connection.request("GET", f"/v1/orders/{self.order}/events", headers=headers)
            answer = connection.getresponse()
            if answer.status != 200:
                answer.read()
                return
            for name, data in read_events(answer, self.watch.stopping):
                self.heard(name, data)
        finally:
            connection.close()

    def heard(self, name, data):
        body = json.loads(data)
        self.watch.lines.append(at=common.now(),
                                watcher=self.name,
                                order=self.order,
                                after=self.last,
                                id=name,
                                data=body)
        self.last, self.seen = name, max(self.seen, int(name or 0))
        self.ended = body.get("status") in ENDS


class Watch:
    """Two watchers an order, for some orders all over the run."""

    def __init__(self, stack, shop, path, seed, orders, count=8):
        self.stack, self.shop, self.stopping, self.lines = stack, shop, threading.Event(), common.Lines(path)
        draw = random.Random(f"{seed}/watch")
        numbers = draw.sample(range(orders), min(count, orders))
        self.watchers = [Watcher(self, number, f"watcher-{number}-{twin}") for number in numbers for twin in (1, 2)]

    def behind(self, revisions):
        """Those who have not heard the last revision of their order."""
        return [w.name for w in self.watchers if w.order and w.seen < revisions.get(w.order, 0)]

    def stop(self):
        self.stopping.set()
        for watcher in self.watchers:
            watcher.thread.join(0.1)
