"""Medians with intervals that ask nothing of how the values are distributed."""

from __future__ import annotations

from typing import Any

import numpy as np

from lth.statistics.values import LEVEL, Interval, Numbers, known_numbers


def median_interval(values: Numbers) -> Interval:
    """The median with its interval between two order statistics (Conover, 1999); nulls do not count.

    It covers 95 % or more, whatever the distribution. Of fewer than six values no two cover so much: no interval.
    """
    from scipy.stats import quantile_test

    known = known_numbers(values)
    if not len(known):
        return Interval(np.nan, np.nan, np.nan, 0)
    tested: Any = quantile_test(known, p=0.5)
    found = tested.confidence_interval(LEVEL)
    return Interval(float(np.median(known)), float(found.low), float(found.high), len(known))
