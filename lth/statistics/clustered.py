"""Intervals of runs that share data: whole clusters are drawn again, not their runs one by one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from lth.statistics.bootstrap import DRAWS, draws, widened
from lth.statistics.contrasts import Runs, contrast
from lth.statistics.intervals import wilson
from lth.statistics.values import LEVEL, Clusters, Flags, Interval, Numbers, cluster_codes, flags, numbers

_UNDEFINED = 0.05  # share of draws without an answer, above which there is no interval

Statistic = Callable[[np.ndarray], float]


def clustered(statistic: Statistic, clusters: Clusters) -> Interval:
    """A statistic of n rows with the percentile interval of a bootstrap over their clusters (Field & Welsh, 2007).

    `statistic` is given how often each row counts, (n,) float64: ones for the value itself, and in each of 2000 draws
    of a fixed seed the number of times that its cluster was drawn. Percentiles are widened for few clusters; fewer than
    two have no interval. Raises ValueError where a row has no cluster.
    """
    codes = cluster_codes(clusters)
    known = codes.max(initial=-1) + 1
    ones = np.ones(len(codes))
    value = float(statistic(ones)) if len(codes) else np.nan
    if known < 2 or np.isnan(value):
        return Interval(value, np.nan, np.nan, len(codes))
    found = np.array([statistic(times[codes].astype(float)) for times in draws(known)])
    told = found[~np.isnan(found)]
    if len(told) < (1 - _UNDEFINED) * DRAWS:
        return Interval(value, np.nan, np.nan, len(codes))
    low, high = np.quantile(told, widened((1 - LEVEL) / 2, known)).tolist()
    return Interval(value, low, high, len(codes))


def cluster_mean(values: Numbers, clusters: Clusters) -> Interval:
    """The mean with its interval over clusters, as `clustered` gives it; null values do not count.

    Raises ValueError where a value has no cluster.
    """
    rows = pd.DataFrame({"value": numbers(values), "cluster": pd.Series(list(clusters), dtype=object)})
    rows = rows.dropna(subset=["value"])
    runs = Runs.of(rows["value"], rows["cluster"])
    found = contrast(runs, [np.ones(len(rows))], [1])
    return Interval(found.value, found.low, found.high, found.n)


def cluster_rate(happened: Flags, clusters: Clusters) -> Interval:
    """The share of true ones, with what is wider of its interval over clusters and Wilson's (1927).

    A bootstrap alone would be sure of a rate of 0 or 1, for all its draws are equal then. Raises ValueError where a
    flag is null or has no cluster.
    """
    told = flags(happened)
    naive, found = wilson(int(told.sum()), len(told)), cluster_mean(told.astype(float), clusters)
    return Interval(naive.value, float(np.fmin(naive.low, found.low)), float(np.fmax(naive.high, found.high)), naive.n)
