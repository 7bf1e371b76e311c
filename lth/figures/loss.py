"""Validation loss against active weights: medians per status of the ticket, and how many tickets they stand for."""

from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth.collect import Tables
from lth.figures.lines import RUN, medians
from lth.figures.page import Panel, page
from lth.figures.source import Source
from lth.figures.style import MARKERS, OUTCOMES, styled

_ORDER = ("interconnected", "separated", "fragmented", "degraded")
_STEP = 0.68  # of the bins of active weights: what a level of the ladders leaves, so a seed is in most of them once
_LOSSES = 40  # bins of the loss


@styled
def draw(tables: Tables) -> Figure:
    """Left the tickets of every size, right their loss: its median per size, and how many have which."""
    caption = (
        "A ticket is one level of one seed. Active weights are binned by factors of .68, what a level keeps; of a "
        "seed's tickets in a bin the median counts. Left: how many tickets a bin has. Middle: median over the seeds "
        "with its 95 % interval (order statistics); hollow: fewer than six seeds, no interval. Right: how many tickets"
        " have which loss. Loss as trained; with two classes .69 is guessing."
    )
    return page(tables, _panels, columns=3, height=2.4, caption=caption)


def _panels(source: Source) -> list[Panel]:
    rows = source.levels("status", "active_weights", "val_loss")
    rows = rows.assign(bin=np.floor(np.log(rows["active_weights"].clip(lower=0.7)) / -np.log(_STEP)))
    words = [word for word in _ORDER if (rows["status"] == word).any()]
    middle = rows.groupby("status")["val_loss"].median()
    source.headline(
        f"Median validation loss of {len(rows)} tickets: "
        + ", ".join(f"{word} {middle[word]:.2g} (n = {(rows['status'] == word).sum()})" for word in words)
    )
    return [partial(panel, rows, words) for panel in (_counts, _medians, _losses)]


def _places(bins: pd.Index | np.ndarray) -> np.ndarray:
    """The middle of bins of active weights, on a logarithmic axis."""
    return _STEP ** -(np.asarray(bins, dtype=float) + 0.5)


def _counts(rows: pd.DataFrame, words: list[str], axes: Axes) -> None:
    counts = pd.crosstab(rows["bin"], rows["status"])
    places, bottom = _places(counts.index), np.zeros(len(counts))
    for word in words:
        height = counts[word].to_numpy(float)
        axes.bar(places, height, places * (1 - _STEP), bottom, color=OUTCOMES[word], label=word, lw=0)
        bottom += height
    axes.set(xscale="log", xlabel="active weights", ylabel="tickets (seeds × levels)")
    axes.invert_xaxis()
    axes.set_title("how many", loc="left")


def _medians(rows: pd.DataFrame, words: list[str], axes: Axes) -> None:
    each = rows.groupby(["status", "bin", *RUN], as_index=False)["val_loss"].median()
    for word in words:
        found = medians(each.loc[each["status"] == word, "val_loss"].groupby(each["bin"]))
        places = _places(found.index)
        colour, few = OUTCOMES[word], found["low"].isna().to_numpy()
        axes.plot(places, found["value"], color=colour, lw=0.7)
        for mine, face in ((~few, colour), (few, "white")):
            axes.plot(places[mine], found["value"][mine], MARKERS[word], mec=colour, mfc=face, mew=0.6, ms=2.5)
        axes.fill_between(places, found["low"], found["high"], color=colour, alpha=0.25, lw=0)
    axes.set(xscale="log", yscale="log", xlabel="active weights", ylabel="validation loss")
    axes.invert_xaxis()
    axes.set_title("median loss", loc="left")


def _losses(rows: pd.DataFrame, words: list[str], axes: Axes) -> None:
    known = np.log10(rows["val_loss"].to_numpy(float))
    edges = np.linspace(np.nanmin(known), np.nanmax(known) + 1e-9, _LOSSES + 1)
    for word in words:
        counts, _ = np.histogram(known[(rows["status"] == word).to_numpy()], edges)
        axes.stairs(counts, 10**edges, orientation="horizontal", color=OUTCOMES[word], lw=1.1)
    axes.set(yscale="log", xscale="symlog", xlim=(0, None), xlabel="tickets", ylabel="validation loss")
    axes.set_title("how many have which loss", loc="left")
