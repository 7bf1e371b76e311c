"""Intervals of runs that share data: whole clusters are drawn again, not their runs one by one."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from lth.statistics.clusters import DRAWS, draws, widened
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
    """The mean with its interval over clusters; nulls do not count."""
    flat = numbers(values)
    known = ~np.isnan(flat)
    rows = flat[known]
    return clustered(lambda times: weighted_mean(rows, times), np.asarray(list(clusters), dtype=object)[known])


def cluster_rate(happened: Flags, clusters: Clusters) -> Interval:
    """The share of true ones, with what is wider of its interval over clusters and Wilson's (1927).

    A bootstrap alone would be sure of a rate of 0 or 1, for all its draws are equal then.
    """
    flags = np.asarray(happened, dtype=bool)
    naive, found = wilson(int(flags.sum()), len(flags)), cluster_mean(flags.astype(float), clusters)
    return Interval(naive.value, float(np.fmin(naive.low, found.low)), float(np.fmax(naive.high, found.high)), naive.n)


def weighted_mean(values: Any, times: np.ndarray) -> float:
    """The mean of values (n,) that count so many `times` (n,); not a number where none counts."""
    total = float(times.sum())
    return float(np.dot(values, times)) / total if total else np.nan
