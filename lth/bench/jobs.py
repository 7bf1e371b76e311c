"""What a sweep costs before its first job starts: jobs composed, checked, claimed and queued; nothing is trained."""

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn, Self

from lth.command.run import start
from lth.jobs import execution

MOST_FILES = 256
SMALLEST, SIZES = 8, 100  # hidden neurons, and how many sizes there are at most; the learning rates make up the rest
SEEDS = "0..9"


class FirstJobError(BaseException):
    """The first job could start now; nothing between here and there takes it for a fault."""


class NobodyAtWork:
    """Stands in a pool's place: takes every job, and breaks off where the first one would start."""

    def __init__(self, *_: object) -> None:
        self._queued = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def add(self, *_: object) -> None:
        """Count the job."""
        self._queued += 1

    def events(self) -> Iterator[NoReturn]:
        """Raise FirstJobError with the number of jobs."""
        raise FirstJobError(self._queued)

    def stop(self) -> None:
        """There is nothing to stop."""


def jobs(counts: Sequence[int]) -> list[dict[str, Any]]:
    """Sweeps of so many configurations of ten seeds each, every one in a process of its own with one core."""
    rows = []
    for count in counts:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", __name__, str(count), str(Path(folder) / "sweep")]
            said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
            rows.append({"jobs": count, **json.loads(said.splitlines()[-1])})
    return rows


def until_the_first(count: int, folder: Path) -> dict[str, Any]:
    """Start such a sweep in this process: what it took of it, imports included, until the first job could start."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (MOST_FILES, hard))
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    execution.Pool = NobodyAtWork  # type: ignore[assignment,misc]
    try:
        code = start(_typed(count, folder))
    except FirstJobError as reached:
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
        return {"queued": reached.args[0], "seconds": _age(), "of the processor": _worked(), "megabytes": memory}
    raise SystemExit(f"no job was queued; exit code {code}")


def _typed(count: int, folder: Path) -> list[str]:
    sizes = f"model.hidden=range({SMALLEST},{SMALLEST + min(count, SIZES)})"
    rates = f"optimizer.lr={','.join(f'{rate}e-5' for rate in range(1, 1 + -(-count // SIZES)))}"
    geometric = ["pruning/schedule=geometric", "pruning.schedule.rate=0.32", "pruning.schedule.levels=3"]
    return ["-m", *geometric, sizes, rates, f"seed={SEEDS}", f"hydra.sweep.dir={folder}"]


def _age() -> float:
    """Seconds since this process was started."""
    ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    return float(Path("/proc/uptime").read_text().split()[0]) - ticks / os.sysconf("SC_CLK_TCK")


def _worked() -> float:
    spent = resource.getrusage(resource.RUSAGE_SELF)
    return spent.ru_utime + spent.ru_stime


if __name__ == "__main__":
    print(json.dumps(until_the_first(int(sys.argv[1]), Path(sys.argv[2]))))
