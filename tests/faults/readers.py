"""Every reader of run folders, let loose in this process on a run of which one file is forged."""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lth.collect.__main__ import main as collected
from lth.command.run import start, train
from lth.controls.__main__ import main as controlled
from lth.figures.__main__ import main as drawn
from lth.jobs.plan import Plan
from lth.jobs.split import job_of
from lth.results.command import main as print_results
from lth.settings import ConfigurationError
from lth.ticket import chain, load, path_of
from lth.ticket.__main__ import main as shown
from lth.training.messages import LevelDone
from tests.faults.program import results_of
from tests.faults.watched import watched
from tests.in_this_process import InThisProcess


@dataclass(frozen=True)
class Run:
    """A run that nobody forged: its folder, its plan, its tables and tickets byte by byte."""

    folder: Path
    plan: Plan
    results: dict[str, bytes]


@dataclass(frozen=True)
class Reading:
    """What a reader did: its exit code, what it printed, the results in the folder then, what it set aside."""

    code: int
    out: str
    err: str
    results: dict[str, bytes]
    aside: dict[str, bytes]


class Refilled:
    """What a worker does where nothing is trained: a level gets the ticket that training it once gave."""

    whole: Path  # the folder of the run that nobody forged

    @classmethod
    def train(cls, job: Any, send: Callable[[object], None]) -> None:
        """Stands in for training: see the class."""
        for seed, level in _levels(job):
            source = path_of(cls.whole, seed, level)
            path_of(job.folder, seed, level).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, path_of(job.folder, seed, level))
            made = load(source)
            send(LevelDone(seed, level, made.row, made.epochs))


def refilling_pool(workers: int, entry: str = "") -> InThisProcess:
    """Stands in for the pool."""
    return InThisProcess(workers, "tests.faults.readers:Refilled.train")


def _levels(job: Any) -> Iterator[tuple[int, int]]:
    """What a job trains; controls train nothing here, nor do seeds that only a forged file names."""
    for seed in () if hasattr(job, "trainings") else job.seeds:
        for level in range(job.first_level, job.levels + 1):
            if path_of(Refilled.whole, seed, level).exists():
                yield seed, level


def read_by(reader: str, run: Run, file: str, data: bytes, without: str | None = None) -> Reading:
    """Let a reader read a copy of the run of which this file holds these bytes, and `without` is missing."""
    with tempfile.TemporaryDirectory() as box:
        folder, out = Path(box, "run"), Path(box, "out")
        shutil.copytree(run.folder, folder)
        (folder / file).write_bytes(data)
        if without:
            (folder / without).unlink()
        said, complained = io.StringIO(), io.StringIO()
        with chdir(box), watched(Path(box)) as done, redirect_stdout(said), redirect_stderr(complained):
            code = _commands(run, folder, out, folder / file)[reader]()
        assert not done
        aside = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.broken")}
        if reader == "resume" and code == 0:
            _check_finished(replace(run.plan, folder=folder))
        return Reading(code, said.getvalue(), complained.getvalue(), results_of(folder), aside)


def _commands(run: Run, folder: Path, out: Path, forged: Path) -> dict[str, Callable[[], int]]:
    return {
        "resume": lambda: _resumed(replace(run.plan, folder=folder)),
        "start": lambda: start(["--resume", str(folder)]),
        "results": lambda: print_results([str(folder)]),
        "collect": lambda: collected(["weights", str(folder), "--to", str(out), "--draws", "1", "--workers", "1"]),
        "figures": lambda: drawn(["outcomes", str(folder), "--to", str(out), "--formats", "svg"]),
        "controls": lambda: controlled([str(folder), "--workers", "1"]),
        "show": lambda: shown(["show", str(forged)]),
        "graphml": lambda: shown(["export", str(forged), "--to", "graphml", "--out", str(out)]),
        "state_dict": lambda: shown(["export", str(forged), "--to", "state_dict", "--out", str(out)]),
    }


def _resumed(plan: Plan) -> int:
    """Go on in the folder, as `lth.command.run` does once the configuration is composed."""
    try:
        return train([plan])[0]
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return 2


def _check_finished(plan: Plan) -> None:
    """Every level has a ticket that fits."""
    job = job_of(plan, "cpu")
    for seed in job.seeds:
        found = chain(plan.folder, seed, job.config_hash, job.expected)
        assert (len(found.rows), found.set_aside) == (job.levels + 1, ())
