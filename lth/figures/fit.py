"""Logistic fit: the chance to separate against the rate p or the size of the network, beside what was observed."""

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth.collect import Missing, Tables
from lth.figures.grid import points
from lth.figures.page import Panel, page
from lth.figures.source import Source
from lth.figures.style import BLACK, ramp, styled, whiskers
from lth.statistics import logistic, logistic_chances, wilson

_NAMES = {"size": "per doubling of the hidden neurons", "rate": "per 0.1 more of the rate p"}
_LABELS = {"size": "hidden neurons per layer", "rate": "rate p per level"}
_CURVES = 5  # sizes at most


@styled
def draw(tables: Tables) -> Figure:
    """The fitted chance with its band, a curve per size where both vary, and the observed rates with intervals."""
    caption = (
        "Points: share of the runs that separated at some level, with 95 % Wilson intervals. Lines: one logistic "
        "fit to all runs, with its 95 % band; a predictor that follows from the other is left out."
    )
    return page(tables, _panels, height=2.7, caption=caption)


def _panels(source: Source) -> list[Panel]:
    found = points(source)
    if "model.hidden" in found:
        found = found[pd.to_numeric(found["model.hidden"], errors="coerce").notna()]
        found = found.assign(size=np.log2(found["model.hidden"].astype(float)))
    used: list[str] = []
    for name in ("size", "rate"):
        if name in found and found[name].nunique() > 1 and not (used and _follows(found[name], found[used[0]])):
            used.append(name)
    if not used:
        raise Missing("neither size nor rate varies")
    _odds(source, found, used)
    return [partial(_curves, source, found, used)]


def _follows(column: pd.Series, other: pd.Series) -> bool:
    """Whether one of the two tells the other: then a fit cannot tell their effects apart."""
    return bool(column.groupby(other).nunique().max() == 1 and other.nunique() > 2 and column.nunique() > 2)


def _odds(source: Source, found: pd.DataFrame, used: list[str]) -> None:
    """What the fit says, as the headline; without a fit how many runs separate, and a note."""
    fit = logistic(found["separated"], found[used])
    if fit is None:
        source.note("no fit: all runs end alike, or the predictors part them without an overlap")
        source.headline(f"{found['separated'].sum()} of {len(found)} runs separate")
        return
    odds = []
    for name in used:
        unit = 0.1 if name == "rate" else 1.0
        value, low, high = (f"{np.exp(unit * end):.3g}" for end in (fit[name].value, fit[name].low, fit[name].high))
        odds.append(f"× {value} [{low}, {high}] {_NAMES[name]}")
    source.headline(f"Odds to separate: {', '.join(odds)}")


def _curves(source: Source, found: pd.DataFrame, used: list[str], axes: Axes) -> None:
    x = used[-1]
    groups: list[tuple[Any, pd.DataFrame]] = list(found.groupby("size")) if len(used) == 2 else [(None, found)]
    if len(groups) > _CURVES:
        source.remark(f"Of {len(groups)} sizes {_CURVES} are drawn.")
        groups = [groups[place] for place in np.linspace(0, len(groups) - 1, _CURVES).round().astype(int)]
    for colour, (size, part) in zip(ramp(len(groups)) if len(groups) > 1 else [BLACK], groups, strict=True):
        counts = part.groupby(x)["separated"].agg(["sum", "size"])
        rates = [wilson(k, n) for k, n in counts.to_numpy().tolist()]
        whiskers(axes, counts.index.to_numpy(), rates, colour)
        name, fitted = ("observed", "fitted") if size is None else (f"h = {2**size:.0f}", None)
        axes.plot(counts.index, [rate.value for rate in rates], "o", color=colour, ms=3, label=name)
        at = pd.DataFrame({x: np.linspace(found[x].min(), found[x].max(), 200)})
        chance = logistic_chances(found["separated"], found[used], at if size is None else at.assign(size=size))
        if chance is not None:
            axes.plot(at[x], chance["value"], color=colour, lw=1.2, label=fitted)
            axes.fill_between(at[x], chance["low"], chance["high"], color=colour, alpha=0.18, lw=0)
    axes.set(xlabel=_LABELS[x], ylabel="chance to separate", ylim=(-0.03, 1.03))
    if x == "size":
        sizes = np.sort(found[x].unique())
        ticks = sizes[:: -(-len(sizes) // 16)]
        axes.set_xticks(ticks, [f"{2**tick:.0f}" for tick in ticks])
