"""The checks find every kind of violation in a history that has one, and nothing in one that has none."""
import unittest

from shapes import LINE, ORDER, SHIPMENT, UNIT, again, call, found, good, of


class Checks(unittest.TestCase):
    def expect(self, history, kind, *words):
        """One finding of the kind has all the words."""
        hits = [text for what, text in found(history) if what == kind and all(word in text for word in words)]
        self.assertTrue(hits, f"no {kind} with {words} among {sorted(found(history))}")

    def test_a_good_history_passes(self):
        self.assertEqual(found(good()), set())

    # --- lost ------------------------------------------------------------------------------------------------------

    def test_captured_and_not_there(self):
        history = good()
        del history.final["orders"][ORDER], history.final["journeys"][ORDER]
        self.expect(history, "lost", "intake lists it not")
        self.expect(history, "lost", "it has no journey")

    def test_placed_and_no_event(self):
        history = good()
        history.events.remove(of(history, "OrderPlaced"))
        self.expect(history, "lost", "was placed, and no event says so")

    def test_placed_and_stuck(self):
        history = good()
        history.final["orders"][ORDER]["state"] = "ORDER_STATE_PLACED"
        self.expect(history, "lost", "came to no end", "PLACED")

    def test_never_answered(self):
        history = good()
        history.ledger += call("quote", "k-2-quote", {"error": "timeout"}, 0)
        self.expect(history, "lost", "never answered", "k-2-quote")

    def test_asked_and_nothing_after(self):
        history = good()
        history.ledger.append({"order": 2, "step": "capture", "key": "k-2-capture", "asked": 1})
        self.expect(history, "lost", "never answered", "k-2-capture")

    def test_refused_for_no_reason(self):
        history = good()
        history.ledger += call("capture", "k-2-capture", {"reason": "KEY_PARKED"}, 400)
        self.expect(history, "lost", "was refused", "KEY_PARKED")

    def test_cancelled_and_not(self):
        history = good()
        history.ledger += call("cancel", "k-1-cancel", {"state": "ORDER_STATE_PLACED"})
        self.expect(history, "lost", "asked to be cancelled")

    def test_ticket_not_there(self):
        history = good()
        history.final["tickets"] = []
        self.expect(history, "lost", "ticket tkt_1", "aftersales lists it not")

    def test_shipment_acknowledged_and_not_told(self):
        history = good()
        history.events.remove(of(history, "ShipmentDelivered"))
        self.expect(history, "lost", "carrier reported", SHIPMENT)

    def test_report_acknowledged_and_not_told(self):
        history = good()
        history.events = [e for e in history.events if e.type != "OperationProgressed"]
        self.expect(history, "lost", "floor reported")

    def test_dead_letter_of_the_services_own(self):
        history = good()
        history.final["dead_letters"] = [{
            "service": "tracking",
            "topic": "loomline.intake.order",
            "offset": "7",
            "key": ORDER
        }]
        self.expect(history, "lost", "could not apply")

    def test_dead_letter_of_what_was_put_in(self):
        history = good()
        history.final["dead_letters"] = [{
            "service": "tracking",
            "topic": "loomline.intake.order",
            "offset": "7",
            "key": ORDER
        }]
        history.faults = [{"what": "injected", "topic": "loomline.intake.order", "partition": 0, "offset": 7}]
        self.assertEqual(found(history), set())

    def test_stream_ends_early(self):
        history = good()
        history.heard.pop()
        self.expect(history, "lost", "heard no more than revision 2 of 3")

    def test_no_recovery_and_no_rest(self):
        history = good()
        history.run["not_quiet"] = "scheduling: 1 behind"
        history.faults = [{"what": "not recovered", "number": 3, "order": "not placed", "not_ready": {}}]
        self.expect(history, "lost", "does not come to rest")
        self.expect(history, "lost", "after fault 3")

    # --- doubled ---------------------------------------------------------------------------------------------------

    def test_two_orders_for_one_key(self):
        history = good()
        again(history, of(history, "RequirementCaptured"), key="ord_2")
        self.expect(history, "doubled", "made 2 orders")

    def test_two_answers_for_one_key(self):
        history = good()
        history.ledger += call("capture", "k-1-capture", {"order_id": "ord_2"})
        self.expect(history, "doubled", "answered in 2 ways")

    def test_two_tickets_for_one_key(self):
        history = good()
        again(history, of(history, "TicketOpened"), key="tkt_2")
        self.expect(history, "doubled", "made 2 tickets")

    def test_published_twice_with_a_new_id(self):
        history = good()
        again(history, of(history, "LineScheduled"))
        self.expect(history, "doubled", "LineScheduled", "2 times")
        self.expect(history, "doubled", "for the one cause")

    def test_two_shipments_of_a_unit(self):
        history = good()
        again(history, of(history, "ShipmentPlanned")).body["shipment_id"] = "shp_2"
        self.expect(history, "doubled", "is in 2 shipments", UNIT)

    def test_two_work_orders_for_an_operation(self):
        history = good()
        again(history, of(history, "WorkOrderOffered")).body["work_order"]["work_order_id"] = "wo_2"
        self.expect(history, "doubled", "asked for by wo_1 and wo_2")

    def test_two_inspections(self):
        history = good()
        again(history, of(history, "InspectionRequested")).body["inspection"]["inspection_id"] = "ins_2"
        self.expect(history, "doubled", "measured twice")

    def test_an_entry_twice(self):
        history = good()
        entries = history.final["journeys"][ORDER]["entries"]
        entries.insert(1, entries[0])
        self.expect(history, "doubled", "in its history")

    # --- illegal ---------------------------------------------------------------------------------------------------

    def test_same_id_other_bytes(self):
        history = good()
        history.unlike.append((history.events[0].id, ("loomline.intake.order", 0, 9)))
        self.expect(history, "illegal", "with other bytes")

    def test_a_message_of_nobody(self):
        history = good()
        history.strange.append((("loomline.intake.order", 0, 9), "type None"))
        self.expect(history, "illegal", "no event of the contracts")

    def test_a_number_is_skipped(self):
        history = good()
        history.events.remove(of(history, "RequirementConfirmed"))
        self.expect(history, "illegal", "lacks [2]")

    def test_an_id_of_another_place(self):
        history = good()
        of(history, "OrderPlaced").partition = 3
        self.expect(history, "illegal", "says of itself")

    def test_time_goes_back(self):
        history = good()
        of(history, "OrderPlaced").time = "2025-01-01T00:00:00.000000000Z"
        self.expect(history, "illegal", "not after")

    def test_effect_before_its_cause(self):
        history = good()
        of(history, "DemandPlaced").time = "2025-01-01T00:00:00.000000000Z"
        self.expect(history, "illegal", "before its cause")

    def test_effect_without_its_cause(self):
        history = good()
        of(history, "DemandPlaced").cause = "intake/1/loomline.intake.order/0/99"
        self.expect(history, "illegal", "which nobody said")

    def test_transitions(self):
        for kind, changed in (("OrderPlaced", "order"), ("ShipmentDispatched", "shipment"),
                              ("WorkOrderCompleted", "work order"), ("InspectionPassed", "inspection")):
            with self.subTest(kind):
                history = good()
                event = of(history, kind)
                again(history, event)
                history.events.remove(event)
                event = history.events[-1]
                event.seq = 0  # before all others of its chain
                self.expect(history, "illegal", changed)

    def test_ticket_closed_at_once(self):
        history = good()
        again(history, of(history, "TicketOpened"),
              type="TicketChanged").body["ticket"]["state"] = "TICKET_STATE_CLOSED"
        self.expect(history, "illegal", "ticket tkt_1 went from open to closed")

    def test_operation_goes_back(self):
        history = good()
        ended = [e for e in history.events if e.type == "OperationProgressed"][-1]
        again(history, ended).body["state"] = 3
        self.expect(history, "illegal", "operation", "from ended to running")

    def test_journey_goes_back(self):
        history = good()
        of(history, "OrderProgressed").body["status"] = "JOURNEY_STATUS_DELIVERED"
        self.expect(history, "illegal", f"journey {ORDER} went from [*] to delivered")

    def test_stream_skips(self):
        history = good()
        del history.heard[1]
        self.expect(history, "illegal", "heard revision 3", "where 2 comes next")

    def test_stream_repeats(self):
        history = good()
        history.heard.insert(1, history.heard[0])
        self.expect(history, "illegal", "heard revision 1", "where 2 comes next")

    def test_nobody_asked(self):
        history = good()
        of(history, "RequirementCaptured").body["external_refs"] = []
        self.expect(history, "illegal", "no customer asked for it")

    def test_the_floor_did_not_say_so(self):
        history = good()
        history.factory = [line for line in history.factory if "ReportOperations" not in line["method"]]
        self.expect(history, "illegal", "the floor did not report")

    def test_a_process_breaks(self):
        history = good()
        history.faults = [{"what": "ended by itself", "process": "intake-1", "status": -11}]
        self.expect(history, "illegal", "intake-1 was ended by signal 11")

    # --- differing -------------------------------------------------------------------------------------------------

    def test_heard_otherwise_than_published(self):
        history = good()
        history.heard[1] = {**history.heard[1], "data": {**history.heard[1]["data"], "late": True}}
        self.expect(history, "differing", "as w heard it")

    def test_journey_is_not_the_last_progress(self):
        history = good()
        history.final["journeys"][ORDER]["late"] = True
        self.expect(history, "differing", "late in the journey")

    def test_journey_is_not_the_events(self):
        for name, value, words in (("certificate_available", False, "certificate"), ("placed_at", "T9", "placed at"),
                                   ("tickets", [], "tickets"), ("waybill", {}, "waybill"), ("lines", [], "lines"),
                                   ("hold_ids", ["hld_1"], "holds"), ("survey_open", True, "survey")):
            with self.subTest(name):
                history = good()
                history.final["journeys"][ORDER][name] = value
                self.expect(history, "differing", f"{words} in the journey")

    def test_line_is_not_the_events(self):
        for name, value in (("quantity", "2"), ("units", []), ("promise", {"line_id": LINE, "revision": 9})):
            with self.subTest(name):
                history = good()
                history.final["journeys"][ORDER]["lines"][0][name] = value
                self.expect(history, "differing", f"{name} of {LINE}")

    def test_history_lacks_an_event(self):
        history = good()
        history.final["journeys"][ORDER]["entries"].pop()
        self.expect(history, "differing", "the history's entry")

    def test_history_out_of_order(self):
        history = good()
        history.final["journeys"][ORDER]["entries"].reverse()
        self.expect(history, "differing", "not in the order of its events")

    def test_another_waybill(self):
        history = good()
        for line in history.factory:
            line.get("request", {}).pop("waybill", None)
        self.expect(history, "differing", "the waybill of")

    def test_another_price(self):
        history = good()
        of(history, "OrderPlaced").body["total_net"] = {"currency": "CNY", "units": "999"}
        self.expect(history, "differing", "was quoted")

    def test_certificate_of_other_units(self):
        history = good()
        history.final["certificates"][ORDER][0]["units"] = ["unt_9"]
        self.expect(history, "differing", "units of its certificate")


if __name__ == "__main__":
    unittest.main()
