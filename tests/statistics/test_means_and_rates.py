"""Means, rates and rank correlations, against their definitions and degenerate input."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lth.statistics import mean_interval, spearman, wilson
from tests.statistics.bounds import UNKNOWN, bounds


@pytest.mark.parametrize(("k", "n"), [(0, 8), (3, 16), (8, 8), (41, 100)])
def test_wilson_bounds_are_where_the_score_test_is_just_not_significant(k: int, n: int) -> None:
    found = wilson(k, n)
    assert (found.value, found.n) == (k / n, n)
    for bound in (found.low, found.high):
        if 0 < bound < 1:
            assert abs(k / n - bound) / math.sqrt(bound * (1 - bound) / n) == pytest.approx(1.959964, abs=1e-4)
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.high - found.low > 0.05


def test_wilson_of_nothing_knows_nothing() -> None:
    assert bounds(wilson(0, 0)) == (UNKNOWN, 0, 1)
    with pytest.raises(ValueError, match="5 of 4"):
        wilson(5, 4)


def test_the_mean_of_many_values_has_the_interval_of_theory() -> None:
    values = np.random.default_rng(0).normal(5, 2, size=300)
    found = mean_interval(values)
    theory = stats.t.interval(0.95, 299, values.mean(), stats.sem(values))
    assert found.value == values.mean()
    assert [found.low, found.high] == pytest.approx(list(theory), abs=0.03)
    assert mean_interval(values) == found


def test_the_mean_of_a_skewed_sample_leans_to_its_long_side() -> None:
    values = [0, 0, 0, 0, 1, 1, 2, 3, 5, 20]
    found = mean_interval(values)
    assert found.high - found.value > 1.3 * (found.value - found.low)
    # Further than the percentiles of the resampled means, which do not correct for the skew.
    means = np.random.default_rng(0).choice(values, size=(9999, 10)).mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    assert found.low > low + 0.1
    assert found.high > high + 0.5


def test_means_of_little_or_equal_values() -> None:
    assert bounds(mean_interval([])) == (UNKNOWN, UNKNOWN, UNKNOWN)
    assert bounds(mean_interval([3])) == (3, UNKNOWN, UNKNOWN)
    assert bounds(mean_interval([0.1] * 7)) == (0.1, 0.1, 0.1)
    assert bounds(mean_interval([1, 2])) == (1.5, 1, 2)
    nulls = mean_interval(pd.Series([1, None, 2], dtype="Int64"))
    assert (nulls.value, nulls.n) == (1.5, 2)


def test_spearman_sees_order_alone() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=60)
    y = x + rng.normal(size=60)
    found = spearman(x, y)
    assert found == spearman(np.exp(x), y)
    assert found.value == pytest.approx(np.corrcoef(stats.rankdata(x), stats.rankdata(y))[0, 1])
    assert found.low < found.value < found.high
    width = np.arctanh(found.high) - np.arctanh(found.low)
    assert width == pytest.approx(2 * 1.959964 * math.sqrt((1 + found.value**2 / 2) / 57), rel=1e-5)
    flipped = spearman(-x, y)
    assert (flipped.value, flipped.low) == pytest.approx((-found.value, -found.high))


def test_spearman_of_little_or_constant_values() -> None:
    assert bounds(spearman([1, 2, 3, 4], [1, 2, 3, 4])) == (1, 1, 1)
    assert bounds(spearman([1, 2, 3], [1, 3, 2])) == (pytest.approx(0.5), UNKNOWN, UNKNOWN)
    assert bounds(spearman([1, 1, 1, 1], [1, 2, 3, 4])) == (UNKNOWN, UNKNOWN, UNKNOWN)
    assert spearman([1, 2, None, 4], [1, None, 3, 4]).n == 2
