"""lth.statistics against answers worked out by hand, known truths of simulated data, and degenerate input."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lth.statistics import (
    Interval,
    cox,
    holm,
    logistic,
    logistic_chances,
    logrank,
    mean_interval,
    median_interval,
    paired,
    spearman,
    stratified,
    survival,
    wilson,
)
from lth.statistics.clustered import cluster_mean, clustered

UNKNOWN = pytest.approx(math.nan, nan_ok=True)


def bounds(interval: Interval) -> tuple[float, float, float]:
    return interval.value, interval.low, interval.high


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


def test_intervals_overlap_unless_they_are_known_not_to() -> None:
    low, high = Interval(1, 0, 2, 5), Interval(4, 3, 5, 5)
    assert not low.overlaps(high)
    assert not high.overlaps(low)
    assert low.overlaps(Interval(3, 2, 4, 5))
    assert Interval(3, 0, 9, 5).overlaps(low)
    assert low.overlaps(Interval(9, math.nan, math.nan, 1))
    assert low.holds(2)
    assert not low.holds(2.1)


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
    assert holm([0.01, math.nan, 0.04]) == pytest.approx([0.02, math.nan, 0.04], nan_ok=True)


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


def test_survival_is_the_product_of_those_that_went_on() -> None:
    found = survival([1, 2, 3, 4, 4], [True, True, False, True, False])
    assert found.time.tolist() == [0, 1, 2, 3, 4]
    assert found.share == pytest.approx([1, 4 / 5, 4 / 5 * 3 / 4, 3 / 5, 3 / 5 * 1 / 2])
    assert found.at_risk.tolist() == [5, 5, 4, 3, 2]
    assert (found.n, found.events, found.median) == (5, 3, 4)
    assert (found.low[1:] < found.share[1:]).all()
    assert (found.share[1:] < found.high[1:]).all()


def test_survival_of_none_of_all_and_of_nobody() -> None:
    assert survival([3, 3], [False, False]).median == math.inf
    ended = survival([1, 2], [True, True])
    assert ended.share.tolist() == [1, 0.5, 0]
    nobody = survival([], [])
    assert (len(nobody.time), nobody.n) == (0, 0)


def test_logrank_tells_lives_of_other_length_apart() -> None:
    rng = np.random.default_rng(2)
    lives = np.concatenate([rng.exponential(1, 80), rng.exponential(3, 80)])
    groups = ["a"] * 80 + ["b"] * 80
    assert logrank(lives, lives < 5, groups) < 1e-6
    assert logrank(lives, lives < 5, rng.permutation(groups).tolist()) > 0.01
    # Two lives, one ends first: observed - expected = 1/2, variance 1/4, so chi² = 1 with one degree of freedom.
    assert logrank([1, 2], [True, True], ["a", "b"]) == pytest.approx(stats.chi2.sf(1, 1))
    assert math.isnan(logrank([1, 2], [False, False], ["a", "b"]))
    assert math.isnan(logrank([1, 2], [True, True], ["a", "a"]))


def test_cox_finds_the_hazards_that_made_the_lives() -> None:
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=400), rng.integers(0, 2, size=400)
    lives = rng.exponential(1 / (2.0**y * 0.5**x))
    found = cox(lives, lives < 3, {"y": y, "x": x})
    assert found is not None
    assert found["y"].holds(2)
    assert found["x"].holds(0.5)
    assert not found["y"].holds(1)
    assert list(found) == ["y", "x"]


def test_cox_does_not_count_repeated_lives_as_news() -> None:
    rng = np.random.default_rng(4)
    x = np.repeat(rng.normal(size=80), 6)
    lives = np.repeat(rng.exponential(size=80), 6)
    alone, robust = cox(lives, lives < 2, {"x": x}), cox(lives, lives < 2, {"x": x}, np.repeat(np.arange(80), 6))
    assert alone is not None
    assert robust is not None
    assert alone["x"].value == pytest.approx(robust["x"].value)
    assert np.log(robust["x"].high / robust["x"].low) > 1.7 * np.log(alone["x"].high / alone["x"].low)


def test_cox_without_an_answer() -> None:
    assert cox([], [], {"x": []}) is None
    assert cox([1, 2, 3], [False] * 3, {"x": [1, 2, 3]}) is None
    assert cox([1, 2, 3], [True] * 3, {"x": [1, 1, 1]}) is None
    assert cox([1, 2, 3, 4], [True] * 4, {"x": [4, 3, 2, 1]}) is None


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


def test_a_bootstrap_over_clusters_is_as_wide_as_their_means_tell() -> None:
    random = np.random.default_rng(3)
    centres = random.normal(size=40)
    values = np.repeat(centres, 10) + random.normal(0, 0.01, size=400)
    clusters = np.repeat(np.arange(40), 10)
    found, naive = cluster_mean(values, clusters), cluster_mean(values, np.arange(400))
    theory = 1.96 * centres.std() / math.sqrt(40)
    assert found.value == pytest.approx(naive.value) == pytest.approx(values.mean())
    assert (found.high - found.low) / 2 == pytest.approx(theory, rel=0.1)
    assert (naive.high - naive.low) / 2 == pytest.approx(theory / math.sqrt(10), rel=0.1)
    assert cluster_mean(values, clusters) == found
    slowly = clustered(lambda times: float(np.average(values, weights=times)), clusters)
    assert bounds(found) == pytest.approx(bounds(slowly))


def test_a_cluster_is_drawn_whole_and_as_often_as_there_are_clusters() -> None:
    seen = []

    def statistic(times: np.ndarray) -> float:
        seen.append(times)
        return float(times[0])

    clustered(statistic, ["a", "a", "b", "c", "c", "c"])
    assert seen[0].tolist() == [1] * 6
    for times in seen[1:]:
        assert times[0] == times[1]
        assert times[3] == times[4] == times[5]
        assert times[0] + times[2] + times[3] == 3
    assert len({tuple(times) for times in seen}) == 10


def test_clusters_of_little_know_no_interval_and_nulls_do_not_count() -> None:
    assert bounds(cluster_mean([], [])) == (UNKNOWN, UNKNOWN, UNKNOWN)
    assert bounds(cluster_mean([1, 3], ["a", "a"])) == (2, UNKNOWN, UNKNOWN)
    found = cluster_mean(pd.Series([1, None, 3, None], dtype="Int64"), [1, 1, 2, 3])
    assert bounds(found) == (2, 1, 3)
    assert found.n == 2
    assert bounds(clustered(lambda times: math.nan if times.max() > 1 else 1.0, [1, 2])) == (1, UNKNOWN, UNKNOWN)
