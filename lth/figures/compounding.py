"""Do inactive weights compound, and does weight decay end it? Their share of the unpruned weights along the levels."""

from functools import partial
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth.collect import Tables
from lth.figures.lines import by_level, log_axis, median, seeds
from lth.figures.page import Panel, page
from lth.figures.source import Source, label
from lth.figures.style import BLACK, ramp, styled

DECAY = "optimizer.weight_decay"


@styled
def draw(tables: Tables) -> Figure:
    """A panel per configuration, in each a colour per weight decay."""
    caption = "Inactive share of the unpruned weights. Thin lines: seeds; thick lines: median over the seeds."
    return page(tables, _panels, columns=4, height=1.6, caption=caption, sharey="all")


def _panels(source: Source) -> list[Panel]:
    rows = source.levels("inactive_weights", "weights")
    rows = rows.assign(share=rows["inactive_weights"] / rows["weights"].where(rows["weights"] > 0))
    return [partial(by_decay, part, "share", "inactive share", name) for name, part in source.facets(rows, DECAY)]


def by_decay(rows: pd.DataFrame, column: str, ylabel: str, name: str, axes: Axes) -> None:
    """Every seed and the median of a column along the unpruned weights, a colour per weight decay where it varies."""
    parts: list[tuple[Any, pd.DataFrame]] = list(rows.groupby(DECAY)) if DECAY in rows else [(None, rows)]
    for colour, (decay, part) in zip(ramp(len(parts)) if len(parts) > 1 else [BLACK], parts, strict=True):
        mine = by_level(part, "weights")
        seeds(axes, mine, "x", column, colour)
        median(axes, mine, "x", column, colour, label="median" if decay is None else label(DECAY, decay))
    log_axis(axes)
    axes.set(xlabel="unpruned weights", ylabel=ylabel)
    axes.set_title(name, loc="left")
