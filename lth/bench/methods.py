"""What every method costs beside plain iterative pruning: processor time of one seed's epoch, everything included."""

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from lth.bench.runs import job
from lth.settings.conf import presets
from lth.ticket import load, path_of
from lth.training.job import Job
from lth.training.train import train

PLAIN = "magnitude"
SEEDS, HIDDEN, EPOCHS, REPEATS = 4, 38, 20, 3


def methods() -> list[dict[str, Any]]:
    """One row per preset: milliseconds of processor time per seed and epoch, medians of 3, and times those of `PLAIN`.

    The presets take turns. Epochs are those that were trained, so that a method whose analysis or scoring is the most
    of its work shows it. A method that trains nothing has no epoch: its row says the whole run's milliseconds.
    """
    runs: dict[str, list[tuple[float, int]]] = {name: [] for name in presets("pruning")}
    for _ in range(REPEATS):
        for name, found in runs.items():
            found.append(_run(name))
    rows = [_row(name, found) for name, found in runs.items()]
    plain = next(row["ms per epoch"] for row in rows if row["method"] == PLAIN)
    rows = [{**row, "times plain": row["ms per epoch"] and row["ms per epoch"] / plain} for row in rows]
    return sorted(rows, key=lambda row: (row["epochs"] == 0, row["times plain"] or 0))


def _row(name: str, runs: list[tuple[float, int]]) -> dict[str, Any]:
    whole, epochs = statistics.median(spent for spent, _ in runs), runs[0][1]
    return {"method": name, "epochs": epochs, "ms per run": whole, "ms per epoch": whole / epochs if epochs else None}


def _run(name: str) -> tuple[float, int]:
    """Milliseconds of processor time of a run, and the epochs of all its seeds together."""
    with tempfile.TemporaryDirectory() as folder:
        given = (f"model.hidden={HIDDEN}", f"seed=0..{SEEDS - 1}", f"trainer.max_epochs={EPOCHS}")
        asked = job(Path(folder), f"pruning={name}", *given, f"trainer.patience={EPOCHS}")
        began = time.process_time()
        train(asked, lambda _: None)
        spent = 1000 * (time.process_time() - began)
        return spent, sum(_epochs(asked, seed) for seed in asked.seeds)


def _epochs(asked: Job, seed: int) -> int:
    return load(path_of(asked.folder, seed, asked.levels)).row["spent_epochs"]
