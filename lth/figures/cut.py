"""How close the network is to being two: the distance to a split along the levels."""

from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth.collect import Missing, Tables
from lth.figures.lines import RUN, level_axis, median, seeds
from lth.figures.page import Panel, page
from lth.figures.source import Source
from lth.figures.style import BLACK, OUTCOMES, styled
from lth.statistics import median_interval

_KINDS = {"cut": "fewest active weights\nwhose loss parts the tasks", "cut_magnitude": "the same, as sum of |w|"}


@styled
def draw(tables: Tables) -> Figure:
    """A row of panels per configuration: left the cut in weights, right in their magnitude; a line per seed."""
    caption = (
        "Thin lines: seeds, coloured by outcome; black: median over the seeds that have a value, with its 95 % "
        "interval (order statistics). 0 = separated. A "
        "degraded ticket whose tasks share nothing has no value."
    )
    return page(tables, _panels, columns=2, height=1.8, caption=caption)


def _panels(source: Source) -> list[Panel]:
    rows = source.levels("cut")
    kinds = [kind for kind in _KINDS if kind in rows]
    for kind in set(_KINDS) - set(kinds):
        source.note(f"table levels has no column {kind}")
    if "status" in rows:
        _seen(source, rows)
    return [partial(_curves, part, kind, name) for name, part in source.facets(rows) for kind in kinds]


def _seen(source: Source, rows: pd.DataFrame) -> None:
    """How many weights join the tasks one level before they part."""
    first = rows[rows["status"] == "separated"].drop_duplicates(RUN)
    before = rows.merge(first[RUN].assign(level=first["level"] - 1), on=[*RUN, "level"])["cut"].dropna()
    if len(before):
        one = median_interval(before)
        interval = "" if np.isnan(one.low) else f" [{one.low:g}, {one.high:g}]"
        source.headline(
            f"A level before they part, {one.value:g}{interval} weights join the tasks (median of {one.n} runs)"
        )


def _curves(rows: pd.DataFrame, kind: str, name: str, axes: Axes) -> None:
    if rows[kind].isna().all():
        raise Missing(f"no {kind} of {name or 'any run'} was computed")
    outcome = rows["outcome"] if "outcome" in rows else pd.Series(None, index=rows.index, dtype=object)
    for word, colour in OUTCOMES.items():
        mine = rows[(outcome == word).to_numpy()]
        if len(mine):
            seeds(axes, mine, "level", kind, colour, alpha=0.6)
            axes.plot([], [], color=colour, lw=1, label=word)
    seeds(axes, rows[outcome.isna().to_numpy()], "level", kind, BLACK)
    median(axes, rows, "level", kind, BLACK, label="median")
    axes.set_yscale("symlog", linthresh=1)
    axes.set_ylim(bottom=0)
    level_axis(axes)
    axes.set(ylabel=_KINDS[kind])
    axes.set_title(name, loc="left")
