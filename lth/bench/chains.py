"""Whole runs, everything included, beside those of another checkout: what a change of the heart is worth."""

import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from lth.bench.timed import Seconds, timed

RUNS = ((57, 16), (104, 16), (410, 4), (1310, 1))  # hidden size and seeds


class NoCheckoutError(RuntimeError):
    """There is nothing to compare with."""


def chains(before: Path | None, repeats: int) -> list[dict[str, Any]]:
    """One row per size: what `python -m lth.run` takes, one worker, by this checkout and by `before`, in turns.

    Medians of `repeats`, of the clock's seconds and of the processor's. Raises NoCheckoutError where `before` is no
    checkout of the laboratory.
    """
    if before is None or not (before / "lth" / "run.py").exists():
        raise NoCheckoutError("chains: --before must be a checkout of another version (git worktree add DIR COMMIT)")
    here = Path(__file__).resolve().parents[2]
    return [_row(here, before.resolve(), hidden, seeds, repeats) for hidden, seeds in RUNS]


def _row(here: Path, before: Path, hidden: int, seeds: int, repeats: int) -> dict[str, Any]:
    given = (f"model.hidden={hidden}", f"seed=0..{seeds - 1}", "trainer.workers=1", "trainer.accelerator=cpu")
    spent: dict[Path, list[Seconds]] = {here: [], before: []}
    for _ in range(repeats):
        for checkout, found in spent.items():
            found.append(_chain(checkout, *given))
    row: dict[str, Any] = {"hidden": hidden, "seeds": seeds}
    for what in ("clock", "processor"):
        ours, theirs = (statistics.median(getattr(took, what) for took in spent[side]) for side in (here, before))
        row |= {f"{what}, seconds": ours, f"{what} before": theirs, f"times, {what}": theirs / ours}
    return row


def _chain(checkout: Path, *given: str) -> Seconds:
    with tempfile.TemporaryDirectory() as folder:
        return timed([sys.executable, "-m", "lth.run", *given, "tracking=off", f"hydra.run.dir={folder}/run"], checkout)
