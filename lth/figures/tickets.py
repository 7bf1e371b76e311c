"""Do tickets learn better and faster than the dense network, and than their masks with other values, level by level?"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from lth.collect import Missing, Tables
from lth.figures.clustered import mean_of_clusters
from lth.figures.lines import log_axis, plain_numbers
from lth.figures.page import Panel, page
from lth.figures.source import Source
from lth.figures.style import BLACK, GREEN, LIGHT, VERMILION, styled, whiskers
from lth.statistics import Interval

PUBLISHED = (51.3, 21.1, 13.5, 3.6)  # percent of the weights: Frankle & Carbin, 2019
_COMPARED = 21.1  # where the publication gives figures of new values
_COLUMNS = {"error": "test error (%)", "best_step": "early-stopping step (thousands)"}


@styled
def draw(tables: Tables) -> Figure:
    """Two panels, over the weights that are left: the test error, and the step of the smallest validation loss."""
    caption = (
        "Both at the epoch of the smallest validation loss, which is measured once an epoch. Means over the seeds with "
        "their 95 % interval. New values: the ticket's mask, drawn anew. Dashed: dense. Dotted: densities that Frankle "
        "& Carbin (2019) report."
    )
    return page(tables, _panels, columns=2, height=2.6, caption=caption)


def _panels(source: Source) -> list[Panel]:
    ticket = _measured(source.levels("density", "test_accuracy", "best_step"))
    other = _drawn_anew(source, ticket)
    if other is not None:
        _say(source, ticket, other)
    return [partial(_curves, ticket, other, column) for column in _COLUMNS]


def _measured(rows: pd.DataFrame) -> pd.DataFrame:
    found = rows.assign(percent=100 * rows["density"], error=100 * (1 - rows["test_accuracy"]))
    return found.assign(best_step=found["best_step"] / 1000)


def _drawn_anew(source: Source, ticket: pd.DataFrame) -> pd.DataFrame | None:
    """The rows of the tickets' masks with new values, at the densities of their levels."""
    controls = source.optional("controls", "control", "level", "test_accuracy", "best_step")
    if controls is None:
        return None
    density = ticket.groupby("level")["density"].median()
    rows = controls[controls["control"] == "reinit"].drop(columns="density", errors="ignore")
    if rows.empty:
        source.note("table controls has no row of new values")
        return None
    return _measured(rows.assign(density=rows["level"].map(density)))


def _curves(ticket: pd.DataFrame, other: pd.DataFrame | None, column: str, axes: Axes) -> None:
    if ticket[column].isna().all():
        raise Missing(f"no {column}")
    for share in PUBLISHED:
        axes.axvline(share, color=LIGHT, lw=0.7, ls=":", zorder=0)
    dense = mean_of_clusters(ticket[ticket["level"] == 0], column, share=False)
    axes.axhline(dense.value, color=BLACK, lw=0.8, ls="--", zorder=0)
    for rows, name, colour, mark in ((ticket, "ticket", GREEN, "o"), (other, "new values", VERMILION, "s")):
        if rows is None:
            continue
        parts = [part for _, part in rows.groupby("percent")]
        places = np.array([part["percent"].iloc[0] for part in parts], dtype=float)
        found = [mean_of_clusters(part, column, share=False) for part in parts]
        whiskers(axes, places, found, colour)
        axes.plot(places, [one.value for one in found], f"-{mark}", color=colour, ms=2.8, label=name)
    log_axis(axes)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    plain_numbers(axes.yaxis, axes.get_ylim())
    axes.set(xlabel="weights left (%)", ylabel=_COLUMNS[column])
    axes.set_title(_COLUMNS[column].partition(" (")[0], loc="left")


def _say(source: Source, ticket: pd.DataFrame, other: pd.DataFrame) -> None:
    """What new values cost where the publication says what they cost it."""
    levels = other.groupby("level")["percent"].median()
    level = (levels - _COMPARED).abs().idxmin()
    pairs = ticket.merge(other, on=["run", "seed", "level"], suffixes=("", "_other"))
    at = pairs[pairs["level"] == level]
    worse = mean_of_clusters(at.assign(lost=at["error_other"] - at["error"]), "lost", share=False)
    factors = at.assign(factor=np.log(at["best_step_other"] / at["best_step"]))
    slower = mean_of_clusters(factors, "factor", share=False)
    source.headline(
        f"New values at {levels[level]:.1f} % of the weights: the early-stopping step times "
        f"{_shown(slower, scale=np.exp)}, the test error {_shown(worse, '+')} points"
    )


def _shown(one: Interval, sign: str = "", scale: Callable[[float], float] = float) -> str:
    return f"{scale(one.value):{sign}.2f} [{scale(one.low):{sign}.2f}, {scale(one.high):{sign}.2f}]"
