"""Separation rate over a grid of sizes and numbers of levels, with the rate that the levels imply on a second axis."""

from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth.collect import Missing, Tables
from lth.figures.page import Panel, page
from lth.figures.source import Source, facets
from lth.figures.style import GREEN, VERMILION, styled, whiskers
from lth.statistics import wilson
from lth.ticket.outcome import SEPARATED


@styled
def draw(tables: Tables) -> Figure:
    """A panel per size where sizes and levels both vary, else one over what varies; n beside every rate."""
    caption = (
        "Left axis: share of the runs that separated at some level, with its 95 % Wilson interval. Right axis: share"
        " p of the remaining weights that each level removes."
    )
    return page(tables, _panels, columns=_varying, height=_height, caption=caption)


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
    return 1.8 if _varying(source) == 2 else 2.6


def _panels(source: Source) -> list[Panel]:
    found = points(source)
    if "pruning.schedule.levels" in source.keys:
        parts = facets(found, [key for key in source.keys if key != "pruning.schedule.levels"])
        return [partial(_rates, part, "levels", name) for name, part in parts]
    if "model.hidden" in source.keys:
        parts = facets(found, [key for key in source.keys if key != "model.hidden"])
        return [partial(_rates, part, "model.hidden", name) for name, part in parts]
    raise Missing("neither model.hidden nor pruning.schedule.levels varies")


def _rates(found: pd.DataFrame, x: str, name: str, axes: Axes) -> None:
    groups = found.groupby(x)
    counts = groups["separated"].agg(["sum", "size"])
    places = np.arange(len(counts)) if x == "model.hidden" else counts.index.to_numpy()
    rate = counts["sum"] / counts["size"]
    axes.bar(places, rate, 0.55, color=GREEN, alpha=0.75, label="separation rate")
    whiskers(axes, places, [wilson(k, n) for k, n in counts.to_numpy().tolist()])
    xlabel = "levels" if x == "levels" else "hidden neurons per layer"
    same = counts["size"].nunique() == 1
    below = f"separated of {counts['size'].iloc[0]}" if same else "separated of n"
    axes.set(ylim=(0, 1.03), ylabel="separation rate", xlabel=f"{xlabel}; below: {below}")
    axes.set_title(name, loc="left")
    parts = zip(counts.index, counts["sum"], counts["size"], strict=True)
    texts = [f"{value}\n{k}" if same else f"{value}\n{k}/{n}" for value, k, n in parts]
    axes.set_xticks(places, texts, fontsize=6)
    other = axes.twinx()
    other.plot(places, groups["rate"].median(), "o-", color=VERMILION, lw=1, ms=2.5, label="rate p per level")
    other.set(ylim=(0, 1.03), ylabel="p")
    other.spines["right"].set(visible=True, color=VERMILION)
    other.tick_params(colors=VERMILION)
    other.yaxis.label.set_color(VERMILION)
