"""PostgreSQL of a run, and what it has in common with the brokers: a child process that can be killed, frozen and
started again, with a disk of its own where mounts are permitted. tests/chaos starts its servers itself, and not with
deploy/local, because brokers must name the proxy as their address, and may be three."""
import os, pathlib, secrets, shutil, signal, subprocess, threading, time

from . import common
from .common import CannotRun

PG_BIN = pathlib.Path("/usr/lib/postgresql/15/bin")
SPARE = 4 << 30  # bytes that a disk of memory may hold


class Disk:
    """A folder that can be full: a file system of memory, whose size is taken down to what is in it."""

    def __init__(self, folder):
        self.folder, self.mounted, self.why_not = folder, False, "it was not made"

    def make(self):
        self.folder.mkdir(parents=True)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SPARE}", "chaos",
                                  str(self.folder)],
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
        if os.path.ismount(self.folder):  # whatever was known of it when its making was interrupted
            subprocess.run(["umount", "-l", str(self.folder)], capture_output=True)
        shutil.rmtree(self.folder, ignore_errors=True)


def prepare(what, command, log, **more):
    done = subprocess.run(command, **more)
    if done.returncode:
        raise CannotRun(f"{what} cannot be prepared (status {done.returncode}); look at {log}")


class Server:
    """What PostgreSQL and a broker have in common. Its making does nothing yet: who ends a run must know of it before
    it has a disk."""

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

    def start(self, seconds=300):
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

    def make(self):
        self.disk.make()
        if self.user:
            shutil.chown(self.disk.folder, "postgres", "postgres")
        given = self.disk.folder / "password"
        given.write_text(self.password)
        prepare(self.name, [
            PG_BIN / "initdb", "-D", self.data, "-U", "loomline", "--auth=scram-sha-256", f"--pwfile={given}",
            "--encoding=UTF8", "--locale=C.UTF-8"
        ], self.log, cwd="/", stdout=self.out, stderr=self.out, **self.user)
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
