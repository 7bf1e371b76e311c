"""Runs that share data: whole clusters are drawn again."""

import math

import numpy as np
import pandas as pd
import pytest

from lth.statistics.clustered import cluster_mean, cluster_rate, clustered
from lth.statistics.contrasts import Runs
from tests.statistics.bounds import UNKNOWN, bounds


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


@pytest.mark.parametrize("null", [None, math.nan, pd.NA, pd.NaT])
def test_a_value_without_a_cluster_is_refused(null: object) -> None:
    """To drop it would tell of fewer runs than there are."""
    clusters = pd.Series([0, null, 1], dtype=object)
    for statistic in (
        lambda: cluster_mean([1, 2, 3], clusters),
        lambda: cluster_rate([True, False, True], clusters),
        lambda: clustered(lambda times: float(times.sum()), clusters),
        lambda: Runs.of(pd.Series([1.0, 2.0, 3.0]), clusters),
    ):
        with pytest.raises(ValueError, match=r"^rows without a cluster: 1 of 3$"):
            statistic()
    found = cluster_mean([1, None, 3], clusters)
    assert bounds(found) == (2, 1, 3)
    assert found.n == 2


def test_what_happened_is_never_null() -> None:
    for nulls in ([True, None, False], pd.Series([True, None, False], dtype="boolean"), [1, math.nan, 0]):
        with pytest.raises(ValueError, match=r"^flags that are null: 1 of 3$"):
            cluster_rate(nulls, [0, 1, 2])  # type: ignore[arg-type]
    assert cluster_rate([], []).n == 0
    assert cluster_rate([1, 0, 1, 1], [0, 1, 2, 2]).value == 0.75
