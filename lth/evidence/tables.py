"""What every question asks of a table first: that it is there, whole, and of finished runs."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from lth.collect import Missing
from lth.statistics import Interval

DATA = "dataset.seed"  # the data that a run was trained on, which others share: the cluster
SIZE = "model.hidden"
RUN = ["run", "seed"]


def finished(levels: pd.DataFrame) -> pd.DataFrame:
    """The rows of finished runs by run, seed and level. Raises Missing where there is none."""
    rows = levels[levels["state"] == "finished"].sort_values([*RUN, "level"], ignore_index=True)
    if rows.empty:
        raise Missing("no run is finished")
    return rows


def bounded(name: str, found: Interval) -> dict[str, float]:
    """An interval as three columns: its value under this name, and its bounds."""
    return {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}


def lines(rows: Sequence[dict], columns: Sequence[str]) -> pd.DataFrame:
    """Rows as a table that has its columns even where it has no row."""
    return pd.DataFrame(list(rows), columns=list(columns))
