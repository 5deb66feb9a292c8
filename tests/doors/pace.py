"""Other customers, who order while a door is attacked: how many orders a second, and how long one takes, before and
meanwhile."""
import threading, time

from shop import Orders, Shop, quantile_ms

MODEL, CHOICE = "mdl_screw-compressor", "Motor_37_kW"


class Pace:
    """Callers who place orders one after another until stop(), all together at most `rate` a second (0: as they can);
    each keeps its connection, and every tenth order comes over a new one, as new customers do."""

    def __init__(self, url, token, callers, rate):
        self.orders, self.stopping, self.begin = Orders(), threading.Event(), time.time_ns()
        self.placed = []  # (begin, end), monotonic, one an order
        self.between, self.next, self.lock = 1 / rate if rate else 0, time.monotonic(), threading.Lock()
        self.threads = [threading.Thread(target=self.run, args=(url, token, n), daemon=True) for n in range(callers)]
        for thread in self.threads:
            thread.start()

    def turn(self):
        """Waits for the next order's time; what was late is not made up for. False where it is over meanwhile."""
        with self.lock:
            at = max(self.next, time.monotonic())
            self.next = at + self.between
        return not self.stopping.wait(max(0, at - time.monotonic()))

    def run(self, url, token, caller):
        shop, number = Shop(url, token), 0
        while self.turn():
            if number % 10 == 9:
                shop = Shop(url, token)
            begin = time.monotonic()
            if self.orders.place(shop, f"doors-{self.begin}-{caller}-{number}", MODEL, CHOICE) is not None:
                self.placed.append((begin, time.monotonic()))
            number += 1

    def figures(self, since, until):
        """Of the orders that were placed then: how many a second, and how long they took from the wish on."""
        ends = sorted(end for _, end in self.placed if since <= end < until)
        took = [end - begin for begin, end in self.placed if since <= end < until]
        gaps = [b - a for a, b in zip([since, *ends], [*ends, until])]
        return {"seconds": round(until - since, 1), "orders_per_s": round(len(ends) / (until - since), 1),
                "order_ms_median": round(quantile_ms(took, 0.5)), "order_ms_p99": round(quantile_ms(took, 0.99)),
                "longest_gap_s": round(max(gaps), 2)}

    def measure(self, seconds):
        begin = time.monotonic()
        time.sleep(seconds)
        return self.figures(begin, time.monotonic())

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join(130)
        return self.orders
