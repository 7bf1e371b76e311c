"""What figures draw, against hand-made tables whose answers can be counted."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from made_tables import make
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lth.figures import cut, fit, inputs, lottery, noise, null, outcomes, separation, survival
from lth.figures.catalogue import EXPERIMENTS
from lth.figures.drawn import at_some_level
from lth.figures.grid import points
from lth.figures.partings import shape, steps
from lth.figures.sizes import sizes
from lth.figures.source import Source, facets
from lth.statistics import logistic, logrank, wilson

WORDS = ("separated", "separated-degraded", "interconnected", "degraded")


def ladder_table(counts: dict[int, tuple[int, int, int, int]]) -> pd.DataFrame:
    """Levels of runs of these sizes, so many of each outcome of WORDS; level 1 separates where the outcome says so."""
    rows = []
    for hidden, numbers in counts.items():
        for seed, word in enumerate(np.repeat(WORDS, numbers)):
            for level in (0, 1, 2):
                status = "separated" if level and word.startswith("separated") else "interconnected"
                status = "degraded" if level == 2 and word.endswith("degraded") else status
                row = {"run": f"h={hidden}", "model.hidden": hidden, "seed": seed, "state": "finished", "level": level}
                row |= {
                    "outcome": word,
                    "status": status,
                    "weights": 100 - 10 * level,
                    "active_weights": 80 - 30 * level,
                }
                rows.append(row | {"keep": 100 - 10 * level, "winning": level == 1 and seed % 2 == 0})
    table = pd.DataFrame(rows)
    table.attrs |= {"keys": ["model.hidden"], "faults": [], "excluded": []}
    return table


def bars(figure: Figure) -> dict[tuple[float, float], float]:
    """Middle and bottom of every bar → its height."""
    found = [bar for bar in figure.axes[0].patches if isinstance(bar, Rectangle) and bar.get_height()]
    return {(round(bar.get_center()[0], 2), round(bar.get_y(), 3)): bar.get_height() for bar in found}


def test_outcome_bars_stack_the_shares_beside_the_published_ones() -> None:
    table = ladder_table({8: (0, 0, 4, 0), 57: (5, 2, 0, 1)})
    figure = outcomes.draw({"levels": table}, **EXPERIMENTS["extension"]["outcomes"])
    drawn = bars(figure)
    assert drawn[-0.15, 0] == 1
    assert [drawn[0.85, bottom] for bottom in (0, 0.625, 0.875)] == pytest.approx([5 / 8, 2 / 8, 1 / 8])
    assert drawn[1.26, 0] == 1  # rung 9: all four published seeds separated
    labels = [text.get_text() for text in figure.axes[0].get_xticklabels()]
    assert labels == ["0\n8\n4", "9\n57\n8"]
    whisker = [line for line in figure.axes[0].collections if isinstance(line, LineCollection)][1]
    expected = wilson(7, 8)
    assert whisker.get_segments()[0][:, 1].tolist() == pytest.approx([expected.low, expected.high])


def test_outcomes_of_other_configurations_lie_below_each_other() -> None:
    figure = outcomes.draw({"levels": ladder_table({8: (1, 0, 3, 0), 16: (0, 1, 0, 0)})})
    found = [bar for bar in figure.axes[0].patches if isinstance(bar, Rectangle) and bar.get_width()]
    assert [(bar.get_y() + 0.35, bar.get_x(), bar.get_width()) for bar in found] == [
        (0, 0, 0.25), (1, 0, 1), (0, 0.25, 0.75)
    ]  # fmt: skip
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == ["h = 8  n = 4", "h = 16  n = 1"]


def test_rungs_come_from_the_ladder_and_not_from_how_far_a_seed_got() -> None:
    table = ladder_table({6: (1, 0, 0, 0), 29: (1, 0, 0, 0), 30: (1, 0, 0, 0)})
    names = sizes(Source({"levels": table}), EXPERIMENTS["extension-3"]["outcomes"]["ladder"]).names
    assert names == [("2", "6"), ("9", "29"), ("", "30")]


def test_chance_at_some_level_multiplies_what_every_level_misses() -> None:
    rows = [("a", 0, 10, None), ("a", 0, 20, 0.5), ("a", 0, 20, 0.2), ("b", 1, 20, 0.0)]
    table = pd.DataFrame(rows, columns=["run", "seed", "draws", "random_separated"])
    found = at_some_level(table, "random_separated")
    assert found["rate"].tolist() == pytest.approx([0.6, 0])


def test_null_models_stand_beside_the_observed_rate_of_their_configuration() -> None:
    table = ladder_table({8: (3, 0, 1, 0)})
    chances = pd.DataFrame({"run": "h=8", "seed": [0, 1], "level": 1, "draws": 9, "random_separated": [0.2, 0.4]})
    figure = null.draw({"levels": table, "null": chances})
    marks = {line.get_label(): line.get_xdata()[0] for line in figure.axes[0].lines if len(line.get_xdata()) == 1}  # type: ignore[index, arg-type]
    assert marks["observed"] == 0.75
    assert marks["masks drawn by lot, same layer counts"] == pytest.approx(0.3)
    assert figure.axes[0].get_yticklabels()[0].get_text() == "h = 8  3/4"


def test_the_first_separated_level_counts_and_no_later_one() -> None:
    found = separation.separated(ladder_table({8: (2, 1, 5, 0)}))
    assert found["level"].tolist() == [1, 1, 1]


def test_the_rate_of_a_grid_is_what_every_level_removes_of_the_rest() -> None:
    found = points(Source({"levels": ladder_table({8: (1, 1, 1, 1)})}))
    assert found["rate"].tolist() == pytest.approx([1 - 0.8**0.5] * 4)
    assert found["separated"].tolist() == [True, True, False, False]


def test_a_fit_tells_the_odds_per_doubling() -> None:
    table = ladder_table({8: (1, 0, 7, 0), 16: (2, 0, 6, 0), 32: (4, 0, 4, 0), 64: (6, 0, 2, 0)})
    figure = fit.draw({"levels": table})
    seen = " ".join(text.get_text() for text in figure.texts).replace("\n", " ")
    seeds = [
        (size, happened) for size, k in ((3, 1), (4, 2), (5, 4), (6, 6)) for happened in [True] * k + [False] * (8 - k)
    ]
    expected = logistic([happened for _, happened in seeds], {"size": [size for size, _ in seeds]})
    assert expected is not None
    value, low, high = (
        f"{np.exp(end):.3g}" for end in (expected["size"].value, expected["size"].low, expected["size"].high)
    )
    assert f"Odds to separate: × {value} [{low}, {high}] per doubling of the hidden neurons" in seen
    curve = next(line for line in figure.axes[0].lines if line.get_label() == "fitted")
    assert all(later > earlier for earlier, later in pairwise(curve.get_ydata()))  # type: ignore[arg-type]


def test_a_fit_that_does_not_exist_is_missing_and_the_rates_are_drawn() -> None:
    figure = fit.draw({"levels": ladder_table({8: (0, 0, 4, 0), 16: (4, 0, 0, 0)})})
    assert "no fit" in " ".join(text.get_text() for text in figure.texts)
    observed = next(line for line in figure.axes[0].lines if line.get_label() == "observed")
    assert observed.get_ydata().tolist() == [0, 1]  # type: ignore[union-attr]
    assert not [line for line in figure.axes[0].lines if line.get_label() == "fitted"]


def partitions(*texts: str, degraded: int = 99) -> pd.DataFrame:
    status = ["degraded" if level >= degraded else "interconnected" for level in range(len(texts))]
    return pd.DataFrame({"level": range(len(texts)), "partition": texts, "status": status})


def test_a_partition_tree_ends_where_the_first_task_degrades() -> None:
    whole = partitions("a+b+c", "a+b+c", "a+b|c", "a|b|c")
    assert steps(whole) == ((("a", "b", "c"),), (("a", "b"), ("c",)), (("a",), ("b",), ("c",)))
    assert len(steps(partitions("a+b+c", "a+b|c", "a|b|c", degraded=2))) == 2
    assert steps(partitions("a+b", degraded=0)) == ()


def test_trees_are_alike_but_for_the_numbers_of_tasks() -> None:
    first = steps(partitions("moons1+moons2+moons3", "moons1+moons2|moons3"))
    other = steps(partitions("moons1+moons2+moons3", "moons1|moons2+moons3"))
    named = steps(partitions("moons1+moons2+digits", "moons1+moons2|digits"))
    assert shape(first) == shape(other) != shape(named)
    assert shape(first) != shape(steps(partitions("moons1+moons2+moons3", "moons1|moons2|moons3")))


def test_an_input_lives_until_its_first_level_without_an_active_weight() -> None:
    lives = {("a", 0): [3, 2, 0, 0], ("a", 1): [3, 3, 2, 1], ("noise", 2): [3, 0, 0, 0], ("noise", 3): [2, 1, 0, 0]}
    rows = [
        {"run": "r", "seed": seed, "level": level, "input": number, "task": task, "edges": edges, "active_edges": edges}
        for seed in (0, 1)
        for (task, number), counts in lives.items()
        for level, edges in enumerate(counts)
    ]
    figure = survival.draw({"inputs": pd.DataFrame(rows)})
    steps_of = {line.get_label(): line for line in figure.axes[0].lines if "inputs" in str(line.get_label())}
    assert steps_of["signal inputs"].get_ydata().tolist() == [1, 0.5, 0.5]  # type: ignore[union-attr]
    assert steps_of["noise inputs"].get_ydata().tolist() == [1, 0.5, 0]  # type: ignore[union-attr]
    p = logrank([2, 3, 1, 2] * 2, [True, False, True, True] * 2, ["s", "s", "n", "n"] * 2)
    assert f"P = {p:.2g}" in figure.axes[0].get_title("left")
    means = inputs.draw({"inputs": pd.DataFrame(rows)}).axes[0].lines
    signal = next(line for line in means if line.get_label() == "signal inputs")
    assert signal.get_ydata().tolist() == [3, 2.5, 1, 0.5]  # type: ignore[union-attr]


def test_winning_is_asked_at_the_first_separation_of_those_that_separate() -> None:
    table = ladder_table({8: (3, 0, 1, 0), 16: (0, 0, 2, 0)}).rename(columns={"model.hidden": "dataset.noise"})
    table.attrs["keys"] = ["dataset.noise"]
    labels = [text.get_text() for text in noise.draw({"levels": table}).axes[0].get_xticklabels()]
    assert labels == ["8\n3/4\n2/4\n2/3", "16\n0/2\n1/2\n0/0"]


def test_pairs_are_joined_by_seed_and_those_that_never_separated_are_hollow() -> None:
    tables = make("lottery", seeds=4)
    axes = lottery.draw(tables).axes[0]
    joined = next(one for one in axes.collections if isinstance(one, LineCollection))
    controls = tables["controls"].query("run == 'run 0'")
    wide = controls.pivot_table(index="seed", columns="control", values="test_accuracy")
    expected = 100 * (1 - wide[["dense", "ticket", "reinit", "shuffled", "continued"]].to_numpy())
    assert np.array([segment[:, 1] for segment in joined.get_segments()]) == pytest.approx(expected)
    hollow = sum(len(line.get_xdata()) for line in axes.lines if line.get_markerfacecolor() == "white")  # type: ignore[arg-type]
    assert hollow == 5 * int((~controls.query("control == 'ticket'")["separated"]).sum())


def test_every_seed_has_its_own_line() -> None:
    tables = make("how", seeds=4)
    drawn = [one for one in cut.draw(tables).axes[0].collections if isinstance(one, LineCollection)]
    assert sum(len(one.get_segments()) for one in drawn) == 4


def test_a_seed_that_two_folders_have_counts_once() -> None:
    table = ladder_table({8: (2, 0, 0, 0)})
    twice = pd.concat([table, table.assign(run="again")])
    twice.attrs |= table.attrs
    assert Source({"levels": twice}).counts() == (
        "n = 2 runs: 1 configuration × 2 seeds; failed 0; unfinished 0; repeated 2"
    )


def test_seeds_that_the_tables_only_name_are_counted_too() -> None:
    table = ladder_table({8: (2, 0, 0, 0)})
    table.attrs["excluded"] = ["h=8 seed 7: failed (level 0: loss)", "h=9: unfinished"]
    table.attrs["faults"] = ["h=9/summary.json: missing"]
    assert Source({"levels": table}).counts().endswith("failed 1; unfinished 1; not read 1")


def test_facets_are_named_by_what_varies_and_in_order() -> None:
    table = pd.DataFrame({"model.hidden": [57, 154, 57], "pruning.biases": [True, True, False], "dataset": "moons"})
    keys = ["dataset", "model.hidden", "pruning.biases"]
    names = [name for name, _ in facets(table, keys)]
    assert names == ["h = 57, bias kept", "h = 57, bias pruned", "h = 154, bias pruned"]
    assert [name for name, _ in facets(table.head(1), keys)] == ["moons, h = 57, bias pruned"]
