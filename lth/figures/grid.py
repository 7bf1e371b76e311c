"""Separation rate over a grid of sizes and numbers of levels, with the rate p that the levels imply below."""

from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth.collect import Missing, Tables
from lth.figures.page import Panel, page
from lth.figures.sizes import name_places
from lth.figures.source import Source, facets, label
from lth.figures.style import GREEN, styled, whiskers
from lth.statistics import wilson
from lth.ticket.outcome import SEPARATED

_HEADS = {"model.hidden": "h", "levels": "levels"}


@styled
def draw(tables: Tables) -> Figure:
    """A panel per size where sizes and levels both vary, else one over what varies; p and n below every rate."""
    caption = "Share of the runs that separated at some level, with its 95 % Wilson interval; below: how many of n."
    return page(tables, _panels, columns=_varying, height=_height, caption=caption, sharey="all")


def points(source: Source) -> pd.DataFrame:
    """One row per run: its hidden neurons where known, its `levels`, its `rate` p, whether it `separated`."""
    rows = source.levels("keep")
    if "outcome" not in source.seeds or source.seeds["outcome"].isna().all():
        raise Missing("no outcome of any run")
    ends = rows.groupby(["run", "seed"]).agg(first=("keep", "first"), last=("keep", "last"), levels=("level", "max"))
    ends = ends[ends["levels"] > 0]
    ends["rate"] = 1 - (ends["last"] / ends["first"]) ** (1 / ends["levels"])
    found = source.seeds.merge(ends[["levels", "rate", "first"]].reset_index(), on=["run", "seed"])
    found = found.dropna(subset=["outcome"])
    return found.assign(separated=found["outcome"].isin(SEPARATED))


def _varying(source: Source) -> int:
    return len({"model.hidden", "pruning.schedule.levels"} & set(source.keys))


def _height(source: Source) -> float:
    return 1.8 if _varying(source) == 2 else 2.4


def _panels(source: Source) -> list[Panel]:
    found = points(source)
    for key, x in (("pruning.schedule.levels", "levels"), ("model.hidden", "model.hidden")):
        if key in source.keys:
            source.headline(_seen(found, x, key))
            parts = facets(found, [other for other in source.keys if other != key])
            return [partial(_rates, part, x, name) for name, part in parts]
    raise Missing("neither model.hidden nor pruning.schedule.levels varies")


def _seen(found: pd.DataFrame, x: str, key: str) -> str:
    """The rate of all runs and those at both ends of the axis."""
    whole = wilson(int(found["separated"].sum()), len(found))
    counts = found.groupby(x)["separated"].agg(["sum", "size"])
    ends = [
        f"{counts.loc[end, 'sum']} of {counts.loc[end, 'size']} at {label(key, end)}" for end in counts.index[[0, -1]]
    ]
    rate = f"{100 * whole.value:.0f} % [{100 * whole.low:.0f}, {100 * whole.high:.0f}]"
    return f"{rate} of {len(found)} runs separate: {', '.join(dict.fromkeys(ends))}"


def _rates(found: pd.DataFrame, x: str, name: str, axes: Axes) -> None:
    groups = found.groupby(x)
    counts = groups["separated"].agg(["sum", "size"])
    places = np.arange(len(counts))
    rates = [wilson(k, n) for k, n in counts.to_numpy().tolist()]
    whiskers(axes, places, rates)
    axes.plot(places, [rate.value for rate in rates], "o", color=GREEN, ms=4)
    same = counts["size"].nunique() == 1
    sums = [f"{rate.value * rate.n:.0f}" + ("" if same else f"/{rate.n}") for rate in rates]
    removed = [f"{p:.2f}".removeprefix("0") for p in groups["rate"].median()]
    texts = list(zip(map(str, counts.index), removed, sums, strict=True))
    name_places(axes, places.tolist(), texts, [_HEADS[x], "p", f"of {counts['size'].iloc[0]}" if same else "of n"])
    axes.set(ylim=(-0.03, 1.03), ylabel="separation rate")
    axes.set_xlim(-0.7, len(places) - 0.3)
    axes.set_title(name, loc="left")
