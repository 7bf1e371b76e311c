"""What the figures of the experiments on fresh data compute, on tables whose answers are known."""

import numpy as np
import pandas as pd
import pytest
from made_tables import make
from matplotlib.figure import Figure
from scipy.stats import ttest_1samp

from lth.figures import apart, bit, controls, recovered, share
from lth.figures.clustered import mean_of_clusters
from lth.figures.page import lacks
from lth.statistics.bootstrap import ALIKE, unanimous
from lth.statistics.clustered import cluster_mean


def levels(keyed: list[dict], statuses: list[str], **columns: list) -> pd.DataFrame:
    """Table levels: for every run of `keyed` a row for each status, with the columns' values level by level."""
    rows = []
    for number, keys in enumerate(keyed):
        outcome = "separated" if "separated" in statuses else "interconnected"
        for level, status in enumerate(statuses):
            row = {"run": f"run {number}", "seed": 100, **keys, "state": "finished", "level": level, "status": status}
            row |= {"outcome": keys.get("outcome", outcome), "density": 0.5**level}
            rows.append(row | {name: values[level] for name, values in columns.items()})
    table = pd.DataFrame(rows)
    table.attrs |= {"keys": [key for key in keyed[0] if key.startswith("dataset.")], "faults": [], "excluded": []}
    return table


def titles(figure: Figure) -> str:
    return " | ".join(" ".join(axes.get_title("left").split()) for axes in figure.axes)


def line(figure: Figure, panel: int, label: str) -> np.ndarray:
    """The values of a line by its label."""
    (found,) = [one for one in figure.axes[panel].get_lines() if one.get_label() == label]
    return np.asarray(found.get_ydata(), dtype=float)


def test_the_interval_is_the_page_s_and_about_that_of_the_means_of_the_clusters() -> None:
    table = pd.DataFrame({"dataset.seed": np.repeat(range(100, 140), 5), "seed": 0})
    table["value"] = np.random.default_rng(0).random(200)
    found = mean_of_clusters(table, "value")
    page = cluster_mean(table["value"], table["dataset.seed"])
    assert (found.value, found.low, found.high) == pytest.approx((page.value, page.low, page.high))
    known = ttest_1samp(table.groupby("dataset.seed")["value"].mean(), 0).confidence_interval()
    assert (found.value, found.low, found.high) == pytest.approx((table["value"].mean(), *known), rel=0.02)
    assert found.n == 200


def test_runs_of_one_data_seed_are_no_independent_witnesses() -> None:
    once = pd.DataFrame({"dataset.seed": range(8), "seed": 0, "value": [0, 1] * 4})
    often = pd.concat([once] * 10)
    assert mean_of_clusters(often, "value").low == pytest.approx(mean_of_clusters(once, "value").low)


@pytest.mark.parametrize("value", [0, 1])
def test_where_all_agree_the_interval_has_a_width_and_no_share_leaves_0_to_1(value: int) -> None:
    same = pd.DataFrame({"dataset.seed": np.repeat(range(8), 4), "seed": 0, "value": value})
    found, (down, up) = mean_of_clusters(same, "value"), unanimous(value, 32, 8, ALIKE)[0]
    assert (found.value, found.low, found.high) == pytest.approx((value, max(value - down, 0), min(value + up, 1)))
    assert found.high - found.low > 0.1
    most = same.assign(value=np.where(np.arange(32) == 5, 1 - value, value))
    assert 0 <= mean_of_clusters(most, "value").low < mean_of_clusters(most, "value").high <= 1


def test_one_cluster_has_no_interval_and_none_has_no_mean() -> None:
    one = pd.DataFrame({"dataset.seed": 100, "seed": 0, "value": [0.2, 0.4]})
    assert np.isnan(mean_of_clusters(one.assign(seed=[1, 1]), "value").low)
    assert mean_of_clusters(one.assign(value=np.nan), "value").n == 0


def test_independence_counts_runs_that_share_nothing_on_both_lines_and_tells_the_ends() -> None:
    cells = [("none", 0.0, 4), ("inputs", 1.0, 2), ("labels", 1.0, 1)]
    keyed = [
        {"dataset.shared": kind, "dataset.share": amount, "dataset.seed": 100 + number, "outcome": outcome}
        for kind, amount, separated in cells
        for number, outcome in enumerate(["separated"] * separated + ["interconnected"] * (4 - separated))
    ]
    table = levels(keyed, ["interconnected"] * 4, cut=[90, 40, 15, 3])
    figure = share.draw({"levels": table})
    np.testing.assert_allclose(line(figure, 0, "inputs shared"), [1, 0.5])
    np.testing.assert_allclose(line(figure, 0, "labels shared"), [1, 0.25])
    assert "inputs -50, labels -75" in titles(figure)
    # The level with .125 of the weights is the first below .22.
    lines = [one.get_ydata() for one in figure.axes[1].get_lines() if len(np.atleast_1d(one.get_ydata())) == 2]
    assert any(np.allclose(np.asarray(one, dtype=float), np.log(4)) for one in lines)


def test_recovered_needs_both_functions_at_a_separated_level() -> None:
    keyed = [{"dataset.shared_inputs": shared, "dataset.seed": 100 + n} for shared in (0, 1, 2) for n in range(2)]
    statuses = ["interconnected", "separated", "separated"]
    table = levels(keyed, statuses, test_accuracy_first=[1, 1, 0.98], test_accuracy_second=[1, 0.99, 1])
    table.loc[table["dataset.shared_inputs"] == 1, "test_accuracy_second"] = [1, 0.98, 1] * 2  # never both
    table.loc[table["dataset.shared_inputs"] == 2, "status"] = [
        "separated",
        "degraded",
        "degraded",
    ] * 2  # level 0 counts
    figure = recovered.draw({"levels": table})
    np.testing.assert_allclose(line(figure, 0, "recovered: function kept"), [1, 0, 1])
    np.testing.assert_allclose(line(figure, 0, "separated"), [1, 1, 1])
    np.testing.assert_allclose(line(figure, 0, "published"), [1.0, 0.97, 0.92])


@pytest.mark.parametrize(
    ("partition", "alone"), [("a+b", 0), ("a|b", 1), ("a|b+c+d", 0.25), ("a+b|c+d", 0), ("a|b|c+d", 0.5)]
)
def test_a_task_is_alone_that_shares_no_part(partition: str, alone: float) -> None:
    assert apart._alone(partition) == alone


def test_tasks_alone_are_counted_at_the_best_level_that_is_not_degraded() -> None:
    keyed = [{"dataset.n": 2, "dataset.seed": 100 + number} for number in range(2)]
    more = [{"dataset.n": 3, "dataset.seed": 100 + number} for number in range(2)]
    statuses = ["interconnected", "interconnected", "degraded"]
    tables = [levels(keyed, statuses, partition=["a+b", "a+b", "a|b"])]
    tables += [
        levels(more, statuses, partition=["a+b+c", "a|b+c", "a|b|c"]).replace({"run": {"run 0": "x", "run 1": "y"}})
    ]
    table = pd.concat(tables, ignore_index=True)
    table.attrs |= tables[0].attrs
    assert "0 % with 2 tasks, 33 % with 3 tasks" in titles(apart.draw({"levels": table}))


def test_the_controls_stand_in_their_order_with_what_separation_costs() -> None:
    names = ["shuffled", "plain", "rotated"]
    keyed = [{"dataset.control": name, "dataset.seed": 100 + n} for name in names for n in range(2)]
    keyed[4:] = [{**one, "outcome": "interconnected"} for one in keyed[4:]]
    table = levels(keyed, ["interconnected", "separated"], test_accuracy=[0.9, 0.8])
    table.loc[table["dataset.control"] == "rotated", "status"] = "interconnected"
    figure = controls.draw({"levels": table})
    assert "plain 100, rotated 0, shuffled 100" in titles(figure)
    assert "plain -10, shuffled -10" in titles(figure)


def test_the_least_cut_counts_only_where_the_right_digit_is_known() -> None:
    keyed = [{"dataset.bit": kind, "dataset.seed": 100 + n} for kind in ("across", "given") for n in range(2)]
    table = levels(
        keyed, ["interconnected"] * 3 + ["separated"], cut=[60, 9, 1, 0], test_accuracy_right=[0.9, 0.8, 0.76, 0.5]
    )
    table.loc[table["dataset.bit"] == "given", "test_accuracy_right"] = 0.9
    figure = bit.draw({"levels": table})
    np.testing.assert_allclose(line(figure, 0, "the bit must come across"), [0, 1, 1, 1, 1, 1, 1, 1])
    np.testing.assert_allclose(line(figure, 0, "the bit is given"), 1)
    assert lacks(figure) == []


@pytest.mark.parametrize(("experiment", "module"), [("independence", share), ("budget", apart), ("boolean", recovered)])
def test_chance_is_drawn_where_random_masks_were(experiment: str, module: object) -> None:
    tables = make(experiment)
    with_lot, without = (module.draw(tables), module.draw({"levels": tables["levels"]}))  # type: ignore[attr-defined]
    names = [[one.get_label() for one in figure.axes[0].get_lines()] for figure in (with_lot, without)]
    assert "by lot" in names[0]
    assert "by lot" not in names[1]
