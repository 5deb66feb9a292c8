"""Other customers, who order while a door is attacked: how many orders a second, before and meanwhile."""
import threading, time

from shop import Orders, Shop

MODEL, CHOICE = "mdl_screw-compressor", "Motor_37_kW"


class Pace:
    """Callers who place orders one after another until stop(); each keeps its connection, and every tenth order comes
    over a new one, as new customers do."""

    def __init__(self, url, token, callers):
        self.orders, self.stopping, self.begin = Orders(), threading.Event(), time.time_ns()
        self.times = []  # monotonic, one an order
        self.threads = [threading.Thread(target=self.run, args=(url, token, n), daemon=True) for n in range(callers)]
        for thread in self.threads:
            thread.start()

    def run(self, url, token, caller):
        shop, number = Shop(url, token), 0
        while not self.stopping.is_set():
            if number % 10 == 9:
                shop = Shop(url, token)
            if self.orders.place(shop, f"doors-{self.begin}-{caller}-{number}", MODEL, CHOICE) is not None:
                self.times.append(time.monotonic())
            number += 1

    def rate(self, since, until):
        return sum(since <= at < until for at in self.times) / (until - since)

    def measure(self, seconds):
        begin = time.monotonic()
        time.sleep(seconds)
        return self.rate(begin, time.monotonic())

    def longest_gap(self, since, until):
        times = [since, *[at for at in self.times if since <= at < until], until]
        return max((b - a for a, b in zip(times, times[1:])), default=0)

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join(130)
        return self.orders
