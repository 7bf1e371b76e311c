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
from lth.statistics import Interval, mean_interval, wilson
from lth.ticket.outcome import SEPARATED

_KINDS = {
    "random": ("masks drawn by lot, same layer counts", ORANGE, "s", 0.22),
    "rewired": ("rewired, same degrees", PURPLE, "D", 0.4),
}
_LEAST = 1e-4  # below it the axis is linear: a rate of 0 has a place


@styled
def draw(tables: Tables) -> Figure:
    """A row per configuration: the observed rate, and the chance under each null model; rates on a logarithmic axis."""
    caption = (
        "Black: share of the runs that separated, degraded later or not, with its 95 % Wilson interval. Colours: the"
        " chance that masks drawn anew at every level are separated at some level, mean over the runs with its 95 % "
        "bootstrap interval, or Wilson's where no draw of any run is. The axis is logarithmic from 0.01 % on."
    )
    return page(tables, _panels, height=_height, caption=caption)


def _height(source: Source) -> float:
    rows = len(list(source.facets(source.seeds)))
    return max((0.24 if rows < 20 else 0.18) * rows + 0.6, 1.4)


def _panels(source: Source) -> list[Panel]:
    if "outcome" not in source.seeds or source.seeds["outcome"].isna().all():
        raise Missing("no outcome of any run")
    null = source.optional("null", "level", "draws", "random_separated")
    chances = {
        kind: at_some_level(null, f"{kind}_separated")
        for kind in _KINDS
        if null is not None and f"{kind}_separated" in null
    }
    if null is not None:
        if null["random_separated"].isna().any():
            source.remark("Levels with more weights than masks are drawn for count as never separated by chance.")
        draws = ", ".join(f"{one:.0f}" for one in np.sort(null["draws"].dropna().unique()))
        source.remark(f"Masks drawn at every level: {draws}.")
    known = source.seeds.dropna(subset=["outcome"])
    observed = wilson(int(known["outcome"].isin(SEPARATED).sum()), len(known))
    by_lot = [f"{_per_cent(chance['rate'].mean())} ({_KINDS[kind][0]})" for kind, chance in chances.items()]
    beside = f"; by chance {' and '.join(by_lot)}" if by_lot else ""
    source.headline(f"{_per_cent(observed.value)} of {len(known)} runs separate{beside}")
    return [partial(_rates, source, chances)]


def _rates(source: Source, chances: dict[str, pd.DataFrame], axes: Axes) -> None:
    parts = list(source.facets(source.seeds.dropna(subset=["outcome"])))
    names = []
    for place, (name, part) in enumerate(parts):
        k, n = int(part["outcome"].isin(SEPARATED).sum()), len(part)
        names.append(f"{name or 'all runs'}  {k}/{n}")
        rate = wilson(k, n)
        axes.plot([rate.low, rate.high], [place, place], color=BLACK, lw=1)
        axes.plot(rate.value, place, "o", color=BLACK, ms=4, label="observed")
        for kind, chance in chances.items():
            _chance(axes, place, kind, part.merge(chance, on=["run", "seed"]))
    axes.set_yticks(range(len(names)), names, fontsize=SMALL)
    axes.set_xscale("symlog", linthresh=_LEAST, linscale=0.4)
    ticks = [0, 1e-4, 1e-3, 1e-2, 0.1, 1]
    axes.set_xticks(ticks, [_per_cent(tick) for tick in ticks])
    axes.set(xlim=(-_LEAST / 4, 1.15), ylim=(len(parts) - 0.4, -0.6), xlabel="separation rate")
    axes.minorticks_off()
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", lw=0.3)


def expected(chance: pd.DataFrame) -> Interval:
    """The mean chance of runs with their `rate` and `draws`; where every rate is 0, what so many draws leave open."""
    if len(chance) and not chance["rate"].any():
        return wilson(0, int(chance["draws"].sum()))
    return mean_interval(chance["rate"])


def _chance(axes: Axes, place: int, kind: str, chance: pd.DataFrame) -> None:
    if chance.empty:
        return
    name, colour, marker, shift = _KINDS[kind]
    mean = expected(chance)
    axes.plot(mean.value, place + shift, marker, color=colour, ms=3, label=name)
    axes.plot([mean.low, mean.high], [place + shift] * 2, color=colour, lw=1)


def _per_cent(share: float) -> str:
    return f"{100 * share:.2g} %" if share < 0.995 else "100 %"
