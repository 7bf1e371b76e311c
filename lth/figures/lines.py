"""Lines along the levels: every seed thin, the median over seeds thick, in the band of its interval."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.collections import LineCollection
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from lth.statistics import median_interval

RUN = ["run", "seed"]
BANDS = "Lines: median over the seeds; bands: its 95 % interval (between order statistics; six seeds or more)."


def seeds(axes: Axes, rows: pd.DataFrame, x: str, y: str, colour: Any, **look: Any) -> None:
    """A thin line per run and seed; levels without a value are bridged."""
    known = rows.dropna(subset=[x, y]).sort_values(x)
    lines = [part[[x, y]].to_numpy(float) for _, part in known.groupby(RUN)]
    look = {"linewidths": 0.5, "alpha": 0.35} | look
    axes.add_collection(LineCollection(lines, colors=colour, **look))
    alone = [line[0] for line in lines if len(line) == 1]  # a line of one point would not be seen
    if alone:
        axes.plot(*np.transpose(alone), ".", color=colour, ms=2)
    axes.autoscale_view()


def median(axes: Axes, rows: pd.DataFrame, x: str, y: str, colour: Any, *, band: bool = True, **look: Any) -> None:
    """One line through the median over seeds at every x, and the band of its 95 % interval."""
    known = rows.dropna(subset=[x, y])
    middle = medians(known[y].groupby(known[x]))
    axes.plot(middle.index, middle["value"], color=colour, **({"lw": 1.6, "marker": ".", "ms": 3} | look))
    if band:
        axes.fill_between(middle.index, middle["low"], middle["high"], color=colour, alpha=0.18, lw=0)


def medians(groups: Any) -> pd.DataFrame:
    """The `value`, `low` and `high` of the median of every group of a column, by group."""
    found = {key: median_interval(part) for key, part in groups}
    rows = [(one.value, one.low, one.high) for one in found.values()]
    return pd.DataFrame(rows, index=pd.Index(list(found)), columns=["value", "low", "high"], dtype=float)


def level_axis(axes: Axes, name: str = "level") -> None:
    """An x axis of levels, whole ones alone."""
    axes.set_xlabel(name)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))


def log_axis(axes: Axes) -> None:
    """A logarithmic x axis that falls to the right, as weights do, with readable numbers however short it is."""
    axes.set_xscale("log")
    if not axes.xaxis_inverted():
        axes.invert_xaxis()
    plain_numbers(axes.xaxis, axes.get_xlim())


def plain_numbers(axis: Axis, ends: tuple[float, float]) -> None:
    """No numbers at the minor ticks of a logarithmic axis, and plain ones at 1, 3, 10, … where it is short."""
    axis.set_minor_formatter(NullFormatter())
    if min(ends) > 0 and max(ends) < 60 * min(ends):
        axis.set_major_locator(LogLocator(subs=(1, 3) if max(ends) > 10 * min(ends) else (1, 2, 3, 5)))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def by_level(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    """The rows with `x`, the median of `column` over the seeds of a level: seeds of one configuration share an axis."""
    return rows.assign(x=rows.groupby("level")[column].transform("median"))
