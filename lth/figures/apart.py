"""More tasks at the same number of weights for each: do all of them part, and how many do?"""

from __future__ import annotations

from functools import partial

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth.collect import Tables
from lth.figures.clustered import CAPTION, marks
from lth.figures.lines import RUN
from lth.figures.page import Panel, page
from lth.figures.runs import runs, varying, with_value
from lth.figures.source import Source
from lth.figures.style import BLUE, GREEN, NOTE, styled

_KEY = "dataset.n"


@styled
def draw(tables: Tables) -> Figure:
    """Left the share of runs in which all tasks are apart at some level, right the share of tasks that are alone."""
    caption = (
        "Same number of weights for each task, at every level. Alone: a task that shares no component with another, at "
        "the best level that is not degraded. By lot: random masks of the same sizes. "
    )
    return page(tables, _panels, columns=2, height=2.5, caption=caption + CAPTION)


def _panels(source: Source) -> list[Panel]:
    varying(source, _KEY)
    levels = source.levels("partition", "status")
    whole = levels[levels["status"] != "degraded"]
    found = with_value(runs(source), "alone", whole["partition"].map(_alone).groupby([whole[key] for key in RUN]).max())
    found["alone"] = found["alone"].fillna(0.0)
    return [
        partial(_rates, found, "separated", GREEN, "share of runs", "All tasks apart"),
        partial(_rates, found, "alone", BLUE, "share of the tasks", "Tasks that stand alone"),
    ]


def _alone(partition: str) -> float:
    """The share of the tasks that are a part of their own."""
    parts = [part.split("+") for part in partition.split("|")]
    return sum(len(part) == 1 for part in parts) / sum(map(len, parts))


def _rates(found: pd.DataFrame, column: str, colour: str, unit: str, what: str, axes: Axes) -> None:
    parts = list(found.groupby(_KEY))
    numbers, groups = [int(number) for number, _ in parts], [part for _, part in parts]  # type: ignore[call-overload]
    axes.set(xlim=(min(numbers) - 0.4, max(numbers) + 0.4), ylim=(-0.04, 1.04))
    rates = marks(axes, numbers, groups, column, color=colour)
    if column == "separated" and "lot" in found:
        axes.plot(numbers, [part["lot"].mean() for part in groups], ":", color=NOTE, lw=1, label="by lot")
    axes.set_xticks(numbers)
    axes.set(xlabel="tasks side by side", ylabel=unit)
    ends = [f"{100 * rate.value:.0f} % with {number} tasks" for rate, number in zip(rates, numbers, strict=True)]
    axes.set_title(f"{what}: {ends[0]}, {ends[-1]}", loc="left")
