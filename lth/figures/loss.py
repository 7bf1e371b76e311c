"""Validation loss against active weights: every level of every seed, coloured by the status of its ticket."""

from functools import partial

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth.collect import Tables
from lth.figures.page import Panel, page
from lth.figures.source import Source
from lth.figures.style import COLUMN, MARKERS, OUTCOMES, styled

_ORDER = ("interconnected", "degraded", "fragmented", "separated")  # what is drawn last lies on top


@styled
def draw(tables: Tables) -> Figure:
    """Both axes logarithmic; tickets without any active weight stand at the left edge."""
    return page(tables, _panels, height=2.8, width=COLUMN, caption="One mark per seed and level.")


def _panels(source: Source) -> list[Panel]:
    return [partial(_clouds, source)]


def _clouds(source: Source, axes: Axes) -> None:
    rows = source.levels("status", "active_weights", "val_loss")
    size = 2.2 if len(rows) > 300 else 3.5
    for status in _ORDER:
        mine = rows[rows["status"] == status]
        if len(mine):
            look = {"color": OUTCOMES[status], "ms": size, "mew": 0 if status != "degraded" else 0.6}
            x = mine["active_weights"].clip(lower=0.7)
            axes.plot(
                x, mine["val_loss"], MARKERS[status], alpha=0.6, label=status, rasterized=len(rows) > 5000, **look
            )
    axes.set(xscale="log", yscale="log", xlabel="active weights", ylabel="validation loss")
    axes.invert_xaxis()
