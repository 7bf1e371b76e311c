"""Intervals of clustered runs: against libraries, and against how often they hold what is true."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.api import GLM, add_constant, families

from lth.statistics.bootstrap import estimate, unanimous
from lth.statistics.contrasts import Runs, alike, contrast, logistic_curve, mediated, midpoint, slope
from lth.statistics.power import cluster_deviation, equivalence_power, power

CLUSTERS, EACH = 8, 4


def drawn(seed: int, between: float = 1.0, within: float = 1.0) -> Runs:
    """Runs around 0 with a part that a cluster shares."""
    stream = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(CLUSTERS), EACH)
    return Runs(stream.normal(0, between, CLUSTERS)[cluster] + stream.normal(0, within, len(cluster)), cluster)


def everyone(runs: Runs) -> list[np.ndarray]:
    return [np.ones(len(runs.value), dtype=bool)]


def test_intervals_of_few_clusters_hold_the_truth_as_often_as_they_say() -> None:
    found = [contrast(one, everyone(one), (1,), 0.1) for one in map(drawn, range(300))]
    assert 0.92 < np.mean([one.low < 0 < one.high for one in found]) < 0.985
    assert 0.86 < np.mean([one.inner_low < 0 < one.inner_high for one in found]) < 0.95
    assert all(one.low < one.inner_low < one.value < one.inner_high < one.high for one in found)


def test_runs_of_one_cluster_are_no_independent_witnesses() -> None:
    one = drawn(0, between=1.0, within=0.01)
    alone = Runs(one.value, np.arange(len(one.value)))
    wide, narrow = (contrast(runs, everyone(runs), (1,), 0.1) for runs in (one, alone))
    assert wide.value == pytest.approx(narrow.value)
    assert wide.high - wide.low > 2 * (narrow.high - narrow.low)
    assert (wide.n, wide.clusters) == (CLUSTERS * EACH, CLUSTERS)


def test_unanimous_shares_have_an_interval_still() -> None:
    runs = Runs(np.ones(CLUSTERS * EACH), np.repeat(np.arange(CLUSTERS), EACH))
    found = contrast(runs, everyone(runs), (1,), 0.1)
    assert found.value == found.high == 1
    assert 0.7 < found.low < found.inner_low < 0.95
    assert unanimous(1.0, 32, 8, 0.0)[0, 0] == pytest.approx(1 - 32 / (32 + 1.959964**2))
    nearly = Runs(runs.value - 0.001, runs.cluster)  # less a chance by lot
    assert contrast(nearly, everyone(nearly), (1,), 0.1).low == pytest.approx(found.low - 0.001)
    other = np.arange(len(runs.value)) % 2 == 0
    assert contrast(runs, [other, ~other], (1, -1), 0.1).low < 0 < contrast(runs, [other, ~other], (1, -1), 0.1).high


def test_differences_and_their_differences_are_those_of_means() -> None:
    runs, place = drawn(1), np.arange(CLUSTERS * EACH) % 4
    groups = [place == one for one in range(4)]
    means = [runs.value[group].mean() for group in groups]
    assert contrast(runs, groups[:2], (1, -1), 0.1).value == pytest.approx(means[0] - means[1])
    of_four = contrast(runs, groups, (1, -1, -1, 1), 0.1)
    assert of_four.value == pytest.approx(means[0] - means[1] - means[2] + means[3])


def test_a_slope_is_that_of_least_squares() -> None:
    runs, x = drawn(2), np.tile(np.linspace(0, 1, EACH), CLUSTERS)
    assert slope(runs, x).value == pytest.approx(np.polyfit(x, runs.value, 1)[0])


def test_a_curve_is_that_of_a_logistic_regression_and_its_midpoint_where_half_is() -> None:
    stream = np.random.default_rng(3)
    cluster = np.repeat(np.arange(16), 40)
    x = np.tile(np.log([8, 13, 20, 31, 47, 70, 104, 154]), 80)
    yes = (stream.random(640) < 1 / (1 + np.exp(-3 * (x - np.log(40))))).astype(float)
    found = midpoint(Runs(yes, cluster), x, 0.5)
    assert found.low < np.log(40) < found.high
    assert found.high - found.low < 0.5
    places = np.unique(x)
    hits = np.array([[yes[x == place].sum() for place in places]])
    start, rise = logistic_curve(places, np.full((1, 8), 80.0), hits)
    fitted = GLM(
        np.column_stack([hits[0] + 0.01, 80 - hits[0] + 0.01]), add_constant(places), families.Binomial()
    ).fit()
    assert [start[0], rise[0]] == pytest.approx(list(fitted.params), rel=1e-6)
    assert np.isnan(midpoint(Runs(1 - yes, cluster), x, 0.5).value)


@pytest.mark.parametrize(("between", "likeness"), [(0.0, 0.0), (1.0, 0.5), (3.0, 0.9)])
def test_likeness_is_the_share_of_the_variance_between_clusters(between: float, likeness: float) -> None:
    stream = np.random.default_rng(4)
    cluster = np.repeat(np.arange(400), 8)
    x = np.tile([0.0, 0.0, 0.0, 0.0, 5.0, 5.0, 5.0, 5.0], 400)
    value = x + between * stream.normal(size=400)[cluster] + stream.normal(size=3200)
    assert alike(Runs(value, cluster), x).value == pytest.approx(likeness, abs=0.05)


@pytest.mark.parametrize("carried", [0.0, 0.5, 1.0])
def test_what_mediators_carry_is_gone_once_they_are_held(carried: float) -> None:
    stream = np.random.default_rng(5)
    cluster, group = np.repeat(np.arange(50), 40), np.tile([0.0, 1.0], 1000)
    mediator = group + stream.normal(0, 0.3, 2000)
    value = carried * mediator + (1 - carried) * group + stream.normal(0, 0.1, 2000)
    found = mediated(Runs(value, cluster), group, np.column_stack([mediator, stream.normal(size=2000)]))
    assert found.value == pytest.approx(carried, abs=0.05)


def test_one_cluster_has_no_interval() -> None:
    found = estimate(np.array([[2.0, 3.0]]), lambda sums: sums[:, 1] / sums[:, 0], 2)
    assert found.value == 1.5
    assert np.isnan([found.low, found.high]).all()


def test_power_is_how_often_a_simulated_difference_is_found() -> None:
    between = cluster_deviation(1.0, EACH, 0.2, groups=1)
    stream = np.random.default_rng(6)
    values = 0.9 + np.sqrt(0.2) * stream.normal(size=(2000, CLUSTERS, 1)) + np.sqrt(0.8) * stream.normal(
        size=(2000, CLUSTERS, EACH))  # fmt: skip
    means = pd.DataFrame(values.mean(axis=2))
    t = means.mean(axis=1) / (means.std(axis=1) / np.sqrt(CLUSTERS))
    assert power(0.9, between, CLUSTERS) == pytest.approx((abs(t) > 2.3646).mean(), abs=0.03)
    assert equivalence_power(0.1, between, CLUSTERS) == 0
    assert equivalence_power(3.0, between, CLUSTERS) > 0.99


def test_numbers_that_are_next_to_one_are_no_unanimous_votes() -> None:
    runs = Runs(np.linspace(0.995, 0.999, 32), np.repeat(np.arange(8), 4))
    assert contrast(runs, everyone(runs), (1,)).low > 0.99


def test_a_midpoint_is_not_looked_for_far_from_what_was_seen() -> None:
    cluster, x = np.repeat(np.arange(8), 20), np.tile(np.log([8.0, 16.0]), 80)
    seldom = (np.arange(160) % 53 == 0).astype(float)
    found = midpoint(Runs(seldom, cluster), x, 0.5)
    assert np.isnan(found.value) or found.value <= np.log(32) + 1e-9


def test_a_power_that_is_certain_is_one() -> None:
    for errors in (8, 9, 11, 15, 20, 100):  # at some of them SciPy's noncentral t gives up
        assert power(errors / 2, 1, 4) == pytest.approx(1, abs=2e-3)
    assert equivalence_power(10.0, 0.1, 8) == 1.0


def test_where_nobody_does_it_in_either_group_the_difference_may_lie_on_either_side() -> None:
    runs, place = Runs(np.zeros(32), np.repeat(np.arange(8), 4)), np.arange(32) % 2 == 0
    found = contrast(runs, [place, ~place], (1, -1), 0.1)
    assert found.low == pytest.approx(-found.high)
    assert found.low < 0 == found.value
