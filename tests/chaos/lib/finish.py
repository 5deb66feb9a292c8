"""The end of a run: waits until nothing is under way any more, as long as there is progress, and reads everything there
is to read from the edge."""
import json, time, urllib.parse

OVER = {"JOURNEY_STATUS_CANCELLED", "JOURNEY_STATUS_DELIVERED", "JOURNEY_STATUS_CLOSED", "JOURNEY_STATUS_REFUSED"}


class Finish:
    def __init__(self, stack, shop, watch, reader, patience=180):
        self.stack, self.shop, self.watch, self.reader, self.patience = stack, shop, watch, reader, patience
        self.turn = 0

    def get(self, path):
        """Asked until it is answered, at one edge after another; 404 is an answer."""
        give_up = time.monotonic() + self.patience
        while True:
            self.turn += 1
            status, answer = self.stack.call("GET", path, edge=self.turn, timeout=30)
            if status in (200, 404):
                return answer if status == 200 else None
            if time.monotonic() > give_up:
                return None
            time.sleep(0.3)

    def pages(self, path, name):
        """All rows of a list that comes in pages."""
        rows, token = [], ""
        while True:
            more = f"&page.page_token={urllib.parse.quote(token)}" if token else ""
            answer = self.get(f"{path}page.page_size=200{more}") or {}
            rows += answer.get(name, [])
            token = answer.get("next_page_token", "")
            if not token:
                return rows

    def standing(self):
        counts = self.get("/v1/journeys:count") or {}
        return {
            f"{s.get('status', '')} {s.get('milestone', '')}": int(s.get("orders", 0))
            for s in counts.get("stages", [])
        }

    def await_end(self):
        """Until every order has come to its end; without any change for `patience` seconds it is given up."""
        before, give_up = None, time.monotonic() + self.patience
        while True:
            now = self.standing()
            under_way = sum(count for stage, count in now.items() if stage.split()[0] not in OVER)
            if self.shop.finished() and now and under_way == 0:
                return True
            sign = (now, self.shop.done, self.reader.count)  # which does not count that the clock moves on
            if sign != before:
                before, give_up = sign, time.monotonic() + self.patience
            elif time.monotonic() > give_up:
                return False
            time.sleep(0.5)

    def await_quiet(self):
        """Everything said is heard, by the services, by this run's consumer and by its watchers."""
        give_up, sign, answer = time.monotonic() + self.patience, None, {}
        while time.monotonic() < give_up:
            answer = self.get("/v1/system/quiet?wait_milliseconds=3000") or {}
            revisions = {j["order_id"]: int(j.get("revision", 0)) for j in self.journeys_of_watched()}
            if answer.get("quiet") and self.reader.caught_up() and not self.watch.behind(revisions):
                return ""
            heard = sum(w.seen for w in self.watch.watchers)
            if (self.reader.count, heard) != sign:
                sign, give_up = (self.reader.count, heard), time.monotonic() + self.patience
            time.sleep(0.2)
        return answer.get("why_not") or f"watchers are behind: {self.watch.behind(revisions)}"

    def journeys_of_watched(self):
        orders = {w.order for w in self.watch.watchers if w.order}
        found = [self.get(f"/v1/orders/{order}/journey") for order in sorted(orders)]
        return [answer["journey"] for answer in found if answer]

    def read_all(self):
        orders = {o["order_id"]: o for o in self.pages("/v1/orders?", "orders")}
        # Those that the customers know of, and those that the list has.
        asked = sorted(set(orders) | set(self.shop.captured.values()))
        final = {"orders": {o: {k: v for k, v in row.items() if k in ("order_id", "state", "total_net", "quote_id")}
                            for o, row in orders.items()},
                 "journeys": {}, "certificates": {}, "tickets": [], "dead_letters": [], "plants": {}}
        for order in asked:
            if journey := self.get(f"/v1/orders/{order}/journey"):
                final["journeys"][order] = journey["journey"]
                if journey["journey"].get("certificate_available"):
                    answer = self.get(f"/v1/orders/{order}/certificate") or {}
                    final["certificates"][order] = [{"certificate_id": c.get("certificate_id"), "units": [
                        u.get("unit_id") for u in c.get("units", [])]} for c in answer.get("certificates", [])]
        final["tickets"] = self.pages("/v1/tickets?", "tickets")
        final["dead_letters"] = (self.get("/v1/dead-letters?include_closed=true") or {}).get("dead_letters", [])
        return final

    def write(self, folder, final):
        (folder / "final.json").write_text(json.dumps(final, ensure_ascii=False))
