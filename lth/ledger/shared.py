"""Which runs several experiments have in common, bit for bit: they are witnesses once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import pandas as pd

from lth.collect import Missing, Shelf
from lth.ledger.runs import RUN, finished

_TOLD = ("level", "keep", "epochs", "val_loss", "test_loss")  # what two different runs never have alike at every level


def courses(shelf: Shelf, experiment: str) -> frozenset[int]:
    """A number for the course of every finished run: equal where all levels are. Raises Missing when unmeasured."""
    levels = finished(shelf.table(experiment)).sort_values([*RUN, "level"])
    told = [name for name in _TOLD if name in levels]
    rows = pd.util.hash_pandas_object(levels[told].astype(float), index=False)
    return frozenset(rows.groupby([levels[key] for key in RUN]).sum().tolist())


class Runs:
    """The runs of all experiments on a shelf."""

    def __init__(self, shelf: Shelf, experiments: Mapping[str, object]) -> None:
        self._found: dict[str, frozenset[int]] = {}
        for name in experiments:
            try:
                self._found[name] = courses(shelf, name)
            except Missing:
                continue
        self.shared_with = cache(self._shared_with)

    @property
    def rows(self) -> int:
        """How many runs there are where those of several experiments count in each."""
        return sum(map(len, self._found.values()))

    @property
    def distinct(self) -> int:
        """How many different runs there are."""
        return len(frozenset().union(*self._found.values()))

    def _shared_with(self, experiment: str) -> str:
        """The experiments that have runs of this one, and how many, as text."""
        mine = self._found.get(experiment, frozenset())
        others = {name: len(mine & found) for name, found in self._found.items() if name != experiment}
        return ", ".join(f"{count} of {name}" for name, count in others.items() if count)
