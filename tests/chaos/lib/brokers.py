"""The Kafka brokers of a run: nodes that are broker and controller, each a child process with a disk of its own. Services
reach them by the proxy, for the brokers name it as their address; the run itself reaches them directly."""
import base64, os, pathlib, secrets, socket, subprocess

from . import common
from .common import CannotRun, TOP
from .servers import Disk, Server, prepare


def java():
    found = sorted(pathlib.Path("/usr/lib/jvm").glob("java-17-openjdk-*/bin/java"))
    if not found:
        raise CannotRun("there is no Java 17; deploy/install runtime")
    return str(found[0])


def jars():
    folder = pathlib.Path(os.environ.get("LOOMLINE_KAFKA_LIBS") or TOP / ".local/kafka/libs")
    if not list(folder.glob("kafka_*.jar")):
        raise CannotRun(f"{folder} has no Kafka broker; deploy/local up fetches it once")
    return folder


class Broker(Server):
    """One node of the cluster: broker and controller. Services reach it by the proxy, the run itself directly."""

    def __init__(self, number, ports, folder, logs):
        super().__init__()
        self.number, self.ports, self.name = number, ports, f"kafka-{number}"
        self.log, self.disk, self.folder = logs / f"{self.name}.log", Disk(folder), folder
        self.out, self.config = open(self.log, "ab"), folder.parent / f"{self.name}.properties"

    @property
    def direct(self):
        return self.ports[self.number]["direct"]

    def settings(self):
        mine, count = self.ports[self.number], len(self.ports)
        voters = ",".join(f"{n}@127.0.0.1:{p['controller']}" for n, p in self.ports.items())
        listen = {"SERVICES": mine["services"], "DIRECT": mine["direct"], "CONTROLLER": mine["controller"]}
        return {
            "process.roles": "broker,controller",
            "node.id": self.number,
            "controller.quorum.voters": voters,
            "listeners": ",".join(f"{name}://127.0.0.1:{port}" for name, port in listen.items()),
            "advertised.listeners": f"SERVICES://127.0.0.1:{mine['proxy']},DIRECT://127.0.0.1:{mine['direct']}",
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "DIRECT",
            "listener.security.protocol.map": ",".join(f"{name}:PLAINTEXT" for name in listen),
            "log.dirs": self.folder / "data",
            "auto.create.topics.enable": "false",
            "log.retention.ms": -1,
            "log.cleaner.dedupe.buffer.size": 16777216,
            "offsets.topic.num.partitions": 6,
            "default.replication.factor": count,
            "min.insync.replicas": 2 if count > 1 else 1,
            "offsets.topic.replication.factor": count,
            "transaction.state.log.num.partitions": 3,
            "transaction.state.log.replication.factor": count,
            "transaction.state.log.min.isr": 2 if count > 1 else 1,
            # A node that was killed is let in again when its former session has run out: not after the usual 9 s.
            "broker.session.timeout.ms": 4000,
            "broker.heartbeat.interval.ms": 500,
            "group.initial.rebalance.delay.ms": 0,
            "num.network.threads": 2,
            "num.io.threads": 4,
        }

    def java(self, heap, *arguments):
        return [java(), f"-Xmx{heap}m", "-XX:+ExitOnOutOfMemoryError",
                f"-Dlog4j.configuration=file:{TOP}/deploy/kafka/log4j.properties",
                f"-Dloomline.kafka.log={self.log}.4j", "-cp", f"{jars()}/*", *arguments]

    def format(self, cluster):
        self.config.write_text("".join(f"{name}={value}\n" for name, value in self.settings().items()))
        self.disk.make()
        prepare(self.name, self.java(128, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(self.config),
                                     "--ignore-formatted"), self.log, stdout=self.out, stderr=self.out)

    def launch(self):
        self.running = subprocess.Popen(self.java(512, "kafka.Kafka", str(self.config)), stdin=subprocess.DEVNULL,
                                        stdout=self.out, stderr=self.out)

    def answers(self):
        """An ApiVersions request is answered: the port opens only when the node is no longer fenced."""
        try:
            with socket.create_connection(("127.0.0.1", self.direct), 2) as probe:
                probe.settimeout(3)
                probe.sendall(b"\0\0\0\12\0\22\0\0\0\0\0\7\377\377")
                return probe.recv(10)[4:10] == b"\0\0\0\7\0\0"
        except OSError:
            return False


def make(count, folder, logs):
    """The brokers of a cluster, of which nothing is there yet."""
    kinds = ("services", "direct", "controller", "proxy")
    ports = {number: {kind: common.free_port() for kind in kinds} for number in range(1, count + 1)}
    return [Broker(number, ports, folder / f"kafka-{number}", logs) for number in ports]


def launch(brokers):
    cluster = "K" + base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")[1:]
    for broker in brokers:
        broker.format(cluster)
    for broker in brokers:
        broker.launch()
