"""Outcomes per size: what became of the runs, the separation rate with its interval, chance and the published runs."""

from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth.collect import Missing, Tables
from lth.collect.published import ORDER, OUTCOMES_PER_RUNG
from lth.figures.drawn import at_some_level
from lth.figures.page import Panel, page
from lth.figures.sizes import Sizes, sizes
from lth.figures.source import Source
from lth.figures.style import OUTCOMES, SMALL, styled, whiskers
from lth.method.extension import Ladder
from lth.statistics import wilson
from lth.ticket.outcome import SEPARATED

_FEW = 4


@styled
def draw(tables: Tables, *, ladder: Ladder | None = None, published: bool = False) -> Figure:
    """Stacked bars of the outcomes per size; `published` sets the four published seeds of each rung beside them."""
    caption = "Bars: share of runs. Whiskers: 95 % Wilson interval of the separation rate (degraded later or not)."
    caption += " Pale bars: the 4 published seeds." if published else ""
    return page(tables, partial(_panels, ladder, published), height=partial(_height, ladder), caption=caption)


def _upright(ladder: Ladder | None, source: Source) -> bool:
    """Whether the configurations are a ladder or many sizes and nothing else, and stand beside each other."""
    many = source.keys == ["model.hidden"] and source.seeds["model.hidden"].nunique() >= _FEW
    return many or (ladder is not None and source.keys in (["model.hidden"], []))


def _height(ladder: Ladder | None, source: Source) -> float:
    return 2.5 if _upright(ladder, source) else 0.19 * len(list(source.facets(source.seeds))) + 0.6


def _panels(ladder: Ladder | None, published: bool, source: Source) -> list[Panel]:
    if "outcome" not in source.seeds or source.seeds["outcome"].isna().all():
        raise Missing("no outcome of any run")
    upright = sizes(source, ladder) if _upright(ladder, source) else None
    known = source.seeds.dropna(subset=["outcome"])
    rate = wilson(int(known["outcome"].isin(SEPARATED).sum()), len(known))
    later = int((known["outcome"] == "separated-degraded").sum())
    text = f"{100 * rate.value:.0f} % [{100 * rate.low:.0f}, {100 * rate.high:.0f}] of {rate.n} runs separate"
    text += f", {later} of these {round(rate.value * rate.n)} degrade later" if later else ""
    source.headline(text + (_mostly(upright) if upright else ""))
    if upright:
        _by_chance(source)
        return [partial(_shares, upright, published)]
    return [partial(_rows, source)]


def _mostly(found: Sizes) -> str:
    """From which size on more than half of the runs separate at every size."""
    rates = found.seeds["outcome"].isin(SEPARATED).groupby(found.seeds["place"]).mean()
    most = (rates > 0.5)[::-1].cummin()
    if not most.any() or len(most) == 1:
        return ""
    rung, size = found.names[int(most.index[most].min())]
    size = size if size.endswith(" w") else f"h = {size}"
    return f"; from rung {rung} ({size}) on most do" if rung else f"; from {size} on most do"


def _rows(source: Source, axes: Axes) -> None:
    """Bars from left to right, one per configuration."""
    parts = list(source.facets(source.seeds.dropna(subset=["outcome"])))
    words = [word for word in OUTCOMES if any((part["outcome"] == word).any() for _, part in parts)]
    left = np.zeros(len(parts))
    for word in words:
        share = np.array([(part["outcome"] == word).mean() for _, part in parts])
        axes.barh(range(len(parts)), share, 0.7, left, color=OUTCOMES[word], edgecolor="white", lw=0.4, label=word)
        left += share
    rates = [wilson(int(part["outcome"].isin(SEPARATED).sum()), len(part)) for _, part in parts]
    whiskers(axes, range(len(parts)), rates, flat=True)
    axes.set_yticks(
        range(len(parts)), [f"{name or 'all runs'}  n = {len(part)}" for name, part in parts], fontsize=SMALL
    )
    axes.set(xlabel="share of runs", xlim=(0, 1.01), ylim=(len(parts) - 0.4, -0.6))
    axes.tick_params(axis="y", length=0)


def _shares(found: Sizes, published: bool, axes: Axes) -> None:
    width, shift = (0.5, -0.15) if published else (0.7, 0.0)
    counts = pd.crosstab(found.seeds["place"], found.seeds["outcome"]).reindex(columns=list(OUTCOMES), fill_value=0)
    places, bottom = counts.index.to_numpy(), np.zeros(len(counts))
    shares = counts.div(counts.sum(axis=1), axis=0)
    for name, colour in OUTCOMES.items():
        if counts[name].any() or (published and name in ORDER):
            height = shares[name].to_numpy()
            axes.bar(places + shift, height, width, bottom, color=colour, edgecolor="white", lw=0.4, label=name)
            bottom += height
    rate = shares[list(SEPARATED)].sum(axis=1)
    totals = counts.sum(axis=1)
    intervals = [wilson(round(share * n), n) for share, n in zip(rate, totals, strict=True)]
    whiskers(axes, places + shift, intervals)
    if published:
        _beside(axes, found)
    axes.set(ylabel="share of runs", ylim=(0, 1.02))
    found.label(axes)


def _beside(axes: Axes, found: Sizes) -> None:
    for place, (rung, _) in enumerate(found.names):
        bottom = 0.0
        if not rung or int(rung) >= len(OUTCOMES_PER_RUNG):
            continue
        for name, count in zip(ORDER, OUTCOMES_PER_RUNG[int(rung)], strict=True):
            axes.bar(place + 0.26, count / 4, 0.22, bottom, color=OUTCOMES[name], alpha=0.45, edgecolor="white", lw=0.3)
            bottom += count / 4


def _by_chance(source: Source) -> None:
    """Chance is too rare to be seen beside the bars: it is told."""
    null = source.optional("null", "level", "draws", "random_separated")
    if null is None:
        return
    told = []
    for name in ("random", "rewired"):
        if f"{name}_separated" in null:
            chance = at_some_level(null, f"{name}_separated").merge(source.seeds, on=["run", "seed"])
            of = chance.groupby(source.keys)["rate"].mean() if source.keys else chance["rate"]
            told.append(f"{name} masks {100 * of.max():.2g} %")
    source.remark(
        f"Largest chance at any size that masks drawn by lot are separated at some level: {', '.join(told)} (random: "
        "same layer counts; rewired: same degrees)."
    )
