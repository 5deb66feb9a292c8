"""What the load drivers share: a caller that speaks HTTP like any shop, and an order from wish to placed."""
import http.client, json, threading, time, urllib.parse


class Shop:
    """Keeps one connection; every call is repeated after 429, 503, 504 and broken connections. Not for several threads."""

    repeated = []  # why, one a call of any shop that had to be made again

    def __init__(self, url, token):
        self.address, self.token, self.connection = urllib.parse.urlsplit(url), token, None

    def call(self, verb, path, body=None, key=None):
        headers = {"authorization": "Bearer " + self.token, "content-type": "application/json"}
        if key:
            headers["idempotency-key"] = key
        attempt, give_up = 0, time.monotonic() + 120
        while time.monotonic() < give_up:
            fresh = self.connection is None
            try:
                if fresh:
                    self.connection = http.client.HTTPConnection(self.address.hostname, self.address.port, timeout=60)
                self.connection.request(verb, path, None if body is None else json.dumps(body), headers)
                answer = self.connection.getresponse()
                text = answer.read()
                if answer.status not in (429, 503, 504):
                    return answer.status, json.loads(text or b"{}")
                self.repeated.append(str(answer.status))
                attempt += 1
                time.sleep(min(2, 0.2 + 0.1 * attempt))
            except (OSError, http.client.HTTPException) as error:
                self.connection = None
                if fresh:  # else a kept connection that the other end has closed: nothing to wait for
                    self.repeated.append(type(error).__name__)
                    time.sleep(0.2)
        return 0, {"message": "no answer"}


def party(role):
    return {"role": role, "details": {"name": "Load", "email": "load@example.com", "address_lines": ["1 Load Street"],
            "city": "Shanghai", "postal_code": "10000", "country": "CN", "zone": "Asia/Shanghai", "locale": "en"}}


class Orders:
    """Orders from wish to placed, from several threads; what failed and how long each call took."""

    def __init__(self, placed_list=None):
        self.lock, self.placed_list = threading.Lock(), placed_list
        self.placed, self.failed = [], []
        self.latencies = {"capture": [], "quote": [], "place": []}

    def place(self, shop, key, model, choice, quantity=1, lines=1):
        wish = {"model_id": model, "quantity": str(quantity), "choices": [{"feature": choice, "selected": True}]}
        steps = {}

        def timed(name, path, body):
            begin = time.monotonic()
            status, answer = shop.call("POST", path, body, f"{key}-{name}")
            steps[name] = time.monotonic() - begin
            if status != 200:
                with self.lock:
                    self.failed.append((name, status, json.dumps(answer)[:300]))
                return None
            return answer

        captured = timed("capture", "/v1/orders", {"channel": "CHANNEL_PORTAL",
                         "parties": [party("PARTY_ROLE_BUYER"), party("PARTY_ROLE_SHIP_TO")], "wishes": [wish] * lines})
        if captured is None:
            return None
        path = f"/v1/orders/{captured['order_id']}"
        quoted = timed("quote", path + "/quote", {})
        if quoted is None or timed("place", path + "/place", {"quote_id": quoted.get("quote_id", "")}) is None:
            return None
        with self.lock:
            self.placed.append(captured["order_id"])
            if self.placed_list:
                self.placed_list.write(captured["order_id"] + "\n")
            for name, seconds in steps.items():
                self.latencies[name].append(seconds)
        return captured["order_id"]


def in_plan(shop, order):
    """Whether the order's journey says that it is scheduled, and the journey."""
    _, journey = shop.call("GET", f"/v1/orders/{order}/journey")
    milestones = journey.get("journey", journey).get("milestones", [])
    return any(m.get("milestone") == "MILESTONE_SCHEDULED" and m.get("reached_at") for m in milestones), journey


def quantile_ms(values, p):
    return sorted(values)[min(len(values) - 1, int(p * len(values)))] * 1000 if values else 0
