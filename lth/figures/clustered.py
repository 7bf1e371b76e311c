"""Means over runs of several data seeds: those of one data seed are no independent witnesses of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from lth.figures.style import whiskers
from lth.statistics import Interval
from lth.statistics.bootstrap import ALIKE
from lth.statistics.contrasts import Runs, contrast

CAPTION = "Whiskers: 95 % intervals (bootstrap over data seeds); dots: data seeds."
_DATA_SEED = "dataset.seed"


def cluster(table: pd.DataFrame) -> pd.Series:
    """The data seed of every row; where all have the same data, the network's seed."""
    return table[_DATA_SEED if _DATA_SEED in table and table[_DATA_SEED].nunique() > 1 else "seed"]


def means(table: pd.DataFrame, column: str) -> pd.Series:
    """The mean of a column in every cluster, nulls left out."""
    return table[column].astype(float).groupby(cluster(table)).mean().dropna()


def mean_of_clusters(table: pd.DataFrame, column: str, *, share: bool = True) -> Interval:
    """The mean of a column and its 95 % interval, by the bootstrap over clusters that the page's verdicts rest on.

    A share's ends within 0 and 1, also where all runs agree; one cluster has no interval.
    """
    rows = table[table[column].notna()]
    runs = Runs.of(rows[column].astype(float), cluster(rows))
    found = contrast(runs, [np.ones(len(rows))], [1], ALIKE if share and set(runs.value) <= {0.0, 1.0} else None)
    low, high = (max(found.low, 0.0), min(found.high, 1.0)) if share else (found.low, found.high)
    return Interval(found.value, low, high, found.n)


def marks(
    axes: Axes,
    places: Sequence[float],
    groups: Sequence[pd.DataFrame],
    column: str,
    *,
    line: bool = True,
    share: bool = True,
    **look: Any,
) -> list[Interval]:
    """At every place the mean of its group with its interval, and a dot for each of its clusters."""
    found = [mean_of_clusters(group, column, share=share) for group in groups]
    look = {"color": "black", "marker": "o"} | look
    whiskers(axes, places, found, look["color"])
    axes.plot(places, [one.value for one in found], lw=1.2 if line else 0, **look)
    for place, group in zip(places, groups, strict=True):
        values = means(group, column)
        spread = np.linspace(-1, 1, len(values)) * 0.012 * np.ptp(axes.get_xlim()) if len(values) > 1 else [0.0]
        axes.plot(place + np.asarray(spread), values, ".", color=look["color"], ms=1.8, alpha=0.45)
    return found
