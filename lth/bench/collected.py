"""How long it takes to read what a large study left: thousands of run folders as one table."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from lth.bench.runs import job
from lth.files import checked_json
from lth.record.recorder import Header, Recorder
from lth.results import table as results
from lth.tracking.tracker import Tracking
from lth.training.messages import LevelDone
from lth.training.train import train

SEEDS = "0..3"
SIZES = 30  # configurations that are recorded; their folders are then repeated


def collected(folders: int) -> list[dict[str, Any]]:
    """So many run folders of 4 seeds and 10 levels: seconds for the levels, for the runs, and for the command.

    They have just been written, so that reading them does not wait for a disk.
    """
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # writing waits for a disk, and is not measured
    with tempfile.TemporaryDirectory(dir=memory) as place:
        top = Path(place)
        _write(top, folders)
        before = time.process_time()
        rows, loading = _timed(lambda: results.load(top))
        computing = time.process_time() - before
        _, reading = _timed(lambda: results.runs(top))
        command = [sys.executable, "-m", "lth.results", str(top)]
        _, commanding = _timed(lambda: subprocess.run(command, check=True, capture_output=True))
    figures = {"load, seconds": loading, "of cores": computing, "runs, seconds": reading}
    return [{"folders": folders, "rows": len(rows), **figures, "the command, seconds": commanding}]


def _write(top: Path, folders: int) -> None:
    """A few stacks by the recorder, then the same ones as others: another size, another hash, the same levels."""
    sizes = min(SIZES, folders)
    with tempfile.TemporaryDirectory() as place:
        config, levels = _trained(Path(place))
    for number in range(folders):
        folder, changes = top / str(number), {"model": {**config.config["model"], "hidden": number}}
        name = f"{number:016x}"
        if number < sizes:
            header = replace(config, config={**config.config, **changes}, config_hash=name)
            Recorder(folder, header, finished=levels).close("finished")
            continue
        like = top / str(number % sizes)
        folder.mkdir()
        for table in ("levels.parquet", "epochs.parquet"):
            (folder / table).write_bytes((like / table).read_bytes())
        summary = checked_json.unpack((like / "summary.json").read_bytes())
        summary |= {"config_hash": name, "config": {**summary["config"], **changes}}
        (folder / "summary.json").write_bytes(checked_json.pack(summary))


def _trained(place: Path) -> tuple[Header, list[LevelDone]]:
    """A stack of one epoch a level, and what a recorder needs to know of it."""
    from lth.command.compose import compose
    from lth.jobs.plan import prepare

    given = ("model.hidden=57", f"seed={SEEDS}", "trainer.max_epochs=1", "tracking=off")
    plan = prepare(compose(given), place)
    done: list[LevelDone] = []
    train(job(place, *given), lambda message: done.append(message) if isinstance(message, LevelDone) else None)
    header = Header(plan.config, plan.config_hash, plan.seeds, plan.dataset.tasks, plan.shape, plan.keeps,
                    tracking=Tracking(mode="off"))  # fmt: skip
    return header, done


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    began = time.perf_counter()
    found = work()
    return found, time.perf_counter() - began
