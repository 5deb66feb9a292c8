"""An installation to attack: one process with all services, on servers that are given or its own."""
import importlib.machinery, importlib.util, json, os, pathlib, secrets, shlex, signal, subprocess, sys, time

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(TOP / "tests/load"))
_loader = importlib.machinery.SourceFileLoader("roll", str(TOP / "tests/roll/run"))
roll = importlib.util.module_from_spec(importlib.util.spec_from_loader("roll", _loader))
_loader.exec_module(roll)

PARTITIONS = 6
PLANT_FILE = roll.PRODUCT / "plant.json"


def servers():
    """Sets LOOMLINE_POSTGRES and LOOMLINE_KAFKA, from servers that are started where none are given."""
    if os.environ.get("LOOMLINE_POSTGRES") and os.environ.get("LOOMLINE_KAFKA"):
        return None
    home = {**os.environ, "LOOMLINE_HOME": os.environ.get("LOOMLINE_HOME", str(TOP / ".local/doors"))}
    subprocess.run([str(TOP / "deploy/local"), "up"], env=home, check=True, stdout=sys.stderr)
    said = subprocess.run([str(TOP / "deploy/local"), "env"], env=home, check=True, capture_output=True, text=True)
    for word in shlex.split(said.stdout):
        name, equals, value = word.partition("=")
        if equals:
            os.environ[name] = value
    return home


def stop_servers(home):
    if home is not None:
        subprocess.run([str(TOP / "deploy/local"), "reset"], env=home, stdout=subprocess.DEVNULL)


class Process:
    """A program of ours; ready when its state file is there."""

    def __init__(self, name, command, environment, logs):
        self.state_file, self.log = logs / f"{name}.json", logs / f"{name}.log"
        self.state_file.unlink(missing_ok=True)
        with open(logs / f"{name}.out", "ab") as out:
            self.running = subprocess.Popen(
                [*command, "--log-file", str(self.log), "--state-file", str(self.state_file)], env=environment,
                stdout=out, stderr=out, stdin=subprocess.DEVNULL)
        give_up = time.monotonic() + 120
        while not (self.state_file.exists() and self.state_file.stat().st_size):
            if self.running.poll() is not None or time.monotonic() > give_up:
                raise RuntimeError(f"{name} does not become ready; look at {self.log} and {logs / name}.out")
            time.sleep(0.05)
        self.state = json.loads(self.state_file.read_text())

    def stop(self):
        """Its exit status; gently, then firmly."""
        self.running.send_signal(signal.SIGTERM)
        try:
            return self.running.wait(roll.SHUTDOWN_PROMISE + 1)
        except subprocess.TimeoutExpired:
            self.running.kill()
            return self.running.wait()


class Stack:
    """All services in one process, with a product to order."""

    def __init__(self, build, logs):
        self.programs, self.logs, self.name = roll.programs_in(build), logs, f"doors_{secrets.token_hex(4)}_"
        self.environment = {**os.environ, "LOOMLINE_INSTALLATION": self.name, "LOOMLINE_CLOCK": "topic",
                            "LOOMLINE_PARTITIONS": str(PARTITIONS), "LOOMLINE_VAULT_KEY": secrets.token_hex(32)}
        for name in ("LOOMLINE_URL", "LOOMLINE_TOKEN", "LOOMLINE_TOKEN_FILE", "LOOMLINE_PEER", "LOOMLINE_CONFIG",
                     "LOOMLINE_LIMITS", "LOOMLINE_PROXIES"):
            self.environment.pop(name, None)
        self.http, self.process, self.token = roll.free_port(), None, ""
        self.url = f"http://127.0.0.1:{self.http}"

    call, rows = roll.Installation.call, roll.Installation.rows

    def start(self):
        self.process = Process("loomline", [self.programs["loomline"], "serve", "--target=all", "--http",
                                            f"127.0.0.1:{self.http}"], self.environment, self.logs)
        self.token = self.make_token("staff")
        roll.publish_product(self, "HEAD")
        if trouble := roll.await_rest(self):
            raise RuntimeError(trouble[0])

    def make_token(self, role):
        made = subprocess.run([self.programs["loomline"], "--peer", self.grpc(), "token", "create", "--role", role,
                               "--secret-only"], env=self.environment, capture_output=True, text=True)
        if made.returncode:
            raise RuntimeError(f"no token can be made: {made.stderr.strip()}")
        return made.stdout.strip()

    def grpc(self):
        return self.process.state["grpc"]

    def admin(self):
        return self.process.state["admin"]

    def tear_down(self):
        if self.process is not None and self.process.running.poll() is None:
            self.process.running.kill()
            self.process.running.wait()
        drop_databases(self.name, roll.OWNERS)


def drop_databases(prefix, services):
    for service in services:
        subprocess.run(["psql", "-Xq", "-d", os.environ["LOOMLINE_POSTGRES"], "-c",
                        f"DROP DATABASE IF EXISTS {prefix}{service} WITH (FORCE)"], capture_output=True)
