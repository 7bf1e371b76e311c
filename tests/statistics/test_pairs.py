"""Signs of paired differences and corrections for many tests, against counts that can be made by hand."""

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from lth.statistics import holm, paired


def test_paired_counts_the_ways_that_signs_can_fall() -> None:
    a = np.array([1.0, 2, 3, 4, 5, 6])
    assert paired(a, a * 1.1) == pytest.approx(2 / 64)
    assert paired(a, a) == 1
    assert math.isnan(paired([], []))
    assert paired([1, 2, 3, None], [2, 4, 6, 1]) == pytest.approx(2 / 8)
    with pytest.raises(ValueError, match="no pairs"):
        paired([1], [1, 2])


def test_equal_pairs_weaken_a_result() -> None:
    a, b = [1.0, 2, 3, 4, 5], [1.1, 2.2, 3.3, 4.4, 5.5]
    assert paired(a, b) == pytest.approx(2 / 32)
    # Zeros have the ranks 1 to 100, half of their sum to either side: 3040 of 5565, with a variance of 97851 - 20831.
    z = (2525 + 515 - 5565 / 2) / math.sqrt(105 * 106 * 211 / 24 - (100**3 - 100) / 48)
    assert paired(a + [0] * 100, b + [0] * 100) == pytest.approx(2 * stats.norm.sf(z), rel=0.02)


def test_holm_multiplies_the_smallest_by_their_number() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []
    drawn = np.random.default_rng(0).random((20, 7)).round(1) / 3
    for values in drawn:
        np.testing.assert_allclose(holm(values), multipletests(values, method="holm")[1])  # type: ignore[arg-type]
    assert holm([0.01, math.nan, 0.04]) == pytest.approx([0.02, math.nan, 0.04], nan_ok=True)
