"""Accuracy of every task along the trajectory, and where networks separate; R² where the task is a regression."""

from functools import partial

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth.collect import Missing, Tables
from lth.figures.lines import BANDS, RUN, by_level, log_axis, median, seeds
from lth.figures.page import Panel, page
from lth.figures.source import Source
from lth.figures.style import BLUE, GREEN, LIGHT, ORANGE, PURPLE, SKY, VERMILION, styled

_COLOURS = (BLUE, VERMILION, PURPLE, ORANGE, SKY, GREEN)


@styled
def draw(tables: Tables, *, measure: str = "test accuracy") -> Figure:
    """A panel per configuration, a colour per task; below it the share of the seeds that are separated."""
    caption = f"{measure[0].upper()}{measure[1:]} per task. Thin lines: seeds. {BANDS}"
    caption += " Grey: share of the seeds that are separated at the level; light: degraded."
    return page(tables, partial(_panels, measure), columns=2, height=2.2, caption=caption)


def _panels(measure: str, source: Source) -> list[Panel]:
    rows = source.levels("weights")
    prefix = "test_accuracy_"
    known = [str(name) for name in rows if rows[name].notna().any()]
    tasks = [name.removeprefix(prefix) for name in known if name.startswith(prefix)]
    if not tasks:
        raise Missing(f"table levels has no column {prefix}TASK with values")
    ends = [
        rows.drop_duplicates(RUN, keep=end)[[prefix + task for task in tasks]].median() for end in ("first", "last")
    ]
    parts = [f"{task} {ends[0][prefix + task]:.2f} and {ends[1][prefix + task]:.2f}" for task in tasks]
    source.headline(f"Median {measure} of the dense networks and at the last level: {', '.join(parts)}")
    return [partial(_curves, measure, tasks, part, name) for name, part in source.facets(rows)]


def _curves(measure: str, tasks: list[str], rows: pd.DataFrame, name: str, axes: Axes) -> None:
    rows = by_level(rows, "weights")
    if "status" in rows:
        shares = rows.groupby("x")["status"].agg(
            separated=lambda words: (words == "separated").mean(), degraded=lambda words: (words == "degraded").mean()
        )
        axes.fill_between(
            shares.index, shares["separated"], color=LIGHT, alpha=0.6, lw=0, step="mid", label="separated"
        )
        total = shares["separated"] + shares["degraded"]
        axes.fill_between(
            shares.index, shares["separated"], total, color=LIGHT, alpha=0.25, lw=0, step="mid", label="degraded"
        )
    for task, colour in zip(tasks, _COLOURS * len(tasks), strict=False):
        column = f"test_accuracy_{task}"
        if rows[column].notna().any():
            seeds(axes, rows, "x", column, colour)
            median(axes, rows, "x", column, colour, label=task)
    log_axis(axes)
    axes.set(xlabel="unpruned weights", ylabel=measure)
    lowest = rows[[f"test_accuracy_{task}" for task in tasks]].min().min()
    axes.set_ylim(min(0.0, max(float(lowest), -1.0)) - 0.02, 1.02)
    axes.set_title(name, loc="left")
