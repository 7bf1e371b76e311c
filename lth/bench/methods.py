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
    of its work shows it.
    """
    spent: dict[str, list[float]] = {name: [] for name in presets("pruning")}
    for _ in range(REPEATS):
        for name, found in spent.items():
            found.append(_milliseconds(name))
    medians = {name: statistics.median(found) for name, found in spent.items()}
    rows = [
        {"method": name, "ms per epoch": value, "times plain": value / medians[PLAIN]}
        for name, value in medians.items()
    ]
    return sorted(rows, key=lambda row: row["times plain"])


def _milliseconds(name: str) -> float:
    with tempfile.TemporaryDirectory() as folder:
        given = (f"model.hidden={HIDDEN}", f"seed=0..{SEEDS - 1}", f"trainer.max_epochs={EPOCHS}")
        asked = job(Path(folder), f"pruning={name}", *given, f"trainer.patience={EPOCHS}")
        began = time.process_time()
        train(asked, lambda _: None)
        return 1000 * (time.process_time() - began) / sum(_epochs(asked, seed) for seed in asked.seeds)


def _epochs(asked: Job, seed: int) -> int:
    return load(path_of(asked.folder, seed, asked.levels)).row["spent_epochs"]
