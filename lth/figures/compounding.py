"""Do inactive weights compound, and does weight decay end it? Their share of the unpruned weights along the levels."""

from functools import partial
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth.collect import Tables
from lth.figures.lines import BANDS, RUN, by_level, log_axis, median
from lth.figures.page import Panel, page
from lth.figures.source import Source, label
from lth.figures.style import BLACK, ramp, styled

DECAY = "optimizer.weight_decay"


@styled
def draw(tables: Tables) -> Figure:
    """A panel per configuration, in each a colour per weight decay."""
    caption = f"Share of the unpruned weights that are inactive. {BANDS}"
    return page(tables, _panels, columns=4, height=1.6, caption=caption, sharey="all")


def _panels(source: Source) -> list[Panel]:
    rows = source.levels("inactive_weights", "weights")
    rows = rows.assign(share=rows["inactive_weights"] / rows["weights"].where(rows["weights"] > 0))
    last = rows.drop_duplicates(RUN, keep="last")
    groups = list(last.groupby(DECAY)) if DECAY in last else [(None, last)]
    shares = [
        f"{100 * part['share'].median():.0f} %" + (f" ({label(DECAY, decay)})" if decay is not None else "")
        for decay, part in groups
    ]
    source.headline(f"Inactive share at the last level: {', '.join(shares)}, medians of all runs")
    return [partial(by_decay, part, "share", "inactive share", name) for name, part in source.facets(rows, DECAY)]


def by_decay(rows: pd.DataFrame, column: str, ylabel: str, name: str, axes: Axes) -> None:
    """The median of a column along the unpruned weights with its band, a colour per weight decay where it varies."""
    parts: list[tuple[Any, pd.DataFrame]] = list(rows.groupby(DECAY)) if DECAY in rows else [(None, rows)]
    for colour, (decay, part) in zip(ramp(len(parts)) if len(parts) > 1 else [BLACK], parts, strict=True):
        mine = by_level(part, "weights")
        median(axes, mine, "x", column, colour, label="median" if decay is None else label(DECAY, decay))
    log_axis(axes)
    axes.set(xlabel="unpruned weights", ylabel=ylabel)
    axes.set_title(name, loc="left")
