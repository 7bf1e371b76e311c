"""Separation and winning against the noise of the data: without noise the separated network may be a lottery ticket."""

from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth.collect import Missing, Tables
from lth.figures.page import Panel, page
from lth.figures.source import Source, facets
from lth.figures.style import BLUE, GREEN, ORANGE, PAGE, styled, whiskers
from lth.statistics import wilson
from lth.ticket.outcome import SEPARATED

_KEY = "dataset.noise"
_KINDS = {
    "separated": ("separates at some level", GREEN, "o"),
    "ever": ("wins at some level", ORANGE, "s"),
    "winning": ("wins at its first separation (of those that separate)", BLUE, "D"),
}


@styled
def draw(tables: Tables) -> Figure:
    """A panel per size: three rates over the noise, each with its interval and counts."""
    caption = (
        "Winning: test accuracy no less and epochs no more than at level 0. Whiskers: 95 % Wilson intervals. Numbers"
        " below the axis: k of n, in the order of the legend."
    )
    return page(tables, _panels, columns=2, height=2.6, width=PAGE, caption=caption, sharey="all")


def _panels(source: Source) -> list[Panel]:
    rows = source.levels("status", "winning")
    if _KEY not in source.keys:
        raise Missing(f"{_KEY} does not vary")
    seeds = source.seeds.set_index(["run", "seed"])
    first = rows[rows["status"] == "separated"].drop_duplicates(["run", "seed"]).set_index(["run", "seed"])["winning"]
    ever = rows.groupby(["run", "seed"])["winning"].max()
    table = seeds.assign(separated=seeds["outcome"].isin(SEPARATED), winning=first, ever=ever).reset_index()
    won = table["winning"].dropna().astype(bool)
    source.headline(
        f"{table['separated'].sum()} of {len(table)} runs separate, {won.sum()} of {len(won)} win at their first "
        "separation"
    )
    return [partial(_rates, part, name) for name, part in facets(table, [key for key in source.keys if key != _KEY])]


def _rates(table: pd.DataFrame, name: str, axes: Axes) -> None:
    groups = list(table.groupby(_KEY))
    texts = [f"{noise:g}" for noise, _ in groups]
    for shift, (kind, (legend, colour, marker)) in zip((-0.2, 0, 0.2), _KINDS.items(), strict=True):
        known = [part[kind].dropna().astype(bool) for _, part in groups]
        rates = [wilson(int(part.sum()), len(part)) for part in known]
        places = np.arange(len(groups)) + shift
        shown = [(place, rate) for place, rate in zip(places, rates, strict=True) if rate.n]
        if shown:
            whiskers(axes, [place for place, _ in shown], [rate for _, rate in shown], colour)
            axes.plot(
                [place for place, _ in shown], [rate.value for _, rate in shown], marker, color=colour, label=legend
            )
        texts = [f"{text}\n{part.sum()}/{len(part)}" for text, part in zip(texts, known, strict=True)]
    axes.set_xticks(range(len(groups)), texts)
    axes.set(xlabel="noise of the data", ylabel="share of the seeds", ylim=(-0.03, 1.03))
    axes.set_xlim(-0.6, len(groups) - 0.4)
    axes.set_title(name, loc="left")
