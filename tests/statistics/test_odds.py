"""Odds ratios, alone and over strata, against tables of four counts."""

import math

import numpy as np
import pytest
from scipy import stats

from lth.statistics import logistic, logistic_chances, stratified


def test_logistic_of_a_table_of_four_counts_is_its_odds_ratio() -> None:
    counts = {(0, 0): 20, (0, 1): 10, (1, 0): 6, (1, 1): 24}
    x = [group for (group, _), count in counts.items() for _ in range(count)]
    y = [outcome for (_, outcome), count in counts.items() for _ in range(count)]
    found = logistic(y, {"x": x})
    assert found is not None
    slope, error = math.log(20 * 24 / (10 * 6)), math.sqrt(sum(1 / count for count in counts.values()))
    assert found["x"].value == pytest.approx(slope)
    assert (found["x"].low, found["x"].high) == pytest.approx((slope - 1.959964 * error, slope + 1.959964 * error))
    assert found["intercept"].value == pytest.approx(math.log(10 / 20))
    assert found["x"].n == 60


def test_the_chances_of_a_table_of_four_counts_are_its_shares() -> None:
    y, x = [1] * 12 + [0] * 4 + [1] * 5 + [0] * 11, [0.0] * 16 + [1.0] * 16
    found = logistic_chances(y, {"x": x}, {"x": [1.0, 0.0]})
    assert found is not None
    assert found["value"].tolist() == pytest.approx([5 / 16, 12 / 16])
    middle, reach = math.log(5 / 11), 1.959964 * math.sqrt(1 / 5 + 1 / 11)
    expected = [1 / (1 + math.exp(-(middle + side * reach))) for side in (-1, 1)]
    assert found[["low", "high"]].iloc[0].tolist() == pytest.approx(expected, rel=1e-4)
    assert logistic_chances([1, 1], {"x": [0.0, 1.0]}, {"x": [0.0]}) is None


@pytest.mark.parametrize(
    ("outcome", "predictors"),
    [
        ([0, 0, 1, 1], {"x": [1, 2, 3, 4]}),
        ([0, 0, 1, 1, 1, 1], {"x": [1, 1, 1, 2, 2, 2]}),
        ([1, 1, 1], {"x": [1, 2, 3]}),
        ([0, 1, 0, 1], {"x": [1, 1, 2, 2], "again": [2, 2, 4, 4]}),
        ([], {"x": []}),
    ],
)
def test_logistic_without_a_maximum_has_no_answer(outcome: list[int], predictors: dict[str, list[float]]) -> None:
    assert logistic(outcome, predictors) is None


def test_the_p_of_a_common_odds_ratio_is_mantel_and_haenszels_own() -> None:
    """(|sum of a - its expectation| - 1/2)² over the hypergeometric variance, of one stratum and of two."""
    few, more = ((3, 1), (1, 4)), ((9, 2), (4, 8))
    for tables in ([few], [few, more]):
        off = variance = 0.0
        for (a, b), (c, d) in tables:
            n, rows, columns = a + b + c + d, (a + b, c + d), (a + c, b + d)
            off += a - rows[0] * columns[0] / n
            variance += rows[0] * rows[1] * columns[0] * columns[1] / (n * n * (n - 1))
        corrected = (abs(off) - 0.5) ** 2 / variance
        assert stratified(tables)[1] == pytest.approx(stats.chi2.sf(corrected, 1))


def test_stratified_against_the_textbook_and_without_a_telling_stratum() -> None:
    tables = [((56, 126), (35, 144)), ((95, 128), (45, 124))]
    odds, p = stratified(tables)
    numerator = sum(a * d / (a + b + c + d) for (a, b), (c, d) in tables)
    denominator = sum(b * c / (a + b + c + d) for (a, b), (c, d) in tables)
    assert odds.value == pytest.approx(numerator / denominator)
    assert odds.low < odds.value < odds.high
    assert 0 < p < 0.001
    assert stratified([*tables, ((5, 0), (7, 0))])[0].value == odds.value
    odds, p = stratified([((5, 0), (7, 0))])
    assert np.isnan([odds.value, p]).all()
    assert odds.n == 12
