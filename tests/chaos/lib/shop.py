"""The customers: orders through the edge, each call repeated under its key until it is answered, and all of it in a
ledger of their own. What a call without an answer did is unknown until a repetition is answered."""
import http.client, json, random, threading, time

from . import common

# Outcomes that say nothing of what was done, or that nothing was: ask again under the same key.
REPEAT = {0, 408, 425, 429, 500, 502, 503, 504}


def unknown(status, answer):
    return status in REPEAT or answer.get("code") == "aborted"


PRODUCTS = {"mdl_screw-compressor": ["Motor_37_kW", "Motor_7_5_kW", "Motor_90_kW", "IE3", "P_8_bar"],
            "mdl_pc-richmond": ["i3-7100 Kaby Lake", "i5-7500 Kaby Lake", "i7-7700 Kaby Lake", "G4560 Kaby Lake"]}
NOT_BUILDABLE = ["Airend_S", "Motor_160_kW"]


def party(role):
    return {
        "role": role,
        "details": {
            "name": "Chaos",
            "email": "chaos@example.com",
            "address_lines": ["1 Chaos Street"],
            "city": "Shanghai",
            "postal_code": "10000",
            "country": "CN",
            "zone": "Asia/Shanghai",
            "locale": "en"
        }
    }


class Story:
    """What one customer does, drawn from the seed and the order's number alone."""

    def __init__(self, seed, number):
        draw = random.Random(f"{seed}/order/{number}")
        self.number, self.key = number, f"chaos-{seed}-{number}"
        self.kind = draw.choices(["plain", "unbuildable", "changed", "cancelled early", "cancelled late"],
                                 [66, 10, 8, 4, 12])[0]
        self.ticket = draw.random() < 0.06 and self.kind == "plain"
        self.model = draw.choice(list(PRODUCTS))
        self.choice, self.other = draw.sample(PRODUCTS[self.model], 2)
        self.quantity = draw.choices([1, 2, 3], [92, 5, 3])[0]
        self.patience = draw.uniform(0, 3)  # before a placed order is cancelled

    def wish(self, *choices):
        return {"model_id": self.model, "quantity": str(self.quantity),
                "choices": [{"feature": choice, "selected": True} for choice in choices]}

    def capture(self):
        wish = self.wish(self.choice)
        if self.kind == "unbuildable":
            self.model = "mdl_screw-compressor"
            wish = self.wish(*NOT_BUILDABLE)
        return {"channel": "CHANNEL_PORTAL", "parties": [party("PARTY_ROLE_BUYER"), party("PARTY_ROLE_SHIP_TO")],
                "wishes": [wish], "external_refs": [{"system": "chaos", "type": "key", "id": self.key}]}


class Customer:
    """One connection at a time, to one edge after another."""

    def __init__(self, shop, number):
        self.shop, self.edge, self.connection = shop, number, None

    def once(self, path, body, key):
        """One try: status and answer; 0 where there was no answer."""
        try:
            if self.connection is None:
                self.edge += 1
                host, port = self.shop.urls[self.edge % len(self.shop.urls)]
                self.connection = http.client.HTTPConnection(host, port, timeout=20)
            headers = {"authorization": "Bearer " + self.shop.token, "content-type": "application/json",
                       "idempotency-key": key}
            self.connection.request("POST", path, json.dumps(body), headers)
            answer = self.connection.getresponse()
            return answer.status, json.loads(answer.read() or b"{}")
        except (OSError, http.client.HTTPException, ValueError) as error:
            if self.connection is not None:
                self.connection.close()
            self.connection = None
            return 0, {"error": type(error).__name__}

    def call(self, story, step, path, body, key):
        """Until it is answered, or the run gives up. None: it was not answered."""
        tries, begin, at = 0, time.monotonic(), common.now()
        while not self.shop.giving_up.is_set():
            tries += 1
            self.shop.ledger.append(at=common.now(), order=story.number, step=step, key=key, asked=tries)
            status, answer = self.once(path, body, key)
            self.shop.ledger.append(at=common.now(),
                                    order=story.number,
                                    step=step,
                                    key=key,
                                    answered=tries,
                                    status=status,
                                    answer=brief(answer))
            if not unknown(status, answer):
                self.shop.answers += 1
                self.shop.took({"seconds": round(time.monotonic() - begin, 1), "at": at, "step": step,
                                "order": story.number, "tries": tries})
                return status, answer
            time.sleep(min(1.0, 0.1 * tries))
        return None

    def order(self, story, on_captured=lambda order: None):
        """Places the order that the story tells; its id where it was placed."""
        done = self.call(story, "capture", "/v1/orders", story.capture(), story.key + "-capture")
        if done is None or done[0] != 200:
            return None
        order = done[1]["order_id"]
        on_captured(order)
        path = f"/v1/orders/{order}"
        if story.kind == "cancelled early":
            self.call(story, "cancel", path + "/cancel", {"reason": "CUSTOMER_CHANGED_MIND"}, story.key + "-cancel")
            return None
        if story.kind == "changed":
            self.call(story, "change", path + "/answers", {"wishes": [story.wish(story.other)]}, story.key + "-change")
        if not self.place(story, path):
            return None
        if story.kind == "cancelled late":
            self.shop.giving_up.wait(story.patience)
            self.call(story, "cancel", path + "/cancel", {"reason": "CUSTOMER_CHANGED_MIND"}, story.key + "-cancel")
        if story.ticket:
            self.call(story, "ticket", "/v1/tickets", ticket(order, story.key), story.key + "-ticket")
        return order

    def place(self, story, path):
        """Quotes and places. Where the quote ran out meanwhile (the factory moves the clock), again under new keys."""
        for turn in range(1, 20):
            quoted = self.call(story, "quote", path + "/quote", {}, f"{story.key}-quote-{turn}")
            if quoted is None or quoted[0] != 200 or not quoted[1].get("quote_id"):
                return False
            body = {"quote_id": quoted[1]["quote_id"]}
            placed = self.call(story, "place", path + "/place", body, f"{story.key}-place-{turn}")
            if placed is None or placed[0] == 200:
                return placed is not None
        return False


def ticket(order, key):
    return {
        "order_id": order,
        "category": "TICKET_CATEGORY_DOCUMENTS",
        "impact": "IMPACT_LOW",
        "urgency": "URGENCY_MEDIUM",
        "text": "Where do I find the certificate?",
        "external_refs": [{
            "system": "chaos",
            "type": "key",
            "id": key
        }]
    }


def brief(answer):
    """What is kept of an answer: no more than the checks read."""
    kept = {
        name: answer[name]
        for name in ("order_id", "quote_id", "answer", "total_net", "state", "line_ids", "message", "reason", "code",
                     "error", "title", "detail") if name in answer
    }
    if "ticket" in answer:
        kept["ticket_id"] = answer["ticket"].get("ticket_id")
    return kept


class Shop:
    def __init__(self, stack, ledger, seed, orders, rate, callers=8):
        self.urls, self.token, self.ledger = stack.urls, stack.token, ledger
        self.seed, self.orders, self.rate = seed, orders, rate
        self.giving_up, self.next, self.lock = threading.Event(), 0, threading.Lock()
        self.longest, self.done, self.answers, self.captured = {"seconds": 0.0}, 0, 0, {}
        self.threads = [threading.Thread(target=self.caller, args=(n,), daemon=True) for n in range(callers)]

    def took(self, call):
        with self.lock:
            self.longest = max(self.longest, call, key=lambda one: one["seconds"])

    def start(self):
        self.begin = time.monotonic()
        for thread in self.threads:
            thread.start()

    def caller(self, n):
        customer = Customer(self, n)
        while not self.giving_up.is_set():
            with self.lock:
                number, self.next = self.next, self.next + 1
            if number >= self.orders or self.giving_up.wait(max(0, self.begin + number / self.rate - time.monotonic())):
                return
            customer.order(Story(self.seed, number), lambda order: self.captured.__setitem__(number, order))
            with self.lock:
                self.done += 1

    def finished(self):
        return not any(thread.is_alive() for thread in self.threads)
