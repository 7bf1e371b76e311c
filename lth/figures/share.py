"""Does structure need independence: separation and cut against the share of inputs, or labels, that tasks share."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth.collect import Missing, Tables
from lth.figures.clustered import CAPTION, marks
from lth.figures.lines import RUN
from lth.figures.page import Panel, page
from lth.figures.runs import runs, varying, with_value
from lth.figures.source import Source
from lth.figures.style import BLUE, NOTE, VERMILION, styled

_KEY, _KIND = "dataset.share", "dataset.shared"
_KINDS = {"inputs": ("inputs shared", BLUE, "o"), "labels": ("labels shared", VERMILION, "s")}
_FEW = 0.22  # of the weights: the cut is that of the first level with fewer


@styled
def draw(tables: Tables) -> Figure:
    """Left the share of runs that separate, right the cut midway; a line for inputs, one for labels."""
    caption = (
        "Shared: the two tasks' points, or labels, are the same in this share of the samples; every task keeps columns "
        f"of its own. Cut: fewest active weights whose loss parts the tasks, at the first level with less than "
        f"{100 * _FEW:.0f} % of the weights, as a geometric mean of 1 + cut. By lot: random masks of the same sizes. "
    )
    return page(tables, _panels, columns=2, height=2.6, caption=caption + CAPTION)


def _panels(source: Source) -> list[Panel]:
    varying(source, _KEY)
    found = runs(source)
    if _KIND not in found:
        raise Missing(f"{_KIND} does not vary")
    rows = source.levels("cut", "density")
    first = rows[rows["density"] < _FEW].sort_values("level").groupby(RUN).head(1).set_index(RUN)["cut"]
    found = with_value(found, "cut", first.astype(float).map(np.log1p))
    return [partial(_separated, found), partial(_cut, found)]


def _groups(found: pd.DataFrame, kind: str) -> tuple[list[float], list[pd.DataFrame]]:
    """The shares and their runs; those that share nothing belong to both kinds."""
    mine = found[found[_KIND].isin([kind, "none"])]
    parts = list(mine.groupby(_KEY))
    return [float(share) for share, _ in parts], [part for _, part in parts]  # type: ignore[arg-type]


def _separated(found: pd.DataFrame, axes: Axes) -> None:
    axes.set(xlim=(-0.06, 1.06), ylim=(-0.04, 1.04))
    told = []
    for shift, (kind, (name, colour, marker)) in zip((-0.008, 0.008), _KINDS.items(), strict=True):
        shares, groups = _groups(found, kind)
        rates = marks(
            axes, [share + shift for share in shares], groups, "separated", color=colour, marker=marker, label=name
        )
        told.append(f"{kind} {100 * (rates[-1].value - rates[0].value):+.0f}")
    if "lot" in found:
        chance = found.groupby(_KEY)["lot"].mean()
        axes.plot(chance.index, chance, ":", color=NOTE, lw=1, label="by lot")
    axes.set(xlabel="share of the samples", ylabel="share of runs that separate")
    axes.set_title(f"Separated, from nothing to everything shared, in points: {', '.join(told)}", loc="left")


def _cut(found: pd.DataFrame, axes: Axes) -> None:
    if found["cut"].isna().all():
        raise Missing("no cut of any run midway")
    axes.set(xlim=(-0.06, 1.06))
    told = []
    for shift, (kind, (_, colour, marker)) in zip((-0.008, 0.008), _KINDS.items(), strict=True):
        shares, groups = _groups(found, kind)
        known = [(share + shift, part) for share, part in zip(shares, groups, strict=True) if part["cut"].notna().any()]
        means = marks(
            axes,
            [place for place, _ in known],
            [part for _, part in known],
            "cut",
            share=False,
            color=colour,
            marker=marker,
        )
        told.append(f"{kind} × {np.exp(means[-1].value - means[0].value):.2f}" if means else "")
    ticks = np.array([0, 1, 2, 4, 8, 16, 32, 64, 128, 256])
    axes.set_yticks(np.log1p(ticks), [str(tick) for tick in ticks])
    low, high = found["cut"].min(), found["cut"].max()
    axes.set(xlabel="share of the samples", ylabel="cut midway, in weights", ylim=(max(low - 0.2, -0.1), high + 0.2))
    axes.set_title(f"Cut (1 + cut), from nothing to everything shared: {', '.join(filter(None, told))}", loc="left")
