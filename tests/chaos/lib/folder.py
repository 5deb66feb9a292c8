"""The folder of a run: claimed by one run at a time, and emptied of nothing but what a run records."""
import fcntl, json, os, shutil

from .common import CannotRun, WrongArguments

# What a run and its checks write. Nothing else is ever taken away.
OWN = ("run.json", "run.json.new", "found.txt", "error.txt", "ledger.jsonl", "faults.jsonl", "events.jsonl",
       "heard.jsonl", "factory.jsonl", "final.json", "logs")


def is_of_a_run(folder):
    """Whether a run has written its run.json there; that of another program is none."""
    try:
        run = json.loads((folder / "run.json").read_text())
    except (OSError, ValueError):
        return False
    return isinstance(run, dict) and "tests/chaos/run" in str(run.get("replay", "")) and "seed" in run


def clear(folder):
    for name in OWN:
        path = folder / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


class Folder:
    """Claimed from its making to close(): a second run, or a check, is told so. The claim ends with the process."""

    def __init__(self, path, shared=False):
        self.path, self.was_there = path, path.exists()
        if self.was_there and not path.is_dir():
            raise WrongArguments(f"--folder: {path} is no folder\n  name a new one")
        try:
            if not shared:
                path.mkdir(parents=True, exist_ok=True)
            self.claim = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as why:
            raise CannotRun(f"{path} cannot be made or opened: {why.strerror}\n"
                            "  name another one with --folder") from None
        try:
            fcntl.flock(self.claim, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
            if not os.path.samestat(os.stat(path), os.fstat(self.claim)):
                raise BlockingIOError  # its run has just taken it away
        except (BlockingIOError, FileNotFoundError):
            self.close()
            raise CannotRun(f"a run records in {path} now\n  wait for its end, or name another --folder") from None

    def begin(self, run):
        """Emptied of what an earlier run recorded; of anybody else's folder nothing is touched."""
        held = set(os.listdir(self.path))
        if held and not is_of_a_run(self.path):
            self.close()
            raise WrongArguments(f"--folder: {self.path} is not empty, and no run recorded there (it has no run.json "
                                 "of one)\n  name a new or an empty one, or take its content away yourself")
        self.was_empty = self.was_there and not held
        try:
            clear(self.path)
            self.note(run)
        except OSError as why:
            raise CannotRun(f"{self.path} cannot be written: {why.strerror}\n"
                            "  name another one with --folder") from None

    def note(self, run):
        """run.json, whole or not at all."""
        (self.path / "run.json.new").write_text(json.dumps(run))
        os.replace(self.path / "run.json.new", self.path / "run.json")

    def remove(self):
        """What was recorded, and the folder where it was made for it and has nothing else."""
        clear(self.path)
        if not self.was_empty and not os.listdir(self.path):
            self.path.rmdir()

    def close(self):
        os.close(self.claim)
