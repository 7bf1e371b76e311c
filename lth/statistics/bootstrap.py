"""Intervals of figures whose runs come in clusters that are drawn together: of one data seed, say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

DRAWS = 2000
_SEED = 0  # of the bootstrap: equal values have equal intervals
ALIKE = 0.1  # intraclass correlation that is planned with, and taken where runs are too alike to tell it
LEVELS = (0.95, 0.90)  # of the interval, and of the one that two one-sided tests at 5 % are read from

Figure = Callable[[np.ndarray], np.ndarray]  # sums of moments (draws, k) → the figure of each draw (draws,)


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval and, within it, its 90 % interval, of n runs in so many clusters."""

    value: float
    low: float
    high: float
    inner_low: float
    inner_high: float
    n: int
    clusters: int


def estimate(moments: np.ndarray, figure: Figure, n: int, slack: np.ndarray | None = None) -> Estimate:
    """A figure of the sums over clusters of their moments (clusters, k), by a bootstrap over the clusters.

    Percentiles are widened for few clusters (Hesterberg, What Teachers Should Know About the Bootstrap, 2015, 3.2);
    draws without an answer do not count. `slack` (levels, 2) are further half-widths, down and up, added in quadrature.
    Fewer than two clusters have no interval.
    """
    clusters = len(moments)
    value = float(figure(moments.sum(axis=0, keepdims=True))[0])
    if clusters < 2 or not np.isfinite(value):
        return Estimate(value, *[np.nan] * 4, n=n, clusters=clusters)
    drawn = figure(draws(clusters) @ moments)
    drawn = drawn[np.isfinite(drawn)]
    ends = []
    more = np.zeros((len(LEVELS), 2)) if slack is None else slack
    for level, (down, up) in zip(LEVELS, more, strict=True):
        low, high = np.quantile(drawn, widened((1 - level) / 2, clusters)) if len(drawn) else (np.nan, np.nan)
        ends += [value - np.hypot(max(value - low, 0), down), value + np.hypot(max(high - value, 0), up)]
    return Estimate(value, *(float(end) for end in ends), n=n, clusters=clusters)


@lru_cache(maxsize=16)
def draws(clusters: int) -> np.ndarray:
    """How often each cluster is drawn, (DRAWS, clusters), read only: the same for as many clusters."""
    drawn = np.random.default_rng(_SEED).multinomial(clusters, np.full(clusters, 1 / clusters), size=DRAWS)
    drawn.flags.writeable = False
    return drawn


def widened(tail: float, clusters: int) -> tuple[float, float]:
    """The two quantiles to take for tails of this size."""
    from scipy.stats import norm, t

    share = float(norm.cdf(np.sqrt(clusters / (clusters - 1)) * t.ppf(tail, clusters - 1)))
    return share, 1 - share


def unanimous(value: float, n: int, clusters: int, alike: float) -> np.ndarray:
    """How far a share of 0 or 1 may be off, down and up (levels, 2): Wilson's interval for fewer runs.

    Where all runs agree nothing is known of how alike those of a cluster are; `alike` is what was planned with.
    """
    from statsmodels.stats.proportion import proportion_confint

    effective = n / (1 + max(n / clusters - 1, 0) * alike)
    found = []
    for level in LEVELS:
        ends = proportion_confint(value * effective, effective, alpha=1 - level, method="wilson")
        low, high = np.asarray(ends, dtype=float)
        found.append((value - low, high - value))
    return np.array(found)
