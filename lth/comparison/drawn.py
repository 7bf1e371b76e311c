"""The two figures of a comparison: accuracy and separation against density, a line a method, a panel a family."""

from itertools import cycle

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth.comparison.families import FAMILIES, REST
from lth.comparison.table import BASE
from lth.figures.style import BLUE, DARK, GREEN, ORANGE, PAGE, PURPLE, SKY, VERMILION, styled

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
    for problem, line in zip(problems, grid, strict=True):
        for name, axes in zip(families, line, strict=True):
            rows = summary[summary["problem"] == problem]
            _panel(axes, rows, name, quantity)
            axes.set_title(f"{name}\n{problem}" if len(problems) > 1 else name, loc="left")
        line[0].set_ylabel(WORDS[quantity])
    for axes in grid[-1]:
        axes.set_xlabel("weights left, %")
        axes.legend(loc="upper left", bbox_to_anchor=(-0.1, -0.2), labelspacing=0.25)
    figure.suptitle("Grey: iterative magnitude pruning. Bars: 95 % intervals.", x=0.01, ha="left", fontsize=7)
    return figure


def _panel(axes: Axes, rows: pd.DataFrame, family: str, quantity: str) -> None:
    base = rows[rows["method"] == BASE].sort_values("kept")
    axes.plot(100 * base["kept"], base[quantity], color=DARK, lw=3, alpha=0.35, zorder=0)
    own = rows[rows["family"] == family]
    styles = cycle((colour, mark) for mark in MARKS for colour in COLOURS)
    methods = list(own.groupby("method"))
    aside = BESIDE ** (np.arange(len(methods)) - (len(methods) - 1) / 2)  # bars of the same density stand side by side
    for (method, group), (colour, mark), factor in zip(methods, styles, aside, strict=False):
        group = group.sort_values("kept")
        places, values, low, high = (group[name].to_numpy(float) for name in ("kept", quantity, *_ends(quantity)))
        reach = [(values - low).clip(min=0), (high - values).clip(min=0)]
        axes.plot(100 * factor * places, values, color=colour, marker=mark, ms=3, lw=0.9, label=str(method))
        axes.errorbar(100 * factor * places, values, yerr=reach, fmt="none", ecolor=colour, elinewidth=0.6, alpha=0.5)
    axes.set_xscale("log")
    axes.set_xticks([1, 2, 5, 10, 20], ["1", "2", "5", "10", "20"])
    axes.minorticks_off()


def _ends(quantity: str) -> tuple[str, str]:
    return f"{quantity}_low", f"{quantity}_high"
