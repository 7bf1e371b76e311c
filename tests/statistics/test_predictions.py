"""How good predictions are, against scikit-learn, and against answers that one can count."""

import math

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score

from lth.statistics.clustered import cluster_rate
from lth.statistics.predictions import auc, brier, slope


def drawn(seed: int, n: int = 300) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Chances with many ties, events, and how often each row counts."""
    random = np.random.default_rng(seed)
    chances = np.round(random.random(n), 1).clip(0.05, 0.95)
    return chances, random.random(n) < chances, random.integers(0, 4, n).astype(float)


@pytest.mark.parametrize("seed", range(5))
def test_auc_and_brier_are_those_of_scikit_learn(seed: int) -> None:
    chances, events, times = drawn(seed)
    assert auc(chances, events)(times) == pytest.approx(roc_auc_score(events, chances, sample_weight=times))
    assert auc(chances, events)(np.ones(300)) == pytest.approx(roc_auc_score(events, chances))
    assert brier(chances, events)(times) == pytest.approx(brier_score_loss(events, chances, sample_weight=times))


@pytest.mark.parametrize("seed", range(5))
def test_auc_within_strata_counts_pairs_of_one_stratum_alone(seed: int) -> None:
    chances, events, times = drawn(seed, 60)
    strata = np.random.default_rng(seed).integers(0, 5, 60)
    won = total = 0.0
    for i in np.flatnonzero(events):
        for j in np.flatnonzero(~events & (strata == strata[i])):
            both = times[i] * times[j]
            total += both
            won += both * (1.0 if chances[i] > chances[j] else 0.5 if chances[i] == chances[j] else 0.0)
    assert auc(chances, events, strata)(times) == pytest.approx(won / total)
    assert auc(chances, events, np.zeros(60))(times) == pytest.approx(auc(chances, events)(times))


@pytest.mark.parametrize("seed", range(5))
def test_the_slope_is_that_of_a_logistic_regression(seed: int) -> None:
    chances, events, times = drawn(seed)
    logits = 1.7 * np.log(chances / (1 - chances)) + 0.3
    fitted = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(logits[:, None], events, times)
    assert slope(logits, events)(times) == pytest.approx(fitted.coef_[0, 0], rel=1e-4)


def test_a_calibrated_forecast_has_the_slope_one_and_one_too_extreme_less() -> None:
    random = np.random.default_rng(0)
    logits = random.normal(0, 1.5, 20_000)
    events = random.random(20_000) < 1 / (1 + np.exp(-logits))
    ones = np.ones(20_000)
    assert slope(logits, events)(ones) == pytest.approx(1, abs=0.05)
    assert slope(2 * logits, events)(ones) == pytest.approx(0.5, abs=0.03)


def test_without_both_kinds_there_is_no_answer() -> None:
    scores, none = np.array([0.1, 0.5, 0.9]), np.zeros(3, dtype=bool)
    assert math.isnan(auc(scores, none)(np.ones(3)))
    assert math.isnan(slope(scores, none)(np.ones(3)))
    assert math.isnan(slope(scores, np.array([False, False, True]))(np.ones(3)))  # they are parted without an overlap
    assert math.isnan(brier(scores, none)(np.zeros(3)))


def test_a_rate_of_none_or_all_keeps_an_interval() -> None:
    none = cluster_rate([False] * 20, np.repeat([1, 2], 10))
    assert (none.value, none.low, none.n) == (0, 0, 20)
    assert none.high == pytest.approx(0.161, abs=1e-3)
    half = cluster_rate([True] * 10 + [False] * 10, np.repeat([1, 2], 10))
    assert (half.low, half.high) == (0, 1)
