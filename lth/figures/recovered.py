"""Boolean functions that share inputs: how often pruning tells them apart, beside what was published."""

from __future__ import annotations

from functools import partial

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth.collect import Missing, Tables
from lth.figures.clustered import CAPTION, marks
from lth.figures.page import Panel, page
from lth.figures.runs import ever, runs, varying, with_value
from lth.figures.source import Source
from lth.figures.style import BLUE, GREEN, NOTE, ORANGE, styled, whiskers
from lth.statistics import wilson

_KEY = "dataset.shared_inputs"
_PUBLISHED = {0: 1.00, 1: 0.97, 2: 0.92, 3: 0.64, 4: 0.94}  # Patil, Michael and Dovrolis, Neural Sculpting, 2023
_THEIRS = 36  # runs of each, about
_KEPT = 0.99  # test accuracy of a function that is kept


@styled
def draw(tables: Tables) -> Figure:
    """Share of runs that separate, and that do so while both functions are kept, over the shared inputs."""
    caption = (
        f"Recovered: separated at some level at which both test accuracies are {_KEPT:g} or more. Published: Neural "
        f"Sculpting, 2023, with Wilson's interval for {_THEIRS} runs, their keys chosen per seed; ours have one set. "
        "By lot: random masks of the same sizes. "
    )
    return page(tables, _panels, height=2.7, width=5.0, caption=caption + CAPTION)


def _panels(source: Source) -> list[Panel]:
    varying(source, _KEY)
    levels = source.levels("status")
    accuracies = [name for name in levels if str(name).startswith("test_accuracy_") and levels[name].notna().any()]
    if not accuracies:
        raise Missing("table levels has no column test_accuracy_TASK with values")
    kept = (levels[accuracies] >= _KEPT).all(axis=1) & (levels["status"] == "separated")
    return [partial(_rates, with_value(runs(source), "recovered", ever(levels, kept)))]


def _rates(found: pd.DataFrame, axes: Axes) -> None:
    parts = {int(number): part for number, part in found.groupby(_KEY)}  # type: ignore[call-overload]
    places, groups = list(parts), list(parts.values())
    axes.set(xlim=(min(places) - 0.4, max(places) + 0.4), ylim=(-0.04, 1.04))
    marks(axes, [place - 0.06 for place in places], groups, "separated", color=GREEN, marker="o", label="separated")
    rates = marks(axes, places, groups, "recovered", color=BLUE, marker="s", label="recovered: function kept")
    known = [place for place in places if place in _PUBLISHED]
    theirs = [wilson(round(_PUBLISHED[place] * _THEIRS), _THEIRS) for place in known]
    shifted = [place + 0.08 for place in known]
    whiskers(axes, shifted, theirs, ORANGE)
    axes.plot(shifted, [_PUBLISHED[place] for place in known], "D", color=ORANGE, label="published")
    if "lot" in found:
        axes.plot(places, [part["lot"].mean() for part in groups], ":", color=NOTE, lw=1, label="by lot")
    axes.set_xticks(places, [f"{place}" for place in places])
    axes.set(xlabel="inputs of four that the two functions share", ylabel="share of runs")
    told = (
        f"{100 * rates[0].value:.0f} % with {places[0]} shared inputs, {100 * rates[-1].value:.0f} % with {places[-1]}"
    )
    axes.set_title(f"Recovered: {told}", loc="left")
