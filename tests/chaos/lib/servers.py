"""PostgreSQL and the Kafka brokers of a run, each a child process that can be killed, frozen and started again, each
with a disk of its own where mounts are permitted. tests/chaos starts them itself, and not with deploy/local, because
the brokers must name the proxy as their address, and may be three."""
import base64, os, pathlib, secrets, shutil, signal, socket, subprocess, threading, time

from . import common
from .common import CannotRun, TOP

PG_BIN = pathlib.Path("/usr/lib/postgresql/15/bin")
SPARE = 4 << 30  # bytes that a disk of memory may hold


class Disk:
    """A folder that can be full: a file system of memory, whose size is taken down to what is in it."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SPARE}", "chaos",
                                  str(folder)],
                                 capture_output=True)
        self.mounted = mounted.returncode == 0
        self.why_not = mounted.stderr.decode().strip()

    def resize(self, size):
        subprocess.run(["mount", "-o", f"remount,size={size}", str(self.folder)], check=True, capture_output=True)

    def fill(self):
        """Leaves no room, or next to none: what is written meanwhile must still fit."""
        for spare in range(0, 64 << 20, 1 << 18):
            found = os.statvfs(self.folder)
            try:
                return self.resize((found.f_blocks - found.f_bfree) * found.f_frsize + spare)
            except subprocess.CalledProcessError:
                continue
        raise CannotRun(f"{self.folder} cannot be filled")

    def free(self):
        self.resize(SPARE)

    def remove(self):
        if self.mounted:
            subprocess.run(["umount", "-l", str(self.folder)], capture_output=True)
        shutil.rmtree(self.folder, ignore_errors=True)


class Server:
    """What PostgreSQL and a broker have in common."""

    def __init__(self):
        self.starting = threading.Lock()

    name, running, wanted = "", None, True

    def signal(self, number):
        if self.alive():
            self.running.send_signal(number)

    def alive(self):
        return self.running is not None and self.running.poll() is None

    def kill(self):
        self.wanted = False
        if self.running is not None:
            self.running.kill()
            self.running.wait()

    def stop(self):
        self.kill()
        self.disk.remove()

    def start(self, seconds=90):
        """Started, and answering. A predecessor's children may still hold what it needs: so it is tried again."""
        give_up = time.monotonic() + seconds
        while True:
            with self.starting:
                if not self.alive():
                    self.launch()
                self.wanted = True
            if self.answers():
                return
            if time.monotonic() > give_up:
                raise CannotRun(f"{self.name} does not start; look at {self.log}")
            time.sleep(0.1)


class Postgres(Server):
    def __init__(self, folder, logs):
        super().__init__()
        self.name, self.log, self.port = "postgres", logs / "postgres.log", common.free_port()
        if not (PG_BIN / "postgres").exists():
            raise CannotRun("PostgreSQL 15 is not installed; deploy/install runtime")
        self.disk, self.password = Disk(folder), secrets.token_hex(16)
        self.data, self.out = folder / "data", open(self.log, "ab")
        self.user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
        if self.user:
            shutil.chown(folder, "postgres", "postgres")
        self.make()

    def make(self):
        given = self.disk.folder / "password"
        given.write_text(self.password)
        subprocess.run([
            PG_BIN / "initdb", "-D", self.data, "-U", "loomline", "--auth=scram-sha-256", f"--pwfile={given}",
            "--encoding=UTF8", "--locale=C.UTF-8"
        ],
                       check=True,
                       cwd="/",
                       stdout=self.out,
                       stderr=self.out,
                       **self.user)
        with open(self.data / "postgresql.conf", "a") as conf:
            conf.write("listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\nmax_connections = 300\n"
                       "shared_buffers = 128MB\nmax_wal_size = 1GB\njit = off\ntimezone = 'UTC'\nlog_timezone = 'UTC'\n"
                       "log_line_prefix = '%m [%p] %d '\n")

    def launch(self):
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        self.running = subprocess.Popen([PG_BIN / "postgres", "-D", self.data, "-p", str(self.port)], cwd="/",
                                        stdin=subprocess.DEVNULL, stdout=self.out, stderr=self.out, **self.user)
        time.sleep(0.2)

    def url(self, port):
        return f"postgresql://loomline:{self.password}@127.0.0.1:{port}/postgres"

    def answers(self):
        return self.ask("SELECT 1") is not None

    def ask(self, sql):
        """The first column of its rows; None where it does not answer."""
        try:
            answer = subprocess.run(
                [PG_BIN / "psql", "-XAtq", "-d", self.url(self.port), "-c", sql],
                capture_output=True,
                text=True,
                timeout=20,
                env={
                    **os.environ, "PGCONNECT_TIMEOUT": "3"
                })
        except subprocess.TimeoutExpired:
            return None
        return answer.stdout.split() if answer.returncode == 0 else None

    def kill_backends(self, count):
        """SIGKILL, as the kernel does where memory runs out: PostgreSQL then restarts all of itself."""
        found = self.ask(
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            f" ORDER BY pid LIMIT {count}") or []
        for pid in found:
            try:
                os.kill(int(pid), signal.SIGKILL)
            except ProcessLookupError:
                pass
        return len(found)


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
        subprocess.run(self.java(128, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(self.config),
                                 "--ignore-formatted"), check=True, stdout=self.out, stderr=self.out)

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


def make_brokers(count, folder, logs):
    kinds = ("services", "direct", "controller", "proxy")
    ports = {number: {kind: common.free_port() for kind in kinds} for number in range(1, count + 1)}
    brokers = [Broker(number, ports, folder / f"kafka-{number}", logs) for number in ports]
    cluster = "K" + base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")[1:]
    for broker in brokers:
        broker.format(cluster)
    for broker in brokers:
        broker.launch()
    return brokers
