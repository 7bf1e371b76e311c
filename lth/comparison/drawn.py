"""The two figures of a comparison: accuracy and separation against density, a line a method, a panel a family."""

from collections.abc import Iterator, Mapping
from itertools import cycle

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from lth.comparison.families import FAMILIES, REST
from lth.comparison.rows import BASE
from lth.figures.style import BLUE, DARK, GREEN, ORANGE, PAGE, PURPLE, SKY, VERMILION, styled

Look = tuple[str, str]  # colour and mark
COLOURS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)
BESIDE = 1.035  # how far the places of two methods at one density are apart, a factor
MARKS = ("o", "s", "^", "D", "v", "x")
WORDS = {"test_accuracy": "test accuracy", "separated": "share of runs that end separated"}


@styled
def draw(summary: pd.DataFrame, quantity: str) -> Figure:
    """A row of panels for each problem, a panel for each family; iterative magnitude pruning in grey in all of them.

    Problems of which the quantity is not known have none.
    """
    summary = summary.dropna(subset=quantity)
    problems = list(dict.fromkeys(summary["problem"]))
    families = [name for name in (*FAMILIES, REST) if name in set(summary["family"])]
    most = max(summary.groupby("family")["method"].nunique())
    size = (max(PAGE, 2.0 * len(families)), 2.1 * len(problems) + 0.9 + 0.18 * most)
    figure = Figure(figsize=size, layout="constrained")
    grid = figure.subplots(len(problems), len(families), squeeze=False, sharex=True, sharey="row")
    for name, column in zip(families, grid.T, strict=True):
        own = summary[summary["family"] == name]
        looks = dict(zip(sorted(own["method"].unique()), _looks(), strict=False))  # the same for all problems
        for problem, axes in zip(problems, column, strict=True):
            rows = summary[summary["problem"] == problem]
            _panel(axes, rows, looks, quantity)
            axes.set_title(f"{name}\n{problem}" if len(problems) > 1 else name, loc="left")
        column[-1].set_xlabel("weights left, %")
        lines = [Line2D([], [], color=colour, marker=mark, ms=3, lw=0.9) for colour, mark in looks.values()]
        column[-1].legend(lines, looks, loc="upper left", bbox_to_anchor=(-0.1, -0.2), labelspacing=0.25)
    for axes in grid[:, 0]:
        axes.set_ylabel(WORDS[quantity])
    figure.suptitle("Grey: iterative magnitude pruning. Bars: 95 % intervals.", x=0.01, ha="left", fontsize=7)
    return figure


def _looks() -> Iterator[Look]:
    """A colour and a mark for one method after the other."""
    return cycle((colour, mark) for mark in MARKS for colour in COLOURS)


def _panel(axes: Axes, rows: pd.DataFrame, looks: Mapping[str, Look], quantity: str) -> None:
    """One line for each method that there is, and iterative magnitude pruning behind them."""
    base = rows[rows["method"] == BASE].sort_values("kept")
    axes.plot(100 * base["kept"], base[quantity], color=DARK, lw=3, alpha=0.35, zorder=0)
    # Bars of the same density stand side by side.
    aside = BESIDE ** (np.arange(len(looks)) - (len(looks) - 1) / 2)
    for (method, (colour, mark)), factor in zip(looks.items(), aside, strict=True):
        group = rows[rows["method"] == method].sort_values("kept")
        places, values, low, high = (group[name].to_numpy(float) for name in ("kept", quantity, *_ends(quantity)))
        reach = [(values - low).clip(min=0), (high - values).clip(min=0)]
        axes.plot(100 * factor * places, values, color=colour, marker=mark, ms=3, lw=0.9)
        axes.errorbar(100 * factor * places, values, yerr=reach, fmt="none", ecolor=colour, elinewidth=0.6, alpha=0.5)
    axes.set_xscale("log")
    axes.set_xticks([1, 2, 5, 10, 20], ["1", "2", "5", "10", "20"])
    axes.minorticks_off()


def _ends(quantity: str) -> tuple[str, str]:
    return f"{quantity}_low", f"{quantity}_high"
