"""The runs of a stack, finished or not, as tables and tickets read from their folder."""

from __future__ import annotations

import shutil
import weakref
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lth.data.dataset import Dataset
from lth.results import load, runs
from lth.ticket import Ticket
from lth.ticket.file import load as load_ticket
from lth.ticket.file import path_of

if TYPE_CHECKING:
    import pandas as pd

_OUTCOME = (
    *("seed", "state", "outcome", "levels", "first_separation", "first_degradation", "active_weights_at_separation"),
    "failure",
)  # the keys of a configuration are the same for all seeds of a stack


class Runs:
    """The runs in a run folder; `lth.Runs(folder)` opens one that was trained before, by whatever door.

    `outcomes` has one row per seed: state, outcome, levels, first separation, first degradation, what failed. `dataset`
    is what they were trained on, where that is known. Raises ResultsError when there is no run folder.
    """

    def __init__(self, folder: str | Path, *, dataset: Dataset | None = None, passing: bool = False) -> None:
        self.folder, self.dataset = Path(folder), dataset
        if passing:  # the folder goes when nobody has the runs any more
            weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
        self.outcomes = runs(self.folder)[list(_OUTCOME)]

    @cached_property
    def levels(self) -> pd.DataFrame:
        """One row per seed and level: state and outcome of the seed, and the columns of levels.parquet."""
        return load(self.folder)

    @cached_property
    def epochs(self) -> pd.DataFrame:
        """One row per seed, level and epoch: train loss, validation loss, validation accuracy."""
        from lth.record.tables import read_epochs

        return read_epochs(self.folder / "epochs.parquet").to_pandas()

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds, in ascending order."""
        return tuple(sorted(int(seed) for seed in self.outcomes["seed"].dropna()))

    @property
    def failed(self) -> dict[int, str]:
        """Why seeds failed, by seed; empty when none did."""
        rows = self.outcomes[self.outcomes["state"] == "failed"]
        return {int(seed): str(why) for seed, why in zip(rows["seed"], rows["failure"], strict=True)}

    def ticket(self, seed: int | None = None, level: int | None = None) -> Ticket:
        """The ticket of a seed (the first one) at a level, or at the one to look at.

        That is its first separation, else its last level that is not degraded, else its last. Raises ValueError for
        what is not there, TicketError for a ticket that is broken.
        """
        seed = self.seeds[0] if seed is None else seed
        rows = self.levels[self.levels["seed"] == seed]
        known = [int(one) for one in rows["level"]]
        if not known:
            raise ValueError(f"seed={seed}: must be one of {', '.join(map(str, self.seeds))}, with a finished level")
        if level is None:
            level = _to_look_at(known, rows["status"].tolist())
        elif level not in known:
            raise ValueError(f"level={level}: must be from {known[0]} to {known[-1]}")
        return load_ticket(path_of(self.folder, seed, level))

    def tickets(self, seed: int | None = None) -> list[Ticket]:
        """All tickets of a seed (the first one), by level."""
        seed = self.seeds[0] if seed is None else seed
        known = self.levels.loc[self.levels["seed"] == seed, "level"]
        return [self.ticket(seed, int(level)) for level in known]

    def report(self, to: str | Path | None = None) -> Path:
        """Write one offline HTML page of the runs, by default into their folder; gives its path."""
        from lth.report.page import write

        target = self.folder / "report.html" if to is None else Path(to)
        write(self.folder, target, words=(str(self.folder),))
        return target

    def __repr__(self) -> str:
        counts = self.outcomes["outcome"].fillna(self.outcomes["state"]).value_counts()
        ended = ", ".join(f"{count} {word}" for word, count in counts.items())
        return f"Runs({len(self.seeds)} seeds: {ended})"

    def _repr_html_(self) -> str:
        table: Any = self.outcomes.dropna(axis=1, how="all")
        return table.to_html(index=False)


def _to_look_at(levels: list[int], statuses: list[Any]) -> int:
    parted = [level for level, status in zip(levels, statuses, strict=True) if status == "separated"]
    whole = [level for level, status in zip(levels, statuses, strict=True) if status != "degraded"]
    return parted[0] if parted else whole[-1] if whole else levels[-1]
