"""The installation under attack: stores, proxy, every service as a process of its own, the factory simulator."""
import http.client, json, os, pathlib, secrets, shutil, signal, subprocess, sys, tempfile, threading, time

from . import common, servers
from .common import CannotRun, TOP

SERVICES = ["intake", "configuration", "scheduling", "quality", "aftersales", "tracking", "edge"]
OWNERS = SERVICES[:-1]
PEERS = {"intake": ["configuration", "scheduling"], "aftersales": ["intake"], "edge": OWNERS}
# How many of each where --replicas is not given: two of those that carry the load.
MIXED = {"intake": 2, "scheduling": 2, "tracking": 2, "edge": 2}
PLANTS = {"compressor": "plt_suzhou-1", "pc": "plt_leipzig-1"}


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
        self.running = subprocess.Popen(self.command(), env=environment, stdin=subprocess.DEVNULL, stdout=self.out,
                                        stderr=self.out)

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
        if self.running.poll() is not None:
            return f"ended with {self.running.returncode}"
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


class Stack:
    def __init__(self, args, folder, history):
        self.args, self.folder, self.history, self.logs = args, folder, history, folder / "logs"
        self.logs.mkdir(parents=True)
        self.binary = str(args.binary)
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="loomline-chaos-"))
        self.scratch.chmod(0o755)
        self.proxy = self.postgres = self.factory = None
        self.brokers, self.processes, self.stopping, self.lock = [], [], False, threading.Lock()
        self.token = ""

    def of(self, service):
        return [p for p in self.processes if p.service == service]

    def process(self, name):
        return next(p for p in self.processes if p.name == name)

    @property
    def urls(self):
        return [("127.0.0.1", p.http) for p in self.of("edge")]

    @property
    def bootstrap(self):
        return ",".join(f"127.0.0.1:{b.direct}" for b in self.brokers)

    # --- begin -----------------------------------------------------------------------------------------------------

    def begin(self):
        self.brokers = servers.make_brokers(self.args.brokers, self.scratch, self.logs)
        self.postgres = servers.Postgres(self.scratch / "postgres", self.logs)
        for server in [self.postgres, *self.brokers]:
            server.start()
        self.start_proxy()
        self.start_services()
        self.make_token()
        self.publish_products()
        self.await_ready(120)
        # All have heard the time: a quote that was made before would have run out at once.
        common.wait_until(lambda: self.call("GET", "/v1/system/quiet?wait_milliseconds=2000")[1].get("quiet"), 120,
                          "it does not come to rest at its start")
        self.factory = Factory(self)
        threading.Thread(target=self.watch_over, daemon=True).start()

    def start_proxy(self):
        self.proxy = subprocess.Popen([sys.executable, TOP / "tests/chaos/lib/proxy.py"], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, text=True, bufsize=1)
        for broker in self.brokers:
            mine = broker.ports[broker.number]
            self.tell_proxy(listen=mine["proxy"], to=mine["services"], name=f"kafka/{broker.number}")
        for service in SERVICES:
            count = self.args.replicas or MIXED.get(service, 1)
            self.processes += [Process(service, number, self) for number in range(1, count + 1)]
        for process in self.processes:
            self.tell_proxy(listen=process.postgres, to=self.postgres.port, name=f"postgres/{process.name}/")

    def tell_proxy(self, **command):
        with self.lock:
            self.proxy.stdin.write(json.dumps(command) + "\n")
            if not self.proxy.stdout.readline():
                raise CannotRun("the proxy has ended")

    def start_services(self):
        kafka = ",".join(f"127.0.0.1:{b.ports[b.number]['proxy']}" for b in self.brokers)
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("LOOMLINE_")}
        self.environment.update(LOOMLINE_KAFKA=kafka, LOOMLINE_CLOCK="topic", LOOMLINE_PARTITIONS="6",
                                LOOMLINE_SURVEY_DAYS="3", LOOMLINE_VAULT_KEY=secrets.token_hex(32))
        for process in self.processes:
            process.start()
        self.await_ready(120)

    def not_ready(self):
        return {p.name: why for p in self.processes if (why := p.ready()) is not None}

    def await_ready(self, seconds):
        common.wait_until(lambda: not self.not_ready(), seconds,
                          "the services do not become ready; look at their logs in "
                          f"{self.logs}")

    def make_token(self):
        made = subprocess.run([
            self.binary, "--peer", f"127.0.0.1:{self.of('intake')[0].grpc}", "token", "create", "--role", "staff",
            "--secret-only"
        ],
                              env=self.environment,
                              capture_output=True,
                              text=True)
        if made.returncode:
            raise CannotRun(f"no token can be made: {made.stderr.strip()}")
        self.token = made.stdout.strip()

    def publish_products(self):
        self.must("POST", "/v1/clock", {"to": "2026-01-05T00:00:00Z"})
        for name in PLANTS:
            folder = TOP / "deploy/products" / name
            package = json.loads((folder / "product.json").read_text())
            package["uvl"] = (folder / "model.uvl").read_text()
            self.must("POST", "/v1/plants", {"plant": json.loads((folder / "plant.json").read_text())})
            self.must("POST", "/v1/models", {"package": package})

    def must(self, verb, path, body=None):
        """A call of the run's own, while nothing is broken."""
        give_up = time.monotonic() + 60
        while True:
            status, answer = self.call(verb, path, body)
            if status == 200:
                return answer
            if status not in (0, 429, 503, 504) or time.monotonic() > give_up:
                raise CannotRun(f"{verb} {path}: {status} {json.dumps(answer)[:300]}")
            time.sleep(0.3)

    def call(self, verb, path, body=None, edge=0, timeout=60, key=None):
        host, port = self.urls[edge % len(self.urls)]
        connection = http.client.HTTPConnection(host, port, timeout=timeout)
        headers = {"authorization": "Bearer " + self.token, "content-type": "application/json"}
        if key:
            headers["idempotency-key"] = key
        try:
            connection.request(verb, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"{}")
        except (OSError, http.client.HTTPException, ValueError) as error:
            return 0, {"error": str(error) or type(error).__name__}
        finally:
            connection.close()

    # --- meanwhile -------------------------------------------------------------------------------------------------

    def watch_over(self):
        while not self.stopping:
            for process in self.processes:
                code = process.running.poll()
                if process.wanted and code is not None and not self.stopping:
                    self.history.append(what="ended by itself", at=common.now(), process=process.name, status=code)
                    process.start()
            for server in [self.postgres, *self.brokers]:
                if server.wanted and not server.alive() and not self.stopping:
                    self.history.append(what="server ended", at=common.now(), process=server.name,
                                        status=server.running.returncode)
                    with server.starting:
                        if not server.alive():
                            server.launch()
            time.sleep(0.2)

    def end(self):
        self.stopping = True
        if self.factory:
            self.factory.stop()
        for process in self.processes:
            if process.running is not None:
                process.running.kill()
                process.running.wait()
        if self.proxy:
            self.proxy.kill()
        for server in [self.postgres, *self.brokers]:
            if server:
                server.stop()
        shutil.rmtree(self.scratch, ignore_errors=True)


class Factory:
    """Keeps the simulated plants going: the simulator gives up when the edge is away, and is started again."""

    def __init__(self, stack):
        self.stack, self.running, self.stopping = stack, None, False
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
            self.running = subprocess.Popen(command, env={**self.stack.environment, "LOOMLINE_TOKEN": self.stack.token},
                                            stdout=self.out, stderr=self.out)
            self.running.wait()
            time.sleep(0.5)

    def stop(self):
        self.stopping = True
        if self.running is not None:
            self.running.terminate()
            try:
                self.running.wait(5)
            except subprocess.TimeoutExpired:
                self.running.kill()
