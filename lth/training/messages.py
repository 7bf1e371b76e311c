"""Messages from training to the record: plain dataclasses that pickle cheaply between processes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class LevelDone:
    """A finished level of one seed: its row of levels.parquet, and per epoch (E, 3) train_loss, val_loss, val_accuracy.

    Its ticket file is written before the message is sent, so whoever reads the message may read the ticket.
    """

    seed: int
    level: int
    row: dict[str, Any]
    epochs: np.ndarray


@dataclass(frozen=True)
class SeedFailed:
    """A seed that ended early: at this level and epoch, for this reason (one line)."""

    seed: int
    level: int
    epoch: int
    reason: str


@dataclass(frozen=True)
class Progress:
    """Where a worker is: its seeds, level of `levels`, epoch, how many seeds still train, their mean loss."""

    seeds: tuple[int, ...]
    level: int
    levels: int
    epoch: int
    training: int
    val_loss: float


@dataclass(frozen=True)
class Warned:
    """Something the user should read once; it stops nothing."""

    text: str


@dataclass(frozen=True)
class Interrupted:
    """A worker stopped on request before its job was done; what it finished is on disk."""

    seeds: tuple[int, ...]


@dataclass(frozen=True)
class Drawn:
    """The picture of a seed's ticket of this level, as PNG; None where it could not be drawn, for this reason."""

    seed: int
    level: int
    png: bytes | None
    reason: str = ""


Message = LevelDone | SeedFailed | Progress | Warned | Interrupted | Drawn
