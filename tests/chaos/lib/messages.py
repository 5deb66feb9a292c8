"""Faults in the topics: what was there again, old after new, what nobody can read, and records that are deleted.
Everything that is put in is written down by its place, so that the checks leave it out."""
import ctypes, ctypes.util

from confluent_kafka import Producer

from . import common

# Every process reads these whole when it starts: nothing in them is ever consumed for good.
READ_AT_START = {"loomline.clock"}
GARBAGE = [b"", b"\xff" * 64, b"\x08\x96\x01garbage", b"{\"not\": \"protobuf\"}", bytes(range(256)) * 8]


class Messages:
    def __init__(self, stack, reader, history):
        self.stack, self.reader, self.history = stack, reader, history
        self.producer = Producer({
            "bootstrap.servers": stack.bootstrap,
            "log_level": 0,
            "acks": "all",
            "message.timeout.ms": 60000
        })

    def put(self, place, key, headers, value, as_what):
        def delivered(error, message):
            if error is None:
                self.history.append(what="injected", at=common.now(), topic=place[0], partition=place[1],
                                    offset=message.offset(), as_what=as_what)

        self.producer.produce(place[0], value=value, key=key, partition=place[1], headers=headers or None,
                              on_delivery=delivered)

    def known(self):
        """{(topic, partition): messages} that were read, of the topics that services hear: there are some soon."""
        return common.wait_until(self.read_lately, 60, "nothing of what the services say is read")

    def read_lately(self):
        with self.reader.lock:
            return {
                place: list(kept)
                for place, kept in self.reader.recent.items() if kept and "kernel" not in place[0]
            }

    def flush(self, count, what):
        left = self.producer.flush(60)
        return f"{count - left} {what}"

    def duplicate(self, draw, count):
        known = self.known()
        for _ in range(count):
            place = draw.choice(sorted(known))
            _, key, headers, value = draw.choice(known[place])
            self.put(place, key, headers, value, "duplicate")
        return self.flush(count, "messages again")

    def reorder(self, draw, count):
        """A stretch of one partition once more, from the newest to the oldest."""
        known, put = self.known(), 0
        for _ in range(3):
            place = draw.choice(sorted(known))
            for _, key, headers, value in list(reversed(known[place]))[:count]:
                self.put(place, key, headers, value, "reordered")
                put += 1
        return self.flush(put, "messages, newest first")

    def poison(self, draw, count):
        known = self.known()
        for number in range(count):
            place = draw.choice(sorted(known))
            _, key, headers, value = draw.choice(known[place])
            self.put(place, *self.spoiled(draw, number, key, dict(headers), value or b""), "poison")
        return self.flush(count, "messages that nobody can read")

    def spoiled(self, draw, number, key, headers, value):
        """Never with a number that its source may still use: who may write a topic is the broker's to guard."""
        kind = draw.randrange(5)
        if kind == 0:
            return key, [], draw.choice(GARBAGE)
        if kind == 1:  # cut short
            return key, list(headers.items()), value[: len(value) // 2]
        if kind == 2:  # another schema under a known type
            return key, list(headers.items()), draw.choice(GARBAGE)
        foreign = f"chaos-{draw.getrandbits(32)}"
        if kind == 3:  # headers of another system
            return key, [("ce_specversion", b"1.0"), ("ce_id", foreign.encode()), ("ce_source", b"/elsewhere"),
                         ("ce_type", b"com.example.Thing"), ("ce_time", b"2026-01-01T00:00:00Z")], value
        return None, [("x-foreign", b"\xff\xfe")], draw.choice(GARBAGE)

    # --- deleted records -------------------------------------------------------------------------------------------

    def delete(self):
        """Deletes what every service that hears a topic has applied, as its chains say, and this run has read."""
        status, answer = self.stack.call("GET", "/v1/chains")
        if status != 200:
            return f"skipped: the chains are not shown ({status})"
        before = safe_offsets(answer.get("chains", []), self.read_events())
        before = {place: offset for place, offset in before.items() if place[0] not in READ_AT_START}
        if not before:
            return "nothing that all have applied"
        delete_records(self.stack.bootstrap, before)
        self.history.append(what="deleted",
                            at=common.now(),
                            before=[[topic, partition, offset]
                                    for (topic, partition), offset in sorted(before.items())])
        return f"{len(before)} partitions cut off at the front"

    def read_events(self):
        """{(topic, partition): [(offset, source, epoch, seq)]} of what was read lately."""
        found = {}
        for place, kept in self.known().items():
            rows = []
            for offset, _, headers, _ in kept:
                named = {name: value for name, value in headers}
                try:
                    rows.append((offset, named["ce_source"].decode(), int(named["ce_epoch"]), int(named["ce_seq"])))
                except (KeyError, ValueError):
                    rows.append((offset, None, 0, 0))
            found[place] = rows
        return found


def safe_offsets(chains, events):
    """{(topic, partition): offset} before which every hearer has applied, and every publisher knows, everything."""
    reached = {}
    for chain in chains:
        where = (chain["topic"], int(chain.get("partition", 0)), chain["source"], int(chain.get("epoch", 0)))
        reached[where] = min(reached.get(where, 1 << 62), int(chain.get("reached", 0)))
    safe = {}
    for (topic, partition), rows in events.items():
        for offset, source, epoch, seq in rows:
            if source is not None and seq > reached.get((topic, partition, source, epoch), 0):
                break
            safe[topic, partition] = offset + 1
    return safe




def delete_records(bootstrap, before):
    """rd_kafka_DeleteRecords: the Python binding of Debian 12 has no call for it, the C library beneath it has."""
    lib = ctypes.CDLL(ctypes.util.find_library("rdkafka") or "librdkafka.so.1")
    pointer = ctypes.c_void_p
    for name in ("conf_new", "new", "topic_partition_list_new", "topic_partition_list_add", "DeleteRecords_new",
                 "queue_new", "queue_poll", "event_error_string"):
        getattr(lib, "rd_kafka_" + name).restype = pointer
    lib.rd_kafka_event_error_string.restype = ctypes.c_char_p
    why = ctypes.create_string_buffer(512)
    conf = pointer(lib.rd_kafka_conf_new())
    lib.rd_kafka_conf_set(conf, b"bootstrap.servers", bootstrap.encode(), why, 512)
    client = pointer(lib.rd_kafka_new(0, conf, why, 512))
    if not client.value:
        raise RuntimeError(why.value.decode())
    rows = pointer(lib.rd_kafka_topic_partition_list_new(len(before)))
    for (topic, partition), offset in before.items():
        added = lib.rd_kafka_topic_partition_list_add(rows, topic.encode(), partition)
        # The offset is the member after `char *topic; int32_t partition` (and four bytes of padding).
        ctypes.c_int64.from_address(added + 16).value = offset
    request = pointer(lib.rd_kafka_DeleteRecords_new(rows))
    wanted, queue = (pointer * 1)(request), pointer(lib.rd_kafka_queue_new(client))
    lib.rd_kafka_DeleteRecords(client, wanted, ctypes.c_size_t(1), None, queue)
    event = pointer(lib.rd_kafka_queue_poll(queue, 30000))
    failed = lib.rd_kafka_event_error(event) if event.value else -1
    text = lib.rd_kafka_event_error_string(event) if event.value else b"no answer within 30 s"
    lib.rd_kafka_queue_destroy(queue)
    lib.rd_kafka_destroy(client)
    if failed:
        raise RuntimeError(f"records could not be deleted: {(text or b'').decode()}")
