"""One row per run, its first separation, its dense level; nothing of what did not finish."""

import pandas as pd
import pytest
from claimed import run

from lth.collect import Missing
from lth.ledger.runs import dense, first_separations, mean, rate, runs, share, shown
from lth.statistics import Interval

TABLE = pd.concat(
    [
        run("a", 0, ["interconnected", "separated", "separated", "degraded"], epochs=[5, 6, 7, 8]),
        run("a", 1, ["interconnected", "interconnected"], epochs=[9, 10]),
        run("b", 0, ["interconnected", "separated"], epochs=[1, 2]).assign(state="failed"),
    ],
    ignore_index=True,
)


def test_runs_are_finished_ones() -> None:
    found = runs(TABLE)
    assert found[["run", "seed", "levels", "separated"]].to_numpy().tolist() == [["a", 0, 3, True], ["a", 1, 1, False]]


def test_first_separations_and_dense_levels() -> None:
    assert first_separations(TABLE)[["run", "seed", "level", "epochs"]].to_numpy().tolist() == [["a", 0, 1, 6]]
    assert dense(TABLE)["epochs"].to_dict() == {("a", 0): 5, ("a", 1): 9}


def test_nothing_finished_or_separated_is_unmeasured() -> None:
    with pytest.raises(Missing, match="no run is finished"):
        runs(TABLE[TABLE["state"] == "failed"])
    with pytest.raises(Missing, match="no run separated"):
        first_separations(TABLE[TABLE["seed"] == 1])
    with pytest.raises(Missing, match="no runs"):
        rate(pd.Series([], dtype=bool))
    with pytest.raises(Missing, match="fewer than two"):
        mean(pd.Series([1.0, None]))


def test_texts() -> None:
    assert share(rate(pd.Series([True, True, False, False]))) == "50 % [15, 85]"
    assert shown(Interval(0.5, -0.25, 1, 4), 2, signed=True) == "+0.50 [-0.25, +1.00]"
