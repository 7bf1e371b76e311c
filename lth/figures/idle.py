"""Inactive and zombie weights along the trajectories: how many, and which share of the weights that are left."""

from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from lth.collect import Tables
from lth.figures.lines import log_axis
from lth.figures.page import Panel, page
from lth.figures.source import Source
from lth.figures.style import BLACK, ramp, styled


@styled
def draw(tables: Tables) -> Figure:
    """Four panels: inactive and zombie weights, absolute and relative, a line per seed, its colour the size."""
    caption = (
        "A line per seed. Left: number of weights; right: share of the unpruned weights. From left to right a "
        "trajectory loses weights."
    )
    return page(tables, _panels, columns=2, height=1.9, caption=caption, sharex="all")


def _panels(source: Source) -> list[Panel]:
    return [partial(_lines, source, state, share) for state in ("inactive", "zombie") for share in (False, True)]


def _lines(source: Source, state: str, share: bool, axes: Axes) -> None:
    rows = source.levels(f"{state}_weights", "weights")
    start = rows.groupby(["run", "seed"])["weights"].transform("first")
    order = sorted(start.unique())
    colours = dict(zip(order, ramp(len(order)), strict=True))
    lines, paint = [], []
    for size, (_, seed) in ((group["weights"].iloc[0], (_, group)) for _, group in rows.groupby(["run", "seed"])):
        y = seed[f"{state}_weights"] / seed["weights"].where(seed["weights"] > 0) if share else seed[f"{state}_weights"]
        lines.append(np.column_stack([seed["weights"].to_numpy(float), y.to_numpy(float)]))
        paint.append(colours[size])
    axes.add_collection(LineCollection(lines, colors=paint, linewidths=0.7, alpha=0.8))
    axes.autoscale_view()
    axes.set(xlabel="unpruned weights", ylabel=f"{state} weights" + (", share" if share else ""))
    if share:
        axes.set_ylim(0, 1 if state == "inactive" else None)
        if len(order) > 1:
            _bar(axes, order)
    else:
        axes.set_yscale("symlog", linthresh=1)
        axes.set_ylim(bottom=0)
    log_axis(axes)


def _bar(axes: Axes, order: list[float]) -> None:
    """A colour bar by the weights of the dense network."""
    from matplotlib.colors import ListedColormap, LogNorm

    colours = ScalarMappable(LogNorm(order[0], order[-1]), ListedColormap(ramp(226)))
    bar = axes.figure.colorbar(colours, ax=axes, pad=0.02, aspect=25)
    bar.set_label("weights when dense", fontsize=7, color=BLACK)
    bar.outline.set_linewidth(0.4)  # type: ignore[operator]
