"""levels: one row per run, seed and level, with every column of levels.parquet, and the seed's state and outcome."""

from __future__ import annotations

import pandas as pd

from lth.collect.sweep import Sweep, local
from lth.results.table import tidy


def build(sweep: Sweep, **_: object) -> pd.DataFrame:
    """The table; seeds that failed or are unfinished are there as far as they got."""
    rows = tidy(sweep.folders, sweep.keys)
    if "seed" not in rows:
        rows["seed"] = pd.Series(dtype="Int64")
    rows.attrs["faults"] = [local(fault, sweep.tops) for fault in rows.attrs["faults"]]
    front = ["run", *sweep.keys, "seed"]
    return rows[front + [name for name in rows if name not in front]]
