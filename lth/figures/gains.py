"""What a mask gains, and what is left of it with new values, shuffled inputs, a random mask and fresh data."""

from __future__ import annotations

from functools import partial

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth.collect import Missing, Tables
from lth.figures.clustered import CAPTION, mean_of_clusters, means
from lth.figures.page import Panel, page
from lth.figures.source import Source
from lth.figures.style import BLACK, GREEN, LIGHT, ORANGE, PURPLE, VERMILION, styled, whiskers
from lth.statistics import Interval

# Control → what stands on the figure, its colour, and the accuracy (%) in Greydanus, Scaling Down Deep Learning, 2020.
_SHOWN = {
    "ticket": ("ticket", GREEN, 70.5),
    "reinit": ("new values", VERMILION, 67.3),
    "dense": ("dense", BLACK, 64.0),
    "permuted": ("inputs shuffled", ORANGE, 62.8),
    "shuffled": ("random mask", PURPLE, 58.3),
    "fresh-ticket": ("fresh data: ticket", GREEN, None),
    "fresh-reinit": ("fresh data: new values", VERMILION, None),
    "fresh-dense": ("fresh data: dense", BLACK, None),
}
_PAIRS = [("ticket", one) for one in ("reinit", "dense", "permuted", "shuffled")]
_PAIRS += [("fresh-ticket", one) for one in ("fresh-reinit", "fresh-dense")]


@styled
def draw(tables: Tables) -> Figure:
    """Left the accuracy of every control, right what the ticket has beyond it, pair by pair."""
    caption = (
        "Fresh data: drawn anew, trained and tested on these. Random mask: as many weights in every layer. Diamonds: "
        f"published (Greydanus, 2020). {CAPTION}"
    )
    return page(tables, _panels, columns=2, height=2.4, caption=caption)


def _panels(source: Source) -> list[Panel]:
    rows = source.table("controls", "control", "test_accuracy")
    rows = rows.assign(percent=100 * rows["test_accuracy"])
    if not rows["control"].isin(_SHOWN).any():
        raise Missing("no control that is shown here")
    keys = [*source.keys, "run", "seed"]
    wide = rows.pivot_table(index=list(dict.fromkeys(keys)), columns="control", values="percent").reset_index()
    _say(source, wide)
    return [partial(_accuracies, rows), partial(_gains, wide)]


def _accuracies(rows: pd.DataFrame, axes: Axes) -> None:
    there = [control for control in _SHOWN if (rows["control"] == control).any()]
    for place, control in enumerate(there):
        part, (_, colour, published) = rows[rows["control"] == control], _SHOWN[control]
        _mark(axes, place, part, "percent", colour)
        if published is not None:
            axes.plot(published, place, "D", mfc="none", mec=BLACK, ms=4, mew=0.8)
    _named(axes, [_SHOWN[control][0] for control in there])
    axes.set(xlabel="test accuracy (%)")


def _gains(wide: pd.DataFrame, axes: Axes) -> None:
    pairs = [pair for pair in _PAIRS if set(pair) <= set(wide)]
    if not pairs:
        raise Missing("no ticket beside a control")
    for place, (ticket, other) in enumerate(pairs):
        _mark(axes, place, wide.assign(gain=wide[ticket] - wide[other]), "gain", _SHOWN[other][1])
        if ticket == "ticket":
            axes.plot(_SHOWN[ticket][2] - _SHOWN[other][2], place, "D", mfc="none", mec=BLACK, ms=4, mew=0.8)
    axes.axvline(0, color=LIGHT, lw=0.8, zorder=0)
    _named(axes, [f"{'on fresh data ' if one != 'ticket' else ''}less {_bare(other)}" for one, other in pairs])
    axes.set(xlabel="gain of the ticket (points)")


def _mark(axes: Axes, place: int, rows: pd.DataFrame, column: str, colour: str) -> None:
    """A mean with its interval, and a dot for each data seed."""
    axes.plot(means(rows, column), [place] * len(means(rows, column)), ".", color=LIGHT, ms=3, zorder=1)
    found = mean_of_clusters(rows, column, share=False)
    whiskers(axes, [place], [found], colour, flat=True)
    axes.plot(found.value, place, "o", color=colour, ms=4)


def _named(axes: Axes, names: list[str]) -> None:
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)


def _bare(control: str) -> str:
    return _SHOWN[control][0].removeprefix("fresh data: ")


def _say(source: Source, wide: pd.DataFrame) -> None:
    if not {"fresh-ticket", "fresh-reinit"} <= set(wide):
        source.note("table controls has no fresh data")
        return
    found: Interval = mean_of_clusters(
        wide.assign(gain=wide["fresh-ticket"] - wide["fresh-reinit"]), "gain", share=False
    )
    source.headline(
        f"A ticket less its mask with new values, on fresh data: {found.value:+.1f} points "
        f"[{found.low:+.1f}, {found.high:+.1f}]"
    )
