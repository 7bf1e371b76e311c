"""What one seed's run has come to so far."""

from dataclasses import replace

import numpy as np
from torch import Tensor

from lth.stack.recipe import Finished
from lth.training.level import Before, Row
from lth.training.pruning import Cut


class History:
    """What one seed's run has come to so far: what its level has measured, and what training has cost."""

    def __init__(self, rows: list[Row]) -> None:
        self._dense = rows[0] if rows else None
        last = rows[-1] if rows else {}
        self._prunable, self._cut = last.get("prunable"), None
        self._epochs, self._macs = last.get("spent_epochs", 0), last.get("spent_macs", 0)
        self.measured: list[np.ndarray] = []
        self.masks: list[Tensor] = []
        self.settled, self._trained = False, 0

    def prune(self, cut: Cut | None) -> None:
        self._cut, self._trained = cut, 0

    def train(self, finished: Finished, parameters: int, samples: int) -> None:
        """A segment's training: a multiply-add for each parameter forwards, and two backwards."""
        self.measured.append(finished.measured)
        self._trained += len(finished.measured)  # since it was pruned
        self._epochs += len(finished.measured)
        self._macs += 3 * len(finished.measured) * samples * parameters

    def whole(self, finished: Finished) -> Finished:
        """What the level's segments came to together."""
        measured = np.concatenate(self.measured)
        before = len(measured) - len(finished.measured)
        # Pruned after the last epoch, it is none of the networks that the epochs measured.
        return replace(finished, measured=measured, best=before + finished.best if self._trained else 0)

    @property
    def before(self) -> Before:
        """What the level's row tells of what came before it."""
        horizon = None if self._cut is None else self._cut.horizon
        return Before(self._dense, self._prunable, horizon, self._epochs, self._macs)

    def record(self, row: Row) -> None:
        """The level is over."""
        self._dense, self._prunable, self._cut = self._dense or row, row["prunable"], None
        self.measured, self.masks, self.settled = [], [], False
