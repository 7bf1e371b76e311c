"""bridge: contrasts of interventions, against differences that are written down."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest

from lth.collect import Missing
from lth.evidence.bridge import CONTRASTS, MEASURES, bridge

STATUS = {"bridge": "interconnected", "before": "interconnected", "random_cut": "interconnected"}


def row(data: int, seed: int, control: str, accuracy: float, **more: Any) -> dict[str, Any]:
    made = {"run": f"d={data}", "dataset.seed": data, "seed": seed, "control": control, "separated": True}
    made |= {"status": STATUS.get(control, "separated"), "reproduced": True if control == "ticket" else None}
    made |= {"test_accuracy": accuracy, "test_accuracy_moons": accuracy, "epochs": 50, "epochs_best": 20}
    made |= {"epochs_dense": 15, "epochs_99": 10}
    return made | dict.fromkeys(("winning", "wins_best", "wins_dense", "wins_99"), True) | more


def made() -> pd.DataFrame:
    """bridge − ticket is −.1, −.1 in one data seed, −.3 in the other; within − ticket is 0."""
    rows = []
    for data, seed, less in ((100, 0, 0.1), (100, 1, 0.1), (101, 0, 0.3)):
        rows.append(row(data, seed, "ticket", 0.9))
        rows.append(row(data, seed, "within", 0.9, epochs_best=30))
        rows.append(row(data, seed, "bridge", 0.9 - less, wins_99=data == 100))
    return pd.DataFrame(rows)


def test_differences_are_those_of_pairs_and_their_intervals_those_of_data_seeds() -> None:
    whole = bridge(made())
    found = whole.difference("bridge - ticket", "test_accuracy")
    assert (found.value, found.n) == (pytest.approx(-0.5 / 3), 3)
    assert (found.low, found.high) == (pytest.approx(-0.3), pytest.approx(-0.1))
    assert whole.difference("within - ticket", "test_accuracy").value == 0
    assert whole.difference("bridge - within", "epochs_best").value == -10
    assert whole.difference("bridge - ticket", "wins_99").value == pytest.approx(-1 / 3)
    assert whole.difference("bridge - ticket", "test_accuracy_moons") == found


def test_every_measure_has_every_contrast_and_those_without_pairs_say_so() -> None:
    found = bridge(made())
    assert len(found.table) == len(CONTRASTS) * (len(MEASURES) + 1)
    cut = found.table[found.table["contrast"] == "cut - before"]
    assert (cut["n"] == 0).all()
    assert cut["difference"].isna().all()
    with pytest.raises(Missing, match="no pairs of cut - before"):
        found.difference("cut - before", "epochs")


def test_p_is_of_the_data_seeds_means_and_corrected_within_a_measure() -> None:
    rows = []
    for data in range(100, 108):
        for seed in range(4):
            rows += [row(data, seed, "ticket", 0.9 + data / 1e4), row(data, seed, "within", 0.9 + data / 1e4)]
            rows.append(row(data, seed, "bridge", 0.8 + seed / 1e3))
    table = bridge(pd.DataFrame(rows)).table
    p = table[table["measure"] == "test_accuracy"].set_index("contrast")["p"]
    alone = 2 / 2**8  # eight data seeds of one sign
    assert p["bridge - ticket"] == pytest.approx(3 * alone)
    assert p["within - ticket"] == 1
    assert math.isnan(p["cut - before"])


def test_a_cut_that_degrades_a_task_is_no_cut_and_statuses_are_counted() -> None:
    rows = [row(100 + n, 0, control, 0.9) for n in range(3) for control in ("ticket", "before", "cut", "random_cut")]
    rows[2]["status"] = "degraded"
    found = bridge(pd.DataFrame(rows))
    assert found.difference("cut - before", "epochs").n == 2
    assert found.difference("random_cut - before", "epochs").n == 3
    counted = found.statuses.set_index(["control", "status"])["n"]
    assert counted[("cut", "degraded")] == 1
    assert counted[("cut", "separated")] == 2
    assert found.reproduced == (3, 3)


def test_who_never_gets_there_counts_with_the_epochs_that_it_trained() -> None:
    table = made()
    table.loc[table["control"] == "bridge", "epochs_dense"] = None
    found = bridge(table)
    assert found.difference("bridge - ticket", "epochs_dense").value == 50 - 15
    assert found.difference("bridge - ticket", "epochs_99").value == 0


def test_the_median_stands_beside_the_mean() -> None:
    table = bridge(made()).table.set_index(["contrast", "measure"])
    assert table["median"][("bridge - ticket", "test_accuracy")] == pytest.approx(-0.1)


def test_runs_that_never_separate_and_tables_without_interventions_do_not_count() -> None:
    table = made()
    with pytest.raises(Missing, match="no intervention"):
        bridge(table.assign(separated=False))
    with pytest.raises(Missing, match="no intervention"):
        bridge(table[table["control"] == "ticket"])
    with pytest.raises(KeyError, match="wins_dense"):
        bridge(table.drop(columns="wins_dense"))
    alone = pd.concat([table, pd.DataFrame([row(102, 0, "bridge", 0.1, separated=False)])])
    assert bridge(alone).difference("bridge - ticket", "epochs").n == 3
