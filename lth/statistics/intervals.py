"""Intervals of rates, means and rank correlations."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd

from lth.statistics.values import LEVEL, Interval, Numbers, known_numbers, numbers

_SEED = 0  # of the bootstrap: equal values have equal intervals


def wilson(k: int, n: int) -> Interval:
    """The rate k of n with its Wilson interval (Wilson, 1927); of n = 0 not a number, between 0 and 1."""
    from statsmodels.stats.proportion import proportion_confint

    if not 0 <= k <= n:
        raise ValueError(f"{k} of {n} is no rate")
    if n == 0:
        return Interval(np.nan, 0.0, 1.0, 0)
    low, high = np.asarray(proportion_confint(k, n, alpha=1 - LEVEL, method="wilson")).tolist()
    return Interval(k / n, low, high, int(n))


def mean_interval(values: Numbers) -> Interval:
    """The mean with its bootstrap interval (BCa; Efron, 1987), 9999 resamples of a fixed seed; nulls do not count.

    Equal values have an interval without width, a single one has none. Where BCa is not defined, the percentiles.
    """
    from scipy.stats import bootstrap

    known = known_numbers(values)
    mean = float(known.mean()) if len(known) else np.nan
    if len(known) < 2:
        return Interval(mean, np.nan, np.nan, len(known))
    if (known == known[0]).all():
        return Interval(float(known[0]), float(known[0]), float(known[0]), len(known))
    for method in ("BCa", "percentile"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a degenerate jackknife: its bounds are not a number, and that is asked
            found = bootstrap((known,), np.mean, confidence_level=LEVEL, method=method, rng=_SEED).confidence_interval
        if np.isfinite([found.low, found.high]).all():
            break
    return Interval(mean, float(found.low), float(found.high), len(known))


def spearman(x: Numbers, y: Numbers) -> Interval:
    """Spearman's rank correlation of pairs x, y, with Fisher's interval in Bonett and Wright's width (2000).

    Pairs with a null do not count. Not a number when x or y is constant; fewer than four pairs have no interval.
    """
    from scipy.stats import norm, spearmanr

    pairs = pd.DataFrame({"x": numbers(x), "y": numbers(y)}).dropna().to_numpy()
    n = len(pairs)
    if n < 2 or (pairs == pairs[0]).all(axis=0).any():
        return Interval(np.nan, np.nan, np.nan, n)
    found: Any = spearmanr(pairs[:, 0], pairs[:, 1])
    rho = float(np.clip(found.statistic, -1, 1))
    if n < 4:
        return Interval(rho, np.nan, np.nan, n)
    with np.errstate(divide="ignore"):  # of ranks in perfect order the interval has no width
        centre, half = np.arctanh(rho), norm.ppf((1 + LEVEL) / 2) * np.sqrt((1 + rho**2 / 2) / (n - 3))
    return Interval(rho, float(np.tanh(centre - half)), float(np.tanh(centre + half)), n)
