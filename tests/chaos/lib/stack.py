"""The installation under attack: stores, proxy, every service as a process of its own, the factory simulator."""
import http.client, json, os, pathlib, secrets, shutil, subprocess, sys, tempfile, threading, time

from . import brokers, common, servers
from .common import CannotRun, TOP
from .plants import PLANTS, product, size_for
from .processes import MIXED, SERVICES, Factory, Process


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
        self.brokers = brokers.make(self.args.brokers, self.scratch, self.logs)
        self.postgres = servers.Postgres(self.scratch / "postgres", self.logs)
        brokers.launch(self.brokers)
        self.postgres.make()
        for server in [self.postgres, *self.brokers]:
            server.start()
        self.start_proxy()
        self.start_services()
        self.make_token()
        self.publish_products()
        self.await_ready(300)
        # All have heard the time: a quote that was made before would have run out at once.
        common.wait_until(lambda: self.call("GET", "/v1/system/quiet?wait_milliseconds=2000")[1].get("quiet"), 300,
                          "it does not come to rest at its start")
        self.factory = Factory(self)
        common.wait_until(self.factory.lives, 60, "the factory does not keep going; look at "
                          f"{self.logs}/factory.out")
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
        self.environment = {name: value for name, value in os.environ.items()
                            if not name.startswith("LOOMLINE_") or name == "LOOMLINE_PLANTED"}
        self.environment.update(LOOMLINE_KAFKA=kafka, LOOMLINE_CLOCK="topic", LOOMLINE_PARTITIONS="6",
                                LOOMLINE_SURVEY_DAYS="3", LOOMLINE_VAULT_KEY=secrets.token_hex(32))
        for process in self.processes:
            process.start()
        self.await_ready(300, begin=True)

    def none_has_ended(self):
        """While everything they need is there none ends by itself: then it never becomes ready."""
        for process in self.processes:
            if (status := process.running.poll()) is not None:
                raise CannotRun(f"{process.name} ended with status {status} before it was ready; look at "
                                f"{self.logs}/{process.name}.out")

    def not_ready(self):
        return {p.name: why for p in self.processes if (why := p.ready()) is not None}

    def await_ready(self, seconds, begin=False):
        common.wait_until(lambda: not (begin and self.none_has_ended()) and not self.not_ready(), seconds,
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
            plant, package = product(name, size_for(self.args.orders))
            self.must("POST", "/v1/plants", {"plant": plant})
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
