"""Is it the splitting or the sparsity that makes a ticket win? Separated tickets beside joined ones, matched."""

from __future__ import annotations

from functools import partial

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth.collect import Missing, Tables
from lth.evidence.winning import Winning, winning
from lth.figures.page import Panel, page
from lth.figures.source import Source
from lth.figures.style import BLACK, BLUE, GREEN, ORANGE, SMALL, styled, whiskers
from lth.statistics import Interval

_WORDS = {
    "winning": "no more epochs trained",
    "wins_best": "smallest loss as soon",
    "wins_dense": "dense accuracy as soon",
    "wins_99": "99 % of it as soon",
    "epochs_best": "to the smallest loss",
    "epochs_dense": "to the dense accuracy",
    "epochs_99": "to 99 % of it",
}
_KINDS = {
    "difference": ("separated less joined, same size and level", GREEN, "o", "low", "high"),
    "step": ("the separating level less a pruning without", BLUE, "s", "step_low", "step_high"),
    "density": ("one pruning that leaves them joined", ORANGE, "D", "density_low", "density_high"),
}


@styled
def draw(tables: Tables) -> Figure:
    """Left the shares that win by each definition, in the middle what changes them, right the epochs themselves."""
    caption = (
        "A ticket wins that is as accurate as the dense network and there no later, by four definitions. Separated and "
        "joined tickets of the same size at the same level have as many weights; levels with both are weighted as by "
        "Mantel and Haenszel. Whiskers: 95 % intervals of a bootstrap over the data seeds. Right: log2 of the epochs "
        "over those of the dense level; who never gets there counts with all epochs that it trained."
    )
    return page(tables, _panels, columns=3, height=2.5, caption=caption)


def _panels(source: Source) -> list[Panel]:
    levels = source.levels("status", "winning", "epochs")
    if "dataset.seed" not in levels:
        raise Missing("table levels has no column dataset.seed")
    found = winning(levels, source.table("courses", "level", "epochs_best", "wins_best", "wins_dense", "wins_99"))
    return [
        partial(_shares, found),
        partial(_changes, found.table, "difference of shares"),
        partial(_changes, found.epochs, "log2 epochs"),
    ]


def _shares(found: Winning, axes: Axes) -> None:
    rows = found.table
    for place, row in enumerate(rows.to_dict("records")):
        axes.plot([row["interconnected"], row["separated"]], [place, place], color=BLACK, lw=0.8, zorder=0)
        axes.plot(row["separated"], place, "o", color=GREEN, ms=5, label="separated")
        axes.plot(row["interconnected"], place, "o", mfc="white", mec=GREEN, ms=5, label="joined")
    axes.set(xlim=(-0.03, 1.03), xlabel="share that wins")
    separated, joined = int(rows["n_separated"].max()), int(rows["n_interconnected"].max())
    axes.set_title(f"levels: {separated} separated,\n{joined} joined", loc="left")
    _names(axes, rows)


def _changes(rows: pd.DataFrame, name: str, axes: Axes) -> None:
    for shift, (kind, (words, colour, mark, low, high)) in zip((-0.22, 0, 0.22), _KINDS.items(), strict=True):
        values = rows[[kind, low, high]].to_numpy(float).tolist()
        places = [place + shift for place in range(len(rows))]
        found = [Interval(value, below, above, 0) for value, below, above in values]
        whiskers(axes, places, found, colour, flat=True)
        axes.plot(rows[kind], places, mark, color=colour, ms=4, label=words)
    axes.axvline(0, color=BLACK, lw=0.6)
    axes.set(xlabel=name)
    shares = name.endswith("shares")
    axes.set_title("right of 0:\nwins more often" if shares else "left of 0:\nsooner", loc="left")
    _names(axes, rows, named=not shares)


def _names(axes: Axes, rows: pd.DataFrame, *, named: bool = True) -> None:
    axes.set_yticks(range(len(rows)), [_WORDS[name] if named else "" for name in rows["measure"]], fontsize=SMALL)
    axes.set_ylim(len(rows) - 0.5, -0.5)
