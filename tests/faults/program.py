"""The program in processes of its own: started, signalled, killed, and what it left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]
REDUCED = ("dataset.n_train=200", "dataset.n_val=200", "dataset.n_test=100", "trainer.patience=30", "trainer.workers=2",
           "tracking=off")  # fmt: skip
TABLES = ("levels.parquet", "epochs.parquet")
PATIENCE = 600.0  # seconds after which a test has hung, on the busiest machine


class Program:
    """One start of `python -m lth.run`, its standard output and error in files."""

    def __init__(self, starter: Starter, process: int, out: Path, err: Path) -> None:
        self.process, self._starter, self._out, self._err = process, starter, out, err
        self._code: int | None = None

    @property
    def out(self) -> str:
        """What it printed so far."""
        return self._out.read_text()

    @property
    def err(self) -> str:
        """What it complained about so far."""
        return self._err.read_text()

    def ended(self) -> int | None:
        """Its exit code, or None while it runs."""
        if self._code is None:
            self._code = self._starter.ended(self.process)
        return self._code

    def wait(self, seconds: float = PATIENCE) -> int:
        """Its exit code, minus the signal that ended it."""
        deadline = time.monotonic() + seconds
        while (code := self.ended()) is None:
            if time.monotonic() > deadline:
                self.kill()
                raise TimeoutError(f"still running after {seconds} s: {self.out} {self.err}")
            time.sleep(0.005)
        return code

    def wait_for(self, path: Path) -> None:
        """Until a file is there."""
        deadline = time.monotonic() + PATIENCE
        while not path.exists():
            assert self.ended() is None, f"ended before {path}: {self.out} {self.err}"
            assert time.monotonic() < deadline, f"no {path}: {self.out} {self.err}"
            time.sleep(0.002)

    def signal(self, number: int) -> None:
        """Signal the main process alone."""
        os.kill(self.process, number)

    def signal_group(self, number: int) -> None:
        """Signal the main process and its workers, as a terminal and most schedulers do."""
        os.killpg(self.process, number)

    def seconds_to_end(self) -> float:
        """Waits for the end; the processor seconds that the main process and its workers take until then."""
        began = spent = self._seconds()
        deadline = time.monotonic() + PATIENCE
        while self.ended() is None:
            if time.monotonic() > deadline:
                self.kill()
                raise TimeoutError(f"still running after {PATIENCE} s: {self.out} {self.err}")
            spent = max(spent, self._seconds())
            time.sleep(0.02)
        return spent - began

    def _seconds(self) -> float:
        ticks = 0
        for place in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                fields = place.read_text().rpartition(")")[2].split()
                ticks += (int(fields[11]) + int(fields[12])) * (int(fields[2]) == self.process)
        return ticks / os.sysconf("SC_CLK_TCK")

    def wait_for_words(self) -> None:
        """Until the program itself runs: what starts it has made its output."""
        while not self._err.exists():
            time.sleep(0.001)

    def kill(self) -> None:
        """kill -9 on the whole group; gives when all of it is gone."""
        with suppress(ProcessLookupError):  # over already
            os.killpg(self.process, signal.SIGKILL)
        while self.ended() is None:
            time.sleep(0.001)


class Starter:
    """Starts programs: forked from a process that has imported everything, or each on its own as a user does."""

    def __init__(self, place: Path, *, forked: bool = True) -> None:
        self._place, self._count = place, 0
        environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        self._environment, self._own = environment, {}
        command = [sys.executable, "-m", "tests.faults.server"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self._server = subprocess.Popen(command, env=environment, cwd=ROOT, **pipes) if forked else None  # type: ignore[call-overload]

    def start(self, folder: Path, *arguments: str, before: str = "") -> Program:
        """The program with these arguments in this folder; `before` is code that runs in it first (forked only)."""
        self._count += 1
        out, err = (self._place / f"{self._count}.{name}" for name in ("out", "err"))
        if self._server is not None:
            process = self._ask([str(folder), str(out), str(err), list(arguments), before])
            assert isinstance(process, int)
        else:
            assert not before
            with out.open("w") as first, err.open("w") as second:
                command = [sys.executable, "-m", "lth.run", *arguments]
                own = subprocess.Popen(command, cwd=folder, stdout=first, stderr=second, env=self._environment,
                                       start_new_session=True)  # fmt: skip
            process = own.pid
            self._own[process] = own
        return Program(self, process, out, err)

    def run(self, folder: Path, *arguments: str, before: str = "") -> Program:
        """The same, waited for."""
        program = self.start(folder, *arguments, before=before)
        program.wait()
        return program

    def ended(self, process: int) -> int | None:
        """The exit code of what was started, or None while it runs."""
        return self._own[process].poll() if process in self._own else self._ask(process)

    def close(self) -> None:
        """End the process that programs are forked from."""
        if self._server is not None:
            self._server.communicate()

    def _ask(self, question: object) -> int | None:
        assert self._server is not None
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        print(json.dumps(question), file=self._server.stdin, flush=True)
        return json.loads(self._server.stdout.readline())


def slowness() -> float:
    """How many seconds a second of work takes now, for others work too; 1 on a machine of its own."""
    began, used = time.monotonic(), time.process_time()
    while time.process_time() - used < 0.1:
        pass
    return max(1.0, (time.monotonic() - began) / (time.process_time() - used))


def results_of(sweep: Path) -> dict[str, bytes]:
    """The tables and tickets of a sweep, byte by byte."""
    found = [path for name in TABLES for path in sweep.rglob(name)]
    return tickets_of(sweep) | {path.relative_to(sweep).as_posix(): path.read_bytes() for path in found}


def command(*own: str, sweep: str = "sweep", epochs: int = 60) -> Sequence[str]:
    """A reduced sweep: three sizes, two seeds, twelve levels in all of so many epochs at most."""
    sizes = ("model.hidden=8,10,13", "seed=0..1", f"trainer.max_epochs={epochs}")
    return ("-m", *REDUCED, *sizes, *own, f"hydra.sweep.dir={sweep}")


def tickets_of(folder: Path) -> dict[str, bytes]:
    """The tickets that are in place, byte by byte."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("level=*.safetensors")}
