"""From which size on networks separate, and degrade: shares over h, with the logistic curves through them."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth.collect import Tables
from lth.figures.clustered import CAPTION, cluster, marks
from lth.figures.lines import RUN
from lth.figures.page import Panel, page
from lth.figures.runs import runs, varying, with_value
from lth.figures.source import Source
from lth.figures.style import GREEN, NOTE, VERMILION, styled
from lth.statistics.bootstrap import Estimate
from lth.statistics.contrasts import Runs, logistic_curve, midpoint

_SIZE = "model.hidden"
_LINES = (("separated", "separated at some level", GREEN, "o"), ("degraded", "degraded at the end", VERMILION, "s"))


@styled
def draw(tables: Tables) -> Figure:
    """The share of runs that separate at some level, and that end degraded, over h."""
    caption = (
        "Curves: logistic in log h; ticks below: where they reach one half, with the 95 % interval of a bootstrap over "
        "data seeds. By lot: random masks of the same sizes at every level. "
    )
    return page(tables, _panels, height=3.0, caption=caption + CAPTION)


def _panels(source: Source) -> list[Panel]:
    varying(source, _SIZE)
    ends = source.levels("status").drop_duplicates(RUN, keep="last").set_index(RUN)["status"]
    found = with_value(runs(source), "degraded", (ends == "degraded").astype(float))
    halves = {column: _half(found, column) for column, *_ in _LINES}
    told = [f"{column} from h = {_text(half)} on" for column, half in halves.items() if np.isfinite(half.value)]
    source.headline(f"Half of the runs are {', '.join(told)}" if told else "No curve reaches one half")
    return [partial(_panel, found, halves)]


def _half(found: pd.DataFrame, column: str) -> Estimate:
    return midpoint(Runs.of(found[column], cluster(found)), np.log(found[_SIZE].to_numpy(float)), 0.5)


def _text(half: Estimate) -> str:
    value, low, high = np.exp([half.value, half.low, half.high])
    return f"{value:.0f} [{low:.0f}, {high:.0f}]" if np.isfinite(low) else f"{value:.0f}"


def _panel(found: pd.DataFrame, halves: dict[str, Estimate], axes: Axes) -> None:
    sizes = sorted(found[_SIZE].unique())
    places = np.log(np.asarray(sizes, dtype=float))  # marks spread their dots evenly, so the axis is not
    groups = [found[found[_SIZE] == size] for size in sizes]
    axes.set_xlim(places[0] - 0.12, places[-1] + 0.12)
    axes.set_xticks(places, [str(size) for size in sizes], fontsize=6)
    for (column, name, colour, marker), low in zip(_LINES, (-0.03, -0.055), strict=True):
        axes.plot(*_curve(groups, column, places), color=colour, lw=0.9)
        marks(axes, places.tolist(), groups, column, line=False, color=colour, marker=marker, ms=3.5, label=name)
        half = halves[column]
        axes.plot([half.low, half.value, half.high], [low] * 3, "|-", color=colour, ms=4, lw=0.8)
    if "lot" in found:
        axes.plot(places, [group["lot"].mean() for group in groups], "_", color=NOTE, ms=7, label="by lot")
    axes.set(xlabel="h", ylabel="share of runs", ylim=(-0.075, 1.04))


def _curve(groups: list[pd.DataFrame], column: str, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    counts = np.array([[len(group), group[column].sum()] for group in groups], dtype=float).T
    start, rise = logistic_curve(places, counts[:1], counts[1:])
    x = np.linspace(places[0], places[-1], 200)
    return x, 1 / (1 + np.exp(-np.clip(start[0] + rise[0] * x, -30, 30)))
