"""What every module here needs: where the checkout is, ports, how this program speaks, its exit statuses."""
import json, pathlib, socket, sys, time, traceback

TOP = pathlib.Path(__file__).resolve().parents[3]
FOUND, USAGE, COULD_NOT_RUN = 1, 2, 3


class CannotRun(Exception):
    """The run could not be made or read; says why, and then what to do."""


class WrongArguments(Exception):
    """Says which, and then what to do."""


def say(text):
    print(text, file=sys.stderr, flush=True)


def now():
    return time.time()


_given = set()


def free_port():
    """Below 32768, so that no outgoing connection is given it while its server is down."""
    port = 20000 + time.time_ns() // 1000 % 12000
    while True:
        port = 20000 if port >= 32700 else port + 1
        if port in _given:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _given.add(port)
        return port


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


def wait_until(done, seconds, what, pause=0.1):
    """Until done() says something true, which is returned; CannotRun after so many seconds."""
    give_up = time.monotonic() + seconds
    while True:
        found = done()
        if found:
            return found
        if time.monotonic() > give_up:
            raise CannotRun(f"{what}: not within {seconds} s")
        time.sleep(pause)


class Lines:
    """A file of JSON lines that is only appended to; each line is out of the process before append() returns."""

    def __init__(self, path):
        self.file = open(path, "ab", buffering=0)

    def append(self, **what):
        self.file.write(json.dumps(what, ensure_ascii=False).encode() + b"\n")


def read_lines(path, checked=lambda line: None):
    """The lines of such a file. A last one without its end was cut short by a kill and is left out; any other that is
    no object, or of which checked() says what is wrong with it, is an error: what stands behind it would be missed."""
    if not path.exists():
        return
    with open(path, "rb") as file:
        for number, line in enumerate(file, 1):
            if not line.endswith(b"\n"):
                return
            try:
                found = json.loads(line)
                why = checked(found) if isinstance(found, dict) else "it is no object"
            except (ValueError, RecursionError):
                why = "it is no JSON"
            if why:
                raise CannotRun(f"{path}, line {number} cannot be read: {why}")
            yield found


def guarded(name, main, folder=lambda: None):
    """The exit status of main(): whatever goes wrong in this program itself is never taken for a finding."""
    try:
        return main()
    except WrongArguments as why:
        say(f"{name}: {why}")
        return USAGE
    except CannotRun as why:
        say(f"{name}: {why}")
        return COULD_NOT_RUN
    except KeyboardInterrupt:
        say(f"{name}: interrupted")
        return 130
    except Exception as error:  # the last resort
        text, place = traceback.format_exc(), folder()
        first = f"{type(error).__name__}: {error}".splitlines()[0]
        try:
            (place / "error.txt").write_text(text)
            say(f"{name}: an error of this program: {first}\n  where: {place}/error.txt")
        except (OSError, TypeError):  # there is no folder yet, or it cannot be written
            say(f"{name}: an error of this program: {first}\n{text}")
        return COULD_NOT_RUN
