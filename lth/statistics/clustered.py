"""Intervals of runs that share data: whole clusters are drawn again, not their runs one by one."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

import numpy as np
import pandas as pd

from lth.statistics.bootstrap import DRAWS, draws, widened
from lth.statistics.contrasts import Runs, contrast
from lth.statistics.intervals import wilson
from lth.statistics.values import LEVEL, Flags, Interval, Numbers, numbers

_UNDEFINED = 0.05  # share of draws without an answer, above which there is no interval

Clusters = Sequence[Hashable] | np.ndarray | pd.Series
Statistic = Callable[[np.ndarray], float]


def clustered(statistic: Statistic, clusters: Clusters) -> Interval:
    """A statistic of n rows with the percentile interval of a bootstrap over their clusters (Field & Welsh, 2007).

    `statistic` is given how often each row counts, (n,) float64: ones for the value itself, and in each of 2000 draws
    of a fixed seed the number of times that its cluster was drawn. Percentiles are widened for few clusters; fewer than
    two have no interval.
    """
    codes, known = pd.factorize(pd.Series(list(clusters), dtype=object))
    ones = np.ones(len(codes))
    value = float(statistic(ones)) if len(codes) else np.nan
    if len(known) < 2 or np.isnan(value):
        return Interval(value, np.nan, np.nan, len(codes))
    found = np.array([statistic(times[codes].astype(float)) for times in draws(len(known))])
    told = found[~np.isnan(found)]
    if len(told) < (1 - _UNDEFINED) * DRAWS:
        return Interval(value, np.nan, np.nan, len(codes))
    low, high = np.quantile(told, widened((1 - LEVEL) / 2, len(known))).tolist()
    return Interval(value, low, high, len(codes))


def cluster_mean(values: Numbers, clusters: Clusters) -> Interval:
    """The mean with its interval over clusters, as `clustered` gives it; nulls do not count."""
    rows = pd.DataFrame({"value": numbers(values), "cluster": pd.Series(list(clusters), dtype=object)}).dropna()
    runs = Runs.of(rows["value"], rows["cluster"])
    found = contrast(runs, [np.ones(len(rows))], [1])
    return Interval(found.value, found.low, found.high, found.n)


def cluster_rate(happened: Flags, clusters: Clusters) -> Interval:
    """The share of true ones, with what is wider of its interval over clusters and Wilson's (1927).

    A bootstrap alone would be sure of a rate of 0 or 1, for all its draws are equal then.
    """
    flags = np.asarray(happened, dtype=bool)
    naive, found = wilson(int(flags.sum()), len(flags)), cluster_mean(flags.astype(float), clusters)
    return Interval(naive.value, float(np.fmin(naive.low, found.low)), float(np.fmax(naive.high, found.high)), naive.n)
