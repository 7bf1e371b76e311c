"""Does training make networks separate from the outputs back? The gap between the layers beside untrained controls."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth.collect import Missing, Tables
from lth.evidence.backward import TRAINED, WAY, Backward, backward
from lth.evidence.tables import SIZE
from lth.figures.page import Panel, page
from lth.figures.source import Source
from lth.figures.style import BLACK, GREEN, LIGHT, ORANGE, PURPLE, styled, whiskers
from lth.statistics import Interval

_WAYS = {
    TRAINED: ("trained, by magnitude", GREEN, "o"),
    "untrained": ("untrained, by |initial weight|", ORANGE, "s"),
    "untrained_random": ("untrained, by lot", PURPLE, "D"),
}


@styled
def draw(tables: Tables) -> Figure:
    """Left the gap of every run and its mean per size, right what training adds to that of the controls."""
    caption = (
        "Gap: the level at which half of the first hidden layer hears from one task only, less that at which half of "
        "the last one leads to one task only; a layer that is never half decided counts as the level after the last. "
        "Pale: runs. Marks: means with the 95 % interval of a bootstrap over the data seeds. Right: paired by data and "
        "seed; above 0, training adds to the order. h: neurons of each of the hidden layers."
    )
    return page(tables, _panels, columns=2, height=2.3, caption=caption)


def _panels(source: Source) -> list[Panel]:
    levels = source.levels("status", "decided_out_1", "decided_in_1")
    absent = [name for name in (WAY, SIZE, "dataset.seed") if name not in levels]
    if absent:
        raise Missing(f"table levels has no column {', '.join(absent)}")
    found = backward(levels)
    return [partial(_gaps, found), partial(_against, found)]


def _gaps(found: Backward, axes: Axes) -> None:
    sizes = sorted(found.runs[SIZE].unique())
    for shift, way in _shifts(found.gaps[WAY].unique().tolist()):
        name, colour, mark = _WAYS.get(way, (way, BLACK, "^"))
        for place, size in enumerate(sizes):
            runs = found.runs[(found.runs[WAY] == way) & (found.runs[SIZE] == size)]
            spread = np.linspace(-0.09, 0.09, len(runs)) if len(runs) > 1 else np.zeros(len(runs))
            axes.plot(place + shift + spread, runs["gap"], ".", color=LIGHT, ms=2.5, zorder=0)
        means = found.gaps[found.gaps[WAY] == way]
        _means(axes, means, "gap", sizes, shift, name, colour, mark)
    axes.set(xlabel="h", ylabel="gap in levels")
    axes.set_title("from half of the last layer to half of the first", loc="left")
    _sizes(axes, sizes)


def _against(found: Backward, axes: Axes) -> None:
    if found.against.empty:
        raise Missing(f"no pairs of {TRAINED} with a control")
    sizes = [*sorted(found.runs[SIZE].unique()), "all"]
    for shift, control in _shifts(found.against["control"].unique().tolist()):
        name, colour, mark = _WAYS.get(control, (control, BLACK, "^"))
        means = found.against[found.against["control"] == control]
        _means(axes, means, "difference", sizes, shift, name, colour, mark)
    axes.set(xlabel="h", ylabel="difference in levels")
    axes.set_title("what training adds: its gap less a control's", loc="left")
    _sizes(axes, sizes)


def _means(axes: Axes, means: pd.DataFrame, column: str, sizes: list, shift: float, *look: str) -> None:
    name, colour, mark = look
    places = np.array([sizes.index(size) for size in means[SIZE]]) + shift
    rows = means[[column, "low", "high"]].to_numpy(float).tolist()
    found = [Interval(value, low, high, 0) for value, low, high in rows]
    whiskers(axes, places, found, colour)
    axes.plot(places, means[column], mark, color=colour, ms=4, label=name)


def _shifts(names: list[str]) -> list[tuple[float, str]]:
    ordered = [name for name in _WAYS if name in names] + sorted(set(names) - set(_WAYS))
    return [(0.26 * (place - (len(ordered) - 1) / 2), name) for place, name in enumerate(ordered)]


def _sizes(axes: Axes, sizes: list) -> None:
    axes.axhline(0, color=BLACK, lw=0.6)
    axes.set_xticks(range(len(sizes)), [str(size) for size in sizes])
    axes.set_xlim(-0.5, len(sizes) - 0.5)
