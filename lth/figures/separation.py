"""How many weights are left when the tasks part, over all sizes, and how many of them still do something at the end."""

from functools import partial
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth.collect import Missing, Tables
from lth.figures.lines import plain_numbers
from lth.figures.page import Panel, page
from lth.figures.sizes import Sizes, sizes, spread
from lth.figures.source import Source
from lth.figures.style import BLACK, MARKERS, OUTCOMES, SKY, styled
from lth.method.extension import Ladder
from lth.statistics import mean_interval


@styled
def draw(tables: Tables, *, ladder: Ladder | None = None) -> Figure:
    """Active and available weights at first separation, and the share of active ones at the end; a dot per seed."""
    caption = "Every dot is a seed. Bars: mean over seeds with its 95 % bootstrap interval."
    return page(tables, partial(_panels, ladder), height=2.3, caption=caption)


def _panels(ladder: Ladder | None, source: Source) -> list[Panel]:
    found = sizes(source, ladder)
    _seen(source, found)
    return [partial(_at_separation, source, found), partial(_at_end, source, found)]


def _seen(source: Source, found: Sizes) -> None:
    """How much more weights the largest size has at its first separation than the smallest that separates."""
    try:
        rows = found.attach(separated(source.levels("status", "active_weights", "weights")))
    except Missing:  # said where it is drawn
        return
    means = rows.groupby("place")[["active_weights", "weights"]].mean()
    first, last = means.index[[0, -1]]
    names = [found.names[place][1] for place in (first, last)]
    names[0] = names[0] if names[0].endswith(" w") else f"h = {names[0]}"
    growth = means.loc[last] / means.loc[first]
    source.headline(
        f"From {names[0]} to {names[1]} the active weights at the first separation grow × "
        f"{growth['active_weights']:.2g}, the unpruned ones × {growth['weights']:.2g}"
    )


def separated(levels: pd.DataFrame) -> pd.DataFrame:
    """The row of every seed at its first separated level. Raises Missing when none separated."""
    rows = levels[levels["status"] == "separated"].drop_duplicates(["run", "seed"])
    if rows.empty:
        raise Missing("no run separated")
    return rows


def _at_separation(source: Source, found: Sizes, axes: Axes) -> None:
    rows = found.attach(separated(source.levels("status", "active_weights", "weights")))
    for column, name, colour, shift in (
        ("weights", "available at first separation", SKY, 0.2),
        ("active_weights", "active at first separation", BLACK, -0.2),
    ):
        _dots(axes, rows, column, colour, shift)
        axes.plot([], [], "o", color=colour, label=name)
    axes.set(yscale="log", ylabel="weights")
    plain_numbers(axes.yaxis, axes.get_ylim())
    found.label(axes, rows.groupby("place").size(), "sep.")


def _dots(axes: Axes, rows: pd.DataFrame, column: str, colour: str, shift: float) -> None:
    axes.plot(spread(rows, "place", 0.32) + shift, rows[column], "o", color=colour, ms=2.2, alpha=0.7, mew=0)
    for place, values in rows[column].groupby(rows["place"] + shift):
        _mean(axes, place, values, colour, 0.16)


def _mean(axes: Axes, place: Any, values: pd.Series, colour: str, reach: float) -> None:
    mean = mean_interval(values)
    axes.plot([place - reach, place + reach], [mean.value, mean.value], color=colour, lw=1)
    axes.plot([place, place], [mean.low, mean.high], color=colour, lw=0.7)


def _at_end(source: Source, found: Sizes, axes: Axes) -> None:
    ends = source.levels("active_weights", "weights").drop_duplicates(["run", "seed"], keep="last")
    rows = found.attach(ends.assign(share=ends["active_weights"] / ends["weights"]))
    outcome = rows["outcome"] if "outcome" in rows else pd.Series(None, index=rows.index, dtype=object)
    x = spread(rows, "place", 0.7)
    for name, colour in OUTCOMES.items():
        mine = (outcome == name).to_numpy()
        if mine.any():
            axes.plot(x[mine], rows["share"][mine], MARKERS[name], color=colour, ms=3, label=name)
    if outcome.isna().any():
        axes.plot(x[outcome.isna()], rows["share"][outcome.isna()], ".", color=BLACK, label="no outcome")
    for place, values in rows.groupby("place")["share"]:
        _mean(axes, place, values, BLACK, 0.38)
    axes.set(ylabel="active share of weights\nat the last level", ylim=(0, 1.03))
    found.label(axes)
