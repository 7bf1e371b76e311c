"""What is compared has its interval, and tests of one figure are one family."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from made_tables import make
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from test_values import ladder_table

from lth.figures import compounding, fit, grid, idle, lottery, null
from lth.figures.lines import median
from lth.statistics import holm, logistic_chances, median_interval, paired, wilson


def band(axes: Axes, number: int = 0) -> np.ndarray:
    """x, low and high of a filled band."""
    points = axes.collections[number].get_paths()[0].vertices
    ends = pd.DataFrame(points, columns=["x", "y"]).groupby("x")["y"].agg(["min", "max"])
    return ends.reset_index().to_numpy()


def test_the_band_of_a_median_is_its_interval_at_every_level() -> None:
    draw = np.random.default_rng(0)
    rows = pd.DataFrame({"run": "r", "seed": seed, "level": level, "y": draw.exponential()}
                        for seed in range(9) for level in (0, 1, 2))  # fmt: skip
    axes = Figure().subplots()
    median(axes, rows, "level", "y", "k")
    expected = [median_interval(part) for _, part in rows.groupby("level")["y"]]
    assert axes.lines[0].get_ydata().tolist() == [one.value for one in expected]  # type: ignore[union-attr]
    assert band(axes) == pytest.approx(np.array([(level, one.low, one.high) for level, one in enumerate(expected)]))


def test_p_values_of_all_panels_are_one_family() -> None:
    tables = make("lottery", seeds=8)
    figure = lottery.draw(tables)
    labels = [tick.get_text() for axes in figure.axes for tick in axes.get_xticklabels()]
    raw = []
    controls = tables["controls"].assign(error=100 * (1 - tables["controls"]["test_accuracy"]))
    for _, rows in controls.groupby("run"):
        for column in ("error", "epochs"):
            wide = rows.pivot_table(index="seed", columns="control", values=column)
            raw += [paired(wide["ticket"], wide[one]) for one in ("dense", "reinit", "shuffled", "continued")]
    expected = ["P < 0.001" if p < 0.001 else f"P = {p:.2g}" for p in holm(raw)]
    assert [label.split("\n")[2] for label in labels if "ticket" not in label] == expected


def test_errors_stand_on_a_logarithmic_axis_with_a_place_for_none() -> None:
    tables = make("lottery", seeds=6)
    tables["controls"].loc[lambda rows: rows["control"] == "ticket", "test_accuracy"] = 1.0
    axes = lottery.draw(tables).axes[0]
    assert axes.get_yscale() == "symlog"
    assert axes.get_ylim()[0] < 0
    assert axes.get_yticklabels()[0].get_text() == "0"


def test_a_fitted_line_has_its_band() -> None:
    table = ladder_table({8: (1, 0, 7, 0), 16: (2, 0, 6, 0), 32: (4, 0, 4, 0), 64: (6, 0, 2, 0)})
    axes = fit.draw({"levels": table}).axes[0]
    ends = band(axes, -1)
    happened = [one for k in (1, 2, 4, 6) for one in [True] * k + [False] * (8 - k)]
    sizes = np.repeat([3.0, 4, 5, 6], 8)
    expected = logistic_chances(happened, {"size": sizes}, {"size": ends[:, 0]})
    assert expected is not None
    assert ends[:, 1:] == pytest.approx(expected[["low", "high"]].to_numpy())
    assert 0 <= ends[:, 1].min() <= ends[:, 2].max() <= 1


def test_sizes_and_rates_that_both_vary_have_a_curve_each() -> None:
    figure = fit.draw({"levels": make("levels-vs-size", seeds=12)["levels"]})
    names = [line.get_label() for line in figure.axes[0].lines]
    assert {"h = 31", "h = 48"} <= set(names)


def test_the_rate_p_stands_below_the_levels_and_on_no_axis_of_its_own() -> None:
    table = make("levels")
    figure = grid.draw({"levels": table["levels"]})
    (axes,) = figure.axes
    labels = [tick.get_text() for tick in axes.get_xticklabels()]
    for (levels, rows), label in zip(table["levels"].groupby("pruning.schedule.levels"), labels, strict=True):
        ends = rows.groupby("seed")["keep"].agg(["first", "last"]).iloc[0]
        p = 1 - (ends["last"] / ends["first"]) ** (1 / int(str(levels)))
        assert label.split("\n")[:2] == [str(levels), f"{p:.2f}".removeprefix("0")]
    assert "levels\np\nof 5" in [text.get_text() for text in axes.texts]


def test_a_chance_of_nothing_has_the_width_that_its_draws_leave_open() -> None:
    nothing = pd.DataFrame({"rate": [0.0, 0.0], "draws": [50, 30]})
    assert null.expected(nothing) == wilson(0, 80)
    some = null.expected(nothing.assign(rate=[0.0, 0.2]))
    assert some.value == pytest.approx(0.1)


def test_rates_of_nothing_have_a_place_on_the_logarithmic_axis() -> None:
    axes = null.draw(make("how")).axes[0]
    assert axes.get_xscale() == "symlog"
    assert axes.get_xlim()[0] < 0 < 1 < axes.get_xlim()[1]
    assert axes.get_xticklabels()[0].get_text() == "0 %"


def test_few_sizes_are_drawn_as_medians_and_the_caption_tells_how_many() -> None:
    table = make("extension", seeds=6)["levels"]
    many = pd.concat([table.assign(**{"model.hidden": table["model.hidden"] + extra, "run": table["run"] + str(extra)})
                      for extra in (0, 100, 200)])  # fmt: skip
    many = many.assign(weights=many["weights"] + many["model.hidden"])
    many.attrs |= table.attrs
    figure = idle.draw({"levels": many})
    assert all(len(axes.lines) == 5 for axes in figure.axes)
    assert "Of 12 sizes 5 are drawn." in " ".join(text.get_text() for text in figure.texts).replace("\n", " ")


def test_a_decay_has_its_median_and_band_and_no_line_per_seed() -> None:
    tables = make("zombies", seeds=7)
    axes = compounding.draw(tables).axes[0]
    assert len(axes.lines) == 2
    assert len(axes.collections) == 2
