"""The processes under attack: each replica of each service, and the factory simulator."""
import http.client, signal, subprocess, threading, time

from . import common
from .common import CannotRun
from .plants import PLANTS

SERVICES = ["intake", "configuration", "scheduling", "quality", "aftersales", "tracking", "edge"]
OWNERS = SERVICES[:-1]
PEERS = {"intake": ["configuration", "scheduling"], "aftersales": ["intake"], "edge": OWNERS}
# How many of each where --replicas is not given: two of those that carry the load.
MIXED = {"intake": 2, "scheduling": 2, "tracking": 2, "edge": 2}


class Process:
    """One replica. It is started again, as any orchestrator would, where it ended by itself; that is written down."""

    def __init__(self, service, number, stack):
        self.service, self.name, self.stack = service, f"{service}-{number}", stack
        self.grpc, self.admin, self.http, self.postgres = (common.free_port() for _ in range(4))
        self.running, self.wanted, self.frozen = None, False, False
        self.out = open(stack.logs / f"{self.name}.out", "ab")

    def command(self):
        log = self.stack.logs / f"{self.name}.log"
        words = [self.stack.binary, "serve", f"--target={self.service}", "--admin", f"127.0.0.1:{self.admin}",
                 "--log-file", str(log), "--instance", self.name]
        words += ["--http", f"127.0.0.1:{self.http}"
                  ] if self.service == "edge" else ["--grpc", f"127.0.0.1:{self.grpc}"]
        for peer in PEERS.get(self.service, []):
            words += ["--peer", f"{peer}=" + ",".join(f"127.0.0.1:{p.grpc}" for p in self.stack.of(peer))]
        return words

    def start(self):
        self.wanted, self.frozen = True, False
        environment = {**self.stack.environment, "LOOMLINE_POSTGRES": self.stack.postgres.url(self.postgres)}
        try:
            self.running = subprocess.Popen(self.command(), env=environment, stdin=subprocess.DEVNULL, stdout=self.out,
                                            stderr=self.out)
        except OSError as why:
            raise CannotRun(f"{self.stack.binary} cannot be started: {why.strerror}") from None

    def kill(self):
        self.wanted = False
        self.running.kill()
        self.running.wait()

    def freeze(self, frozen):
        self.frozen = frozen
        if self.running.poll() is None:
            self.running.send_signal(signal.SIGSTOP if frozen else signal.SIGCONT)

    def ready(self):
        """None, or why not."""
        if self.running is None or self.running.poll() is not None:
            return "not started" if self.running is None else f"ended with {self.running.returncode}"
        connection = http.client.HTTPConnection("127.0.0.1", self.admin, timeout=3)
        try:
            connection.request("GET", "/readyz")
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace").strip()
            return None if answer.status == 200 else text
        except (OSError, http.client.HTTPException) as error:
            return str(error) or type(error).__name__
        finally:
            connection.close()


class Factory:
    """Keeps the simulated plants going: the simulator gives up when the edge is away, and is started again."""

    def __init__(self, stack):
        self.stack, self.running, self.stopping, self.ended, self.begun = stack, None, False, [], 0.0
        self.out = open(stack.logs / "factory.out", "ab")
        self.thread = threading.Thread(target=self.keep, daemon=True)
        self.thread.start()

    def keep(self):
        tries = 0
        while not self.stopping:
            host, port = self.stack.urls[tries % len(self.stack.urls)]
            tries += 1
            command = [
                str(self.stack.args.factory), "--url", f"http://{host}:{port}", "--seed",
                str(self.stack.args.seed), "--speed", "10000000", "--quantum", "720", "--ledger",
                str(self.stack.folder / "factory.jsonl")
            ]
            for plant in PLANTS.values():
                command += ["--plant", plant]
            self.begun = time.monotonic()
            try:
                self.running = subprocess.Popen(
                    command, env={**self.stack.environment, "LOOMLINE_TOKEN": self.stack.token}, stdout=self.out,
                    stderr=self.out)
                status = self.running.wait()
            except OSError as why:
                status = why.errno
            if not self.stopping:
                self.ended.append(status)
                self.stack.history.append(what="factory ended", at=common.now(), status=status)
            time.sleep(0.5)

    def lives(self, patience=5):
        """At its start, when nothing is broken: it may not end again and again."""
        if len(self.ended) >= patience:
            raise CannotRun(f"the factory ended by itself {len(self.ended)} times, the last with status "
                            f"{self.ended[-1]}; look at {self.stack.logs}/factory.out")
        running = self.running
        return running is not None and running.poll() is None and time.monotonic() - self.begun > 2

    def stop(self):
        self.stopping = True
        if self.running is not None:
            self.running.terminate()
            try:
                self.running.wait(5)
            except subprocess.TimeoutExpired:
                self.running.kill()
