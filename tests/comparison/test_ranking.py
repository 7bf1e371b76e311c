"""What rows of runs come to: means with their intervals, and the order by cost."""

import pandas as pd
import pytest

from lth.comparison import table
from lth.comparison.page import page


def test_a_problem_of_one_task_has_no_share_that_separates() -> None:
    rows = pd.DataFrame({
        "problem": "p", "method": "snip", "asked": 0.1, "data_seed": [0, 0, 1], "test_accuracy": [0.8, 0.9, 1.0],
        "kept": 0.1, "dense": 1.0, "active_share": 0.5, "robust": 0.4, "spent_epochs": 3, "spent_macs": 10,
        "inference_macs": 1, "separated": pd.NA, "ever": pd.NA,
    })  # fmt: skip
    summary = table.summarised(rows)
    assert summary[["separated", "separated_low", "ever_high"]].isna().all(axis=None)
    assert "| - | 0.50 |" in page(summary, {}, {"p": ["python"]})


def test_where_dense_is_not_known_no_method_falls_short_of_it() -> None:
    rows = pd.DataFrame({
        "problem": "p", "method": ["obd", "obs"], "asked": 0.1, "data_seed": 0, "test_accuracy": [0.8, 0.9],
        "kept": 0.1, "dense": [float("nan"), 1.0], "active_share": 0.5, "robust": 0.4, "spent_epochs": 3,
        "spent_macs": 10, "inference_macs": 1, "separated": False, "ever": False,
    })  # fmt: skip
    text = page(table.summarised(rows), {}, {"p": ["python"]})
    assert "| obd | 10.0% | 0.800 " in text
    assert "| *obs* | 10.0% | 0.900 " in text


def lines(**columns: list) -> pd.DataFrame:
    frame = pd.DataFrame(columns)
    return frame.assign(problem="p", test_accuracy=frame["difference"] + 0.9)


def test_the_ranking_is_by_cost_at_the_fewest_weights_that_are_as_accurate() -> None:
    found = table.ranked(
        lines(
            method=["a", "a", "b", "b", "c", "c"],
            kept=[0.2, 0.1, 0.2, 0.1, 0.2, 0.1],
            difference=[0.0, -0.005, 0.01, -0.3, -0.2, -0.4],
            spent_macs=[5.0, 9.0, 7.0, 1.0, 1.0, 1.0],
        )
    )
    assert found["method"].tolist() == ["b", "a", "c"]
    assert found["kept"].tolist() == [0.2, 0.1, 0.2]
    assert found["able"].tolist() == [True, True, False]


def test_intervals_are_those_of_the_runs() -> None:
    rows = pd.DataFrame({
        "problem": "p", "method": "snip", "asked": 0.1, "data_seed": 0, "test_accuracy": [0.8, 0.9, 1.0],
        "kept": 0.1, "dense": 1.0, "active_share": 0.5, "robust": 0.4,
        "spent_epochs": 3, "spent_macs": 10, "inference_macs": 1, "separated": [True, False, True],
        "ever": True,
    })  # fmt: skip
    (line,) = table.summarised(rows).to_dict("records")
    assert line["test_accuracy"] == pytest.approx(0.9)
    assert 0.8 <= line["test_accuracy_low"] < 0.9 < line["test_accuracy_high"] <= 1
    assert (line["separated_low"], line["separated_high"]) == pytest.approx((0.2077, 0.9385), abs=1e-4)  # Wilson's
    assert line["difference"] == pytest.approx(-0.1)
    assert (line["separated"], line["n"]) == (pytest.approx(2 / 3), 3)


def test_runs_of_equal_data_count_as_one_draw() -> None:
    rows = pd.DataFrame({
        "problem": "p", "method": "snip", "asked": 0.1, "data_seed": [0] * 10 + [1] * 10 + [2] * 10,
        "test_accuracy": [0.8] * 10 + [0.9] * 10 + [1.0] * 10, "kept": 0.1, "dense": 1.0, "active_share": 0.5,
        "robust": 0.4, "spent_epochs": 3, "spent_macs": 10, "inference_macs": 1, "ever": True,
        "separated": [True] * 10 + [False] * 20,
    })  # fmt: skip
    (line,) = table.summarised(rows).to_dict("records")
    assert line["test_accuracy_low"] == pytest.approx(0.8)
    assert line["test_accuracy_high"] == pytest.approx(1)
    assert line["separated_low"] < 0.05
    assert line["separated_high"] > 0.95
