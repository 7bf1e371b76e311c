"""Separation rate of every configuration beside two null models on the same masks: more than sparsity?"""

from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth.collect import Missing, Tables
from lth.figures.drawn import at_some_level
from lth.figures.page import Panel, page
from lth.figures.source import Source
from lth.figures.style import BLACK, ORANGE, PURPLE, SMALL, styled
from lth.statistics import mean_interval, wilson
from lth.ticket.outcome import SEPARATED

_KINDS = {
    "random": ("masks drawn by lot, same layer counts", ORANGE, "s", 0.22),
    "rewired": ("rewired, same degrees", PURPLE, "D", 0.4),
}


@styled
def draw(tables: Tables) -> Figure:
    """A row per configuration: the observed rate, and the chance under each null model."""
    caption = (
        "Black: share of the runs that separated, degraded later or not, with its 95 % Wilson interval. Colours: the"
        " chance that masks drawn anew at every level are separated at some level; pale marks: that of one seed's "
        "trajectory, strong ones: their mean with its 95 % bootstrap interval."
    )
    return page(tables, _panels, height=_height, caption=caption)


def _height(source: Source) -> float:
    rows = len(list(source.facets(source.seeds)))
    return max((0.24 if rows < 20 else 0.18) * rows + 0.6, 1.4)


def _panels(source: Source) -> list[Panel]:
    if "outcome" not in source.seeds or source.seeds["outcome"].isna().all():
        raise Missing("no outcome of any run")
    return [partial(_rates, source)]


def _rates(source: Source, axes: Axes) -> None:
    parts = list(source.facets(source.seeds.dropna(subset=["outcome"])))
    null = source.optional("null", "level", "draws", "random_separated")
    chances = {
        name: at_some_level(null, f"{name}_separated")
        for name in _KINDS
        if null is not None and f"{name}_separated" in null
    }
    names = []
    for place, (name, part) in enumerate(parts):
        k, n = int(part["outcome"].isin(SEPARATED).sum()), len(part)
        names.append(f"{name or 'all runs'}  {k}/{n}")
        rate = wilson(k, n)
        axes.plot([rate.low, rate.high], [place, place], color=BLACK, lw=1)
        axes.plot(rate.value, place, "o", color=BLACK, ms=4, label="observed")
        for kind, chance in chances.items():
            _chance(axes, place, kind, part.merge(chance, on=["run", "seed"])["rate"])
    axes.set_yticks(range(len(names)), names, fontsize=SMALL)
    axes.set(xlim=(-0.02, 1.02), ylim=(len(parts) - 0.4, -0.6), xlabel="separation rate")
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", lw=0.3)
    if null is not None:
        draws = null["draws"].dropna().unique()
        if null["random_separated"].isna().any():
            source.remark("Levels with more weights than masks are drawn for count as never separated by chance.")
        source.remark(f"Masks drawn at every level: {', '.join(f'{one:.0f}' for one in np.sort(draws))}.")


def _chance(axes: Axes, place: float, kind: str, rates: pd.Series) -> None:
    if rates.empty:
        return
    name, colour, marker, shift = _KINDS[kind]
    axes.plot(rates, np.full(len(rates), place + shift), "|", color=colour, alpha=0.4, ms=4)
    mean = mean_interval(rates)
    axes.plot(mean.value, place + shift, marker, color=colour, ms=3, label=name)
    axes.plot([mean.low, mean.high], [place + shift] * 2, color=colour, lw=1)
