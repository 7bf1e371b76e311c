"""How many runs a test needs: the power of data seeds crossed with network seeds."""

from __future__ import annotations

from math import sqrt
from typing import Any

ALPHA = 0.05
_CERTAIN = 30  # deviations of the mean from 0: the power is 1 to the last digit, and SciPy's noncentral t gives up
CONTRASTS = {"mean": 1, "difference": 2, "interaction": 4}  # groups whose variances add up


def cluster_deviation(deviation: float, each: int, alike: float, groups: int = 1) -> float:
    """The standard deviation between clusters of a contrast of `groups` group means, of `each` runs a group each.

    `deviation` is that of a run, `alike` the correlation of two runs of one cluster (its intraclass correlation).
    """
    return deviation * sqrt(groups * (1 + (each - 1) * alike) / each)


def power(effect: float, between: float, clusters: int) -> float:
    """The chance that a two-sided t test over clusters, whose values deviate by `between`, finds `effect` at 5 %."""
    return _t_power(effect / between, clusters, ALPHA, "two-sided")


def equivalence_power(margin: float, between: float, clusters: int) -> float:
    """The chance that two one-sided t tests (Schuirmann, 1987) find a true difference of 0 smaller than `margin`."""
    return max(0.0, 2 * _t_power(margin / between, clusters, ALPHA, "larger") - 1)


def _t_power(size: float, clusters: int, alpha: float, alternative: str) -> float:
    from statsmodels.stats.power import TTestPower

    if size * sqrt(clusters) > _CERTAIN:
        return 1.0
    test: Any = TTestPower()
    return float(test.power(effect_size=size, nobs=clusters, alpha=alpha, alternative=alternative))
