"""Topics: what strays into them, and what a newer or a broken source says. Every lane must go on, and what was not
understood must be there to be looked at."""
import secrets, time

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from stack import PARTITIONS, roll


def murmur2(data):
    """Kafka's partition hash (org.apache.kafka.common.utils.Utils.murmur2)."""
    mask, m = 0xFFFFFFFF, 0x5BD1E995
    h = (0x9747B28C ^ len(data)) & mask
    for at in range(0, len(data) - len(data) % 4, 4):
        k = int.from_bytes(data[at:at + 4], "little") * m & mask
        k = (k ^ k >> 24) * m & mask
        h = (h * m & mask) ^ k
    rest = data[len(data) - len(data) % 4:]
    if rest:
        h = (h ^ int.from_bytes(rest, "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return h ^ h >> 15


def lane_of(key):
    return (murmur2(key.encode()) & 0x7FFFFFFF) % PARTITIONS


class Broker:
    def __init__(self, servers):
        self.producer = Producer({"bootstrap.servers": servers, "acks": "all", "message.max.bytes": 2_000_000})
        self.admin = AdminClient({"bootstrap.servers": servers})

    def topics(self, prefix):
        """{name without the prefix: name} of an installation."""
        names = self.admin.list_topics(timeout=20).topics
        return {name[len(prefix):]: name for name in names if name.startswith(prefix)}

    def send(self, topic, partition, key, body, headers):
        failed = []
        self.producer.produce(topic, value=body, key=key, partition=partition, headers=headers,
                              on_delivery=lambda error, _: failed.append(error) if error else None)
        self.producer.flush(20)
        if failed:
            raise RuntimeError(str(failed[0]))


def envelope(source, topic, partition, seq, kind, **other):
    fields = {"ce_specversion": "1.0", "ce_id": f"{source}/1/{topic}/{partition}/{seq}", "ce_source": source,
              "ce_type": kind, "ce_time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
              "content-type": "application/protobuf", "ce_tenantid": "main", "ce_epoch": "1", "ce_seq": str(seq)}
    fields.update(other)
    return [(name, value if isinstance(value, bytes) else value.encode()) for name, value in fields.items()]


def wait_for(look, patience=30):
    give_up = time.monotonic() + patience
    while not (found := look()) and time.monotonic() < give_up:
        time.sleep(0.1)
    return found


def strays(verdicts, stack, broker, rounds=1):
    """Bytes of others in the topics of an installation that works: each becomes a dead letter that says why, and takes
    no number of any chain."""
    topic_name = "loomline.intake.order"
    topic = broker.topics(stack.name)[topic_name]
    key = "ord_" + secrets.token_hex(8)
    lane, placed = lane_of(key), "loomline.intake.v1.OrderPlaced"
    hearers = [service for service in roll.OWNERS
               if stack.rows(service, f"SELECT 1 FROM consumer_offset WHERE topic = '{topic_name}' LIMIT 1")]

    def env(**other):
        return envelope("intake", topic_name, lane, 1, placed, **other)

    def letters():
        return {service: int(stack.rows(service, "SELECT count(*) FROM dead_letter")[0][0]) for service in hearers}
    attacks = [
        ("no headers at all", key, b"hello", []),
        ("headers of another system", key, b"hello",
         [("spring_json_header_types", b"{}"), ("b3", b"0"), ("\xff", b"\xff")]),
        ("a thousand headers", key, b"", [(f"h{n}", b"v") for n in range(1000)]),
        ("CloudEvents 0.3", key, b"", env(ce_specversion="0.3")),
        ("a sequence number that is none", key, b"", env(ce_seq="-7")),
        ("a header that is not UTF-8", key, b"", env(ce_type=b"\xff\xfe")),
        ("a source that does not own the topic", key, b"", env(ce_source="tracking")),
        ("an id of another place", key, b"", env(ce_id="intake/1/elsewhere/0/1")),
        ("no key", None, b"x", env()),
        ("a key of another lane", next(k for n in range(99) if lane_of(k := f"ord_{n}") != lane), b"x", env()),
        ("a megabyte of nothing", key, bytes(900_000), []),
    ]
    for attack, with_key, body, headers in attacks:
        before = letters()
        for _ in range(rounds):
            broker.send(topic, lane, with_key, body, headers)
        heard = wait_for(lambda: all(count >= before[service] + rounds for service, count in letters().items()))
        reasons = sorted({row[0] for service in hearers for row in stack.rows(
            service, "SELECT reason FROM dead_letter ORDER BY at DESC LIMIT 1")})
        verdicts.add("kafka", attack, f"a dead letter at each of {len(hearers)} hearers",
                     "; ".join(reasons) if heard else f"not at each: {letters()} after {before}",
                     heard and hearers and all(reason.startswith("foreign bytes") for reason in reasons))
    parked = [row for service in hearers for row in stack.rows(service, roll.PARKED)]
    verdicts.same("kafka", "keys that are parked by all this", [], parked)


def forged(verdicts, broker, prefix, rows, hears="quality"):
    """A service alone, whose source is played by us, in a chain that holds: an event of an unknown type is kept, one
    that cannot be read parks its key and nothing else, and the same lane goes on."""
    topic_name = "loomline.intake.order"
    topic = wait_for(lambda: broker.topics(prefix).get(topic_name))
    lane, keys = 0, []
    while len(keys) < 3:
        key = "ord_" + secrets.token_hex(8)
        if lane_of(key) == lane:
            keys.append(key)
    placed, seq = "loomline.intake.v1.OrderPlaced", 0

    def say(key, kind, body):
        nonlocal seq
        seq += 1
        broker.send(topic, lane, key, body, envelope("intake", topic_name, lane, seq, kind))

    def text(number, value):
        return bytes([number << 3 | 2, len(value)]) + value.encode()
    say(keys[0], "loomline.intake.v1.OrderTeleported", text(1, keys[0]))
    kept = wait_for(lambda: rows(hears, "SELECT type FROM unknown_event"))
    verdicts.same("kafka", "an event of an unknown type", [["loomline.intake.v1.OrderTeleported"]], kept)
    for attack, key, body in [("an event that is cut off", keys[1], text(1, keys[1])[:-3]),
                              ("an event of another schema", keys[2], b"\x0d\x01\x02\x03\x04\x08\xff\xff\x0f\x12")]:
        say(key, placed, body)
        letter = wait_for(lambda: rows(hears, f"SELECT reason FROM dead_letter WHERE key = '{key}'"))
        verdicts.add("kafka", attack, "a dead letter under its key", letter[0][0] if letter else "nothing",
                     bool(letter))
    last = wait_for(lambda: [row for row in rows(hears, "SELECT last_seq FROM source_chain WHERE topic = "
                                                 f"'{topic_name}' AND partition = {lane}") if row[0] == str(seq)])
    verdicts.same("kafka", "the lane has gone on to the last of them", [[str(seq)]], last)
