"""One row per run, with what became of it: the measures of the experiments on fresh data."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lth.collect import Missing
from lth.figures.drawn import at_some_level
from lth.figures.lines import RUN
from lth.figures.source import Source
from lth.ticket.outcome import SEPARATED


def runs(source: Source, *, lot: bool = True) -> pd.DataFrame:
    """The runs that count, with their keys; `separated` at some level or not, and `lot`, the chance of random masks.

    `lot` is there only where it is asked for and the null models' table is there. Raises Missing without an outcome.
    """
    found = source.seeds
    if "outcome" not in found or found["outcome"].isna().all():
        raise Missing("no outcome of any run")
    found = found.assign(separated=found["outcome"].isin(SEPARATED).astype(float))
    null = source.optional("null", "level", "draws", "random_separated") if lot else None
    if null is None:
        return found
    chance = at_some_level(null, "random_separated").set_index(RUN)["rate"]
    return found.join(chance.rename("lot"), on=RUN)


def with_value(found: pd.DataFrame, name: str, value: pd.Series) -> pd.DataFrame:
    """The runs with a further column, from a series by run and seed; not a number where it has none."""
    return found.join(value.astype(float).rename(name), on=RUN)


def ever(levels: pd.DataFrame, flags: pd.Series | np.ndarray) -> pd.Series:
    """By run and seed: 1 where some level has the flag, else 0."""
    return levels.assign(_flag=np.asarray(flags, dtype=float)).groupby(RUN)["_flag"].max()


def varying(source: Source, key: str) -> str:
    """The key, if it is one of the grid. Raises Missing, also for no row of any run."""
    if key not in source.keys and len(source.seeds):
        raise Missing(f"{key} does not vary")
    return key
