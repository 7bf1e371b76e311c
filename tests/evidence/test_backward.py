"""backward: the levels at which layers come to serve one task, against runs whose answers are written down."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lth.collect import Missing
from lth.evidence.backward import backward


def run(way: str, data: int, seed: int, first: list[float], last: list[float], hidden: int = 29) -> pd.DataFrame:
    """The levels of a run of two hidden layers: `first` is decided_in_1, `last` decided_out_2, level by level."""
    n = len(first)
    return pd.DataFrame({
        "run": f"{way} {hidden} {data}", "pruning": way, "model.hidden": hidden, "dataset.seed": data, "seed": seed,
        "state": "finished", "level": range(n), "status": ["interconnected"] * (n - 1) + ["degraded"],
        "decided_in_1": first, "decided_out_2": last, "decided_out_1": [0.0] * n, "decided_in_2": [np.nan] * n,
    })  # fmt: skip


def made() -> pd.DataFrame:
    """Trained gaps 2, 2, 3, 1 and those of the control 1, 1, 1, 1, over two data seeds."""
    return pd.concat([
        run("magnitude", 100, 1, [1.0, 0.1, 0.2, 0.5, 1.0], [1.0, 0.5, 0.6, 0.2, 1.0]),
        run("magnitude", 100, 2, [0.0, 0.1, 0.2, 0.6, 1.0], [0.0, 0.7, 0.6, 1.0, 1.0]),
        run("magnitude", 101, 1, [0.0, 0.1, 0.2, 0.2, 0.5], [0.0, 0.5, 0.6, 1.0, 1.0]),
        run("magnitude", 101, 2, [0.0, 0.1, 0.2, 0.2, 0.4], [0.0, 0.1, 0.1, 0.1, 0.9]),
        *(run("untrained", data, seed, [0.0, 0.0, 0.9, 1.0, 1.0], [0.0, 0.9, 1.0, 1.0, 1.0])
          for data in (100, 101) for seed in (1, 2)),
    ], ignore_index=True)  # fmt: skip


def test_halves_and_gaps_are_those_that_one_reads_off() -> None:
    runs = backward(made()).runs.set_index(["pruning", "dataset.seed", "seed"]).loc["magnitude"]
    assert runs["half_in_1"].tolist() == [3, 3, 4, pd.NA]
    assert runs["half_out_2"].tolist() == [1, 1, 1, 4]
    assert runs["half_out_1"].isna().all()
    assert runs["gap"].tolist() == [2, 2, 3, 1]  # what is never decided counts as level 5
    assert runs["reached"].tolist() == [True, True, True, False]


def test_level_zero_counts_for_nothing() -> None:
    assert backward(made()).runs["half_in_1"].min() >= 1


def test_gaps_have_the_intervals_of_their_data_seeds() -> None:
    columns = ["pruning", "gap", "low", "high", "n", "reached"]
    gaps = backward(made()).gaps[columns].to_numpy().tolist()
    assert gaps == [["magnitude", 2, 2, 2, 4, 3], ["untrained", 1, 1, 1, 4, 4]]


def test_ways_are_compared_by_pairs_that_share_size_data_and_seed() -> None:
    table = made()
    found = backward(table)
    assert found.against["model.hidden"].tolist() == [29, "all"]
    assert found.difference("untrained").value == 1
    # A pair that has lost one side is no pair.
    alone = table[~((table["pruning"] == "untrained") & (table["dataset.seed"] == 101) & (table["seed"] == 1))]
    assert backward(alone).difference("untrained").value == pytest.approx((1 + 1 + 0) / 3)
    assert backward(alone).difference("untrained").n == 3
    with pytest.raises(Missing, match="untrained_random"):
        found.difference("untrained_random")


def test_levels_of_degraded_tickets_may_be_left_out() -> None:
    runs = backward(made(), degraded=False).runs.set_index(["pruning", "dataset.seed", "seed"]).loc["magnitude"]
    assert runs["half_in_1"].tolist() == [3, 3, pd.NA, pd.NA]
    assert runs["half_out_2"].tolist() == [1, 1, 1, pd.NA]
    assert runs["gap"].tolist() == [2, 2, 4, 0]


def test_runs_that_are_not_finished_do_not_count() -> None:
    table = made()
    table.loc[table["pruning"] == "untrained", "state"] = "failed"
    assert set(backward(table).runs["pruning"]) == {"magnitude"}
    with pytest.raises(Missing, match="no run is finished"):
        backward(table.assign(state="running"))
    with pytest.raises(KeyError, match="decided_in_1"):
        backward(table.drop(columns="decided_in_1"))
