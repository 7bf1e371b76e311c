"""Into how many parts the tasks have come, along the trajectory."""

from functools import partial

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth.collect import Tables
from lth.figures.lines import BANDS, RUN, by_level, log_axis, median, seeds
from lth.figures.page import Panel, page
from lth.figures.source import Source
from lth.figures.style import BLACK, BLUE, styled


@styled
def draw(tables: Tables) -> Figure:
    """A panel per configuration, a line per seed."""
    caption = (
        f"Parts share no active weight. Thin lines: seeds. {BANDS} A seed's line ends at its first degraded level."
    )
    return page(tables, _panels, columns=4, height=1.5, caption=caption)


def _panels(source: Source) -> list[Panel]:
    rows = source.levels("partition", "status", "weights")
    whole = rows[~(rows["status"] == "degraded").groupby([rows["run"], rows["seed"]]).cummax().to_numpy()]
    whole = whole.assign(parts=whole["partition"].str.count(r"\|") + 1)
    last = whole.drop_duplicates(RUN, keep="last")
    source.headline(
        f"In {(last['parts'] > 1).sum()} of {len(last)} runs the tasks are in two parts or more at the last level "
        "before any degrades"
    )
    return [partial(_parts, part, name) for name, part in source.facets(whole)]


def _parts(rows: pd.DataFrame, name: str, axes: Axes) -> None:
    rows = by_level(rows, "weights")
    seeds(axes, rows, "x", "parts", BLUE)
    median(axes, rows, "x", "parts", BLACK)
    log_axis(axes)
    axes.set(xlabel="unpruned weights", ylabel="parts")
    most = int(rows["parts"].max())
    axes.set_yticks(range(1, most + 1))
    axes.set_ylim(0.8, most + 0.2)
    axes.set_title(name, loc="left")
