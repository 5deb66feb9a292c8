"""The run's own consumer: reads every message of every topic from the first on, past the proxy, and keeps all of
them."""
import base64, threading

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, TopicPartition

from . import common


def topics_of(consumer):
    """{name: partitions} of what the installation made; not the broker's own."""
    found = consumer.list_topics(timeout=10).topics
    return {name: len(topic.partitions) for name, topic in found.items() if name.startswith("loomline.")}


class Reader:
    def __init__(self, bootstrap, path):
        self.lines, self.stopping, self.count = common.Lines(path), False, 0
        # Where it stands, and of each partition the messages that faults may repeat: (offset, key, headers, value).
        self.positions, self.recent, self.lock = {}, {}, threading.Lock()
        self.consumer = Consumer({
            "bootstrap.servers": bootstrap,
            "log_level": 0,
            "group.id": "chaos",
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "enable.partition.eof": False,
            "reconnect.backoff.max.ms": 1000,
            "topic.metadata.refresh.interval.ms": 5000
        })
        self.topics = topics_of(self.consumer)
        self.consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING)
                              for topic, count in self.topics.items() for partition in range(count)])
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        while not self.stopping:
            for message in self.consumer.consume(500, timeout=0.3):
                if message.error():
                    if message.error().code() != KafkaError._PARTITION_EOF:
                        common.say(f"  consumer: {message.error().str()}") if message.error().fatal() else None
                    continue
                self.keep(message)
        self.consumer.close()

    def keep(self, message):
        place = (message.topic(), message.partition())
        headers = message.headers() or []
        self.lines.append(topic=place[0], partition=place[1], offset=message.offset(), key=text(message.key()),
                          headers={name: text(value) for name, value in headers},
                          value=base64.b64encode(message.value() or b"").decode())
        with self.lock:
            self.count += place[0] != "loomline.clock"
            self.positions[place] = message.offset() + 1
            kept = self.recent.setdefault(place, [])
            kept.append((message.offset(), message.key(), headers, message.value()))
            del kept[:-300]

    def ends(self):
        """Of each partition the offset after its last message; None where the broker does not answer."""
        ends = {}
        for topic, count in self.topics.items():
            for partition in range(count):
                try:
                    ends[topic, partition] = self.consumer.get_watermark_offsets(TopicPartition(topic, partition), 5)[1]
                except Exception:  # the binding raises its own kinds: all mean that it is not known now
                    return None
        return ends

    def caught_up(self):
        ends = self.ends()
        if ends is None:
            return False
        with self.lock:
            # Of a partition in which nothing was ever seen, all records may have been deleted.
            return all(self.positions.get(place, 0) >= end for place, end in ends.items() if end > 0)

    def stop(self):
        self.stopping = True
        self.thread.join(20)


def text(value):
    return None if value is None else value.decode(errors="replace") if isinstance(value, bytes) else str(value)
