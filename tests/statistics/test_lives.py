"""Survival, the log-rank test and hazards, against lives whose truth is known."""

import math

import numpy as np
import pytest
from scipy import stats

from lth.statistics import cox, logrank, survival
from tests.statistics.bounds import holds


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
    assert holds(found["y"], 2)
    assert holds(found["x"], 0.5)
    assert not holds(found["y"], 1)
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


def test_a_life_without_a_cluster_or_an_end_that_is_null_is_refused() -> None:
    lives, x, clusters = [1, 2, 3, 4, 5, 6], [1, 5, 2, 4, 3, math.nan], [0, 0, 1, None, 2, 2]
    with pytest.raises(ValueError, match=r"^rows without a cluster: 1 of 5$"):
        cox(lives, [True] * 6, {"x": x}, clusters)
    counted = cox(lives, [True] * 6, {"x": x}, [0, 0, 1, 1, 2, None])  # the last life does not count
    assert counted is not None
    assert counted["x"].n == 5
    ended = [True, None, True, True, True, True]
    for statistic in (
        lambda: survival(lives, ended),  # type: ignore[arg-type]
        lambda: logrank(lives, ended, ["a", "b"] * 3),  # type: ignore[arg-type]
        lambda: cox(lives, ended, {"x": x}),  # type: ignore[arg-type]
    ):
        with pytest.raises(ValueError, match=r"^flags that are null: 1 of 6$"):
            statistic()
