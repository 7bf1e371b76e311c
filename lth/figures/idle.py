"""Inactive and zombie weights along the trajectories: how many, and which share of the weights that are left."""

from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth.collect import Tables
from lth.figures.lines import BANDS, RUN, by_level, log_axis, median
from lth.figures.page import Panel, page
from lth.figures.source import Source
from lth.figures.style import ramp, styled

_SIZES = 5  # that are drawn: more bands hide each other


@styled
def draw(tables: Tables) -> Figure:
    """Four panels: inactive and zombie weights, absolute and relative, a line per size from small to large."""
    caption = f"{BANDS} Left: how many; right: share of the unpruned weights. A trajectory goes from left to right."
    return page(tables, _panels, columns=2, height=1.9, caption=caption, sharex="all")


def _panels(source: Source) -> list[Panel]:
    rows = source.levels("inactive_weights", "weights")
    rows = rows.assign(dense=rows.groupby(RUN)["weights"].transform("first"))
    order = np.sort(rows["dense"].unique())
    chosen = order[np.unique(np.linspace(0, len(order) - 1, _SIZES).round().astype(int))].tolist()
    if len(chosen) < len(order):
        source.remark(f"Of {len(order)} sizes {len(chosen)} are drawn.")
    last = rows.drop_duplicates(RUN, keep="last")
    share = (last["inactive_weights"] / last["weights"]).groupby(last["dense"]).median()
    source.headline(
        f"At the last level {100 * share.loc[order[0]]:.0f} % of the weights of the smallest network are inactive, "
        f"{100 * share.loc[order[-1]]:.0f} % of those of the largest (medians)"
    )
    sizes = rows[rows["dense"].isin(chosen)]
    return [partial(_lines, source, sizes, state, share) for state in ("inactive", "zombie") for share in (False, True)]


def _lines(source: Source, sizes: pd.DataFrame, state: str, share: bool, axes: Axes) -> None:
    source.levels(f"{state}_weights")  # said where it is missing
    rows = sizes.assign(y=sizes[f"{state}_weights"] / (sizes["weights"].where(sizes["weights"] > 0) if share else 1))
    groups = list(rows.groupby("dense"))
    for colour, (dense, part) in zip(ramp(len(groups)), groups, strict=True):
        median(axes, by_level(part, "weights"), "x", "y", colour, label=_name(part, dense), lw=1.2)
    axes.set(xlabel="unpruned weights", ylabel=f"{state} share" if share else f"{state} weights")
    if share:
        axes.set_ylim(0, 1 if state == "inactive" else None)
    else:
        axes.set_yscale("symlog", linthresh=1)
        axes.set_ylim(bottom=0)
    log_axis(axes)


def _name(rows: pd.DataFrame, dense: float) -> str:
    hidden = rows["model.hidden"].unique().tolist() if "model.hidden" in rows else []
    return f"h = {hidden[0]}" if len(hidden) == 1 else f"{dense:g} weights when dense"
