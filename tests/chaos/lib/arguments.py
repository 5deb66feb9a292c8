"""What the programs here are told on their command line: each value is looked at, and a refusal says what to do."""
import argparse, math, os, pathlib, shlex

from .common import TOP, USAGE, WrongArguments

MOST = {"orders": 10_000_000, "faults": 100_000, "seed": 10**18}
BUILT = {"binary": ".build/release/bin/loomline", "factory": ".build/release/services/factory/loomline-factory"}


class Parser(argparse.ArgumentParser):
    def error(self, message):
        self.exit(USAGE, f"{self.prog}: {message}\n" + ("" if "\n" in message else f"  see {self.prog} --help\n"))


def natural(name):
    def read(text):
        if not (text.isascii() and text.isdigit() and len(text) < 20 and 1 <= int(text) <= MOST[name]):
            raise argparse.ArgumentTypeError(f"'{text}' is no number from 1 to {MOST[name]}\n"
                                             f"  for example: --{name} 20")
        return int(text)
    return read


def rate(text):
    try:
        found = float(text)
    except ValueError:
        found = 0
    if not math.isfinite(found) or found < 0.001:
        raise argparse.ArgumentTypeError(f"'{text}' is no number of orders a second, from 0.001 on\n"
                                         "  for example: --rate 2.5; without it they are spread over the faults")
    return found


def path(text):
    if not text:
        raise argparse.ArgumentTypeError("it is empty\n  name a path, or leave it out")
    return pathlib.Path(text).resolve()


def program(name, found):
    """Refused where it cannot be started at all."""
    if found.is_dir():
        raise WrongArguments(f"--{name}: {found} is a folder\n  name the program in it")
    if not found.is_file():
        raise WrongArguments(f"--{name}: {found} is not there\n  build it: cmake --build .build/release --target "
                             f"{found.name}")
    if not os.access(found, os.X_OK):
        raise WrongArguments(f"--{name}: {found} is no program: it may not be executed\n  name one, or leave --{name} "
                             "out")


def planted(binary, mistake):
    """A mistake is planted by those programs alone that read of it. A script may start one, and is let pass."""
    content = binary.read_bytes() if mistake else b""
    if mistake and not content.startswith(b"#!") and b"LOOMLINE_PLANTED" not in content:
        raise WrongArguments(f"LOOMLINE_PLANTED is {mistake}, and {binary} does not read it: only bin/loomline-planted "
                             "does\n  name that with --binary, or unset LOOMLINE_PLANTED")


def replay(args, mistake):
    """The line that attacks again, with everything that was given."""
    words = [f"LOOMLINE_PLANTED={shlex.quote(mistake)}"] if mistake else []
    words.append("tests/chaos/run")
    for name in ("seed", "orders", "faults", "brokers", "replicas", "rate"):
        if value := getattr(args, name):
            words += [f"--{name}", str(value)]
    for name, usual in BUILT.items():
        value = getattr(args, name)
        if value != (TOP / usual).resolve():
            words += [f"--{name}", shlex.quote(str(value))]
    return " ".join(words)
