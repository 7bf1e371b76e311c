"""Whole runs, everything included, beside those of another checkout: what a change of the heart is worth."""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

RUNS = ((57, 16), (104, 16), (410, 4), (1310, 1))  # hidden size and seeds


class NoCheckoutError(RuntimeError):
    """There is nothing to compare with."""


def chains(before: Path | None, repeats: int) -> list[dict[str, Any]]:
    """One row per size: seconds of `python -m lth.run`, one worker, by this checkout and by `before`, in turns.

    Medians of `repeats`. Raises NoCheckoutError where `before` is no checkout of the laboratory.
    """
    if before is None or not (before / "lth" / "run.py").exists():
        raise NoCheckoutError("chains: --before must be a checkout of another version (git worktree add DIR COMMIT)")
    here = Path(__file__).resolve().parents[2]
    return [_row(here, before.resolve(), hidden, seeds, repeats) for hidden, seeds in RUNS]


def _row(here: Path, before: Path, hidden: int, seeds: int, repeats: int) -> dict[str, Any]:
    given = (f"model.hidden={hidden}", f"seed=0..{seeds - 1}", "trainer.workers=1", "trainer.accelerator=cpu")
    spent: dict[Path, list[float]] = {here: [], before: []}
    for _ in range(repeats):
        for checkout, found in spent.items():
            found.append(_seconds(checkout, *given))
    ours, theirs = statistics.median(spent[here]), statistics.median(spent[before])
    return {"hidden": hidden, "seeds": seeds, "here, seconds": ours, "before": theirs, "times": theirs / ours}


def _seconds(checkout: Path, *given: str) -> float:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "lth.run", *given, "tracking=off", f"hydra.run.dir={folder}/run"]
        began = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, cwd=checkout)
        return time.perf_counter() - began
