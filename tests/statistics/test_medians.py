"""The interval of a median covers what it promises."""

import math

import numpy as np
import pytest
from scipy import stats

from lth.statistics import median_interval
from tests.statistics.bounds import UNKNOWN, bounds


@pytest.mark.parametrize("n", [6, 8, 16, 33])
def test_the_interval_of_a_median_covers_what_it_promises_and_a_narrower_one_would_not(n: int) -> None:
    values = np.random.default_rng(n).exponential(size=n)
    found = median_interval([*values, math.nan])
    assert (found.value, found.n) == (np.median(values), n)
    low, high = (int(np.flatnonzero(np.sort(values) == bound)[0]) for bound in (found.low, found.high))
    tail = stats.binom(n, 0.5).cdf  # the median lies below the value of rank r where at most r values lie below it
    for rank in (low, n - 1 - high):
        assert tail(rank) <= 0.025 < tail(rank + 1)
    assert bounds(median_interval(np.log(values)))[1:] == pytest.approx((math.log(found.low), math.log(found.high)))


def test_the_median_of_a_few_values_has_no_interval() -> None:
    assert bounds(median_interval([3, 1, 2, 5, 4])) == (3, UNKNOWN, UNKNOWN)
    assert bounds(median_interval([])) == (UNKNOWN, UNKNOWN, UNKNOWN)
    assert bounds(median_interval([2] * 8)) == (2, 2, 2)
