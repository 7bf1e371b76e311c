"""How soon a level gets where the dense network got: three measures of one course of epochs, and whether each wins."""

from collections.abc import Mapping
from typing import Any

import numpy as np

COURSE = ("epochs_best", "epochs_dense", "epochs_99")
WINS = ("wins_best", "wins_dense", "wins_99")
NEAR = 0.99  # of the dense accuracy
_ROUNDING = 1e-9  # means over tasks may be added up in another order

Row = Mapping[str, Any]


def course(epochs: np.ndarray, accuracy: float | None) -> dict[str, int | None]:
    """When a level's curves (E, 3) of train loss, validation loss and validation accuracy get there, epochs from 1.

    `epochs_best` is the epoch of the smallest validation loss, `epochs_dense` the first with the validation `accuracy`
    of the dense level at its end, `epochs_99` the first with 99 % of it; None where none is.
    """
    found: dict[str, int | None] = dict.fromkeys(COURSE)
    losses, accuracies = epochs[:, 1], epochs[:, 2]
    if len(losses) and np.isfinite(losses).any():
        found["epochs_best"] = int(np.nanargmin(losses)) + 1
    for name, share in (("epochs_dense", 1.0), ("epochs_99", NEAR)):
        there = np.flatnonzero(accuracies >= accuracy * share - _ROUNDING) if accuracy is not None else []
        found[name] = int(there[0]) + 1 if len(there) else None
    return found


def wins(row: Row, dense: Row) -> dict[str, bool | None]:
    """Whether a level with this row wins over the dense level, by each measure; both rows hold their `course`.

    `wins_best`: as accurate on the test samples, with its smallest validation loss no later. `wins_dense`, `wins_99`:
    there no later. None where the dense level has not trained.
    """
    if not dense["epochs"]:
        return dict.fromkeys(WINS)
    as_accurate = row["test_accuracy"] >= dense["test_accuracy"]
    return {
        "wins_best": bool(as_accurate and _no_later(row["epochs_best"], dense["epochs_best"])),
        "wins_dense": _no_later(row["epochs_dense"], dense["epochs_dense"]),
        "wins_99": _no_later(row["epochs_99"], dense["epochs_99"]),
    }


def _no_later(epoch: int | None, other: int | None) -> bool:
    return epoch is not None and other is not None and epoch <= other
