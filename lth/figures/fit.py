"""Logistic fit: the chance to separate against the size of the network and the rate p."""

from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth.collect import Missing, Tables
from lth.figures.grid import points
from lth.figures.page import Panel, page
from lth.figures.source import Source
from lth.figures.style import BLACK, COLUMN, GREEN, LIGHT, VERMILION, styled
from lth.statistics import logistic

_NAMES = {"size": "per doubling of the hidden neurons", "rate": "per 0.1 of the rate p"}
_SIDE = 0.012  # of a panel's width: how far the seeds of one configuration lie apart at most


@styled
def draw(tables: Tables) -> Figure:
    """A mark per seed; with two predictors lines of equal chance, with one the curve of the chance."""
    caption = (
        "A mark per seed: filled = separated. Lines: logistic fit (95 % intervals); a predictor that follows from "
        "the other is left out."
    )
    return page(tables, _panels, height=2.9, width=COLUMN, caption=caption)


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
    return [partial(_two if len(used) == 2 else _one, source, found, used)]


def _follows(column: pd.Series, other: pd.Series) -> bool:
    """Whether one of the two tells the other: then a fit cannot tell their effects apart."""
    return bool(column.groupby(other).nunique().max() == 1 and other.nunique() > 2 and column.nunique() > 2)


def _fit(source: Source, found: pd.DataFrame, used: list[str]) -> dict[str, float] | None:
    """Coefficients by name, `intercept` among them; the odds go to the caption."""
    fit = logistic(found["separated"], found[used])
    if fit is None:
        source.note("no fit: all runs end alike, or the predictors part them without an overlap")
        return None
    for name in used:
        unit = 0.1 if name == "rate" else 1.0
        odds = [f"{np.exp(unit * end):.3g}" for end in (fit[name].value, fit[name].low, fit[name].high)]
        source.remark(f"Odds {_NAMES[name]}: × {odds[0]} [{odds[1]}, {odds[2]}].")
    return {name: one.value for name, one in fit.items()}


def _two(source: Source, found: pd.DataFrame, used: list[str], axes: Axes) -> None:
    order = found.groupby(["rate", "size"]).cumcount().to_numpy()
    of = found.groupby(["rate", "size"])["seed"].transform("size").to_numpy()
    columns = 2
    x = found["rate"].to_numpy() + _SIDE * ((order % columns) / (columns - 1) - 0.5)
    y = found["size"].to_numpy() + 0.14 * ((order // columns + 0.5) / np.ceil(of / columns) - 0.5)
    for separated, face, edge in ((False, "none", VERMILION), (True, GREEN, GREEN)):
        mine = (found["separated"] == separated).to_numpy()
        look = {"mfc": face, "mec": edge, "mew": 0.5, "ms": 2.2}
        axes.plot(x[mine], y[mine], "o", label="separated" if separated else "not separated", **look)
    sizes = np.sort(found["size"].unique())
    axes.set_yticks(sizes, [f"{2**size:.0f}" for size in sizes])
    axes.minorticks_off()
    axes.set(xlabel="rate p per level", ylabel="hidden neurons per layer")
    fit = _fit(source, found, used)
    if fit is None:
        return
    left, right = axes.get_xlim()
    bottom, top = axes.get_ylim()
    at = np.meshgrid(np.linspace(left, right, 200), np.linspace(bottom, top, 200))
    chance = 1 / (1 + np.exp(-(fit["intercept"] + fit["rate"] * at[0] + fit["size"] * at[1])))
    lines = axes.contour(*at, chance, levels=[0.1, 0.25, 0.5, 0.75, 0.9], colors=BLACK, linewidths=0.8)
    axes.clabel(lines, fontsize=6, fmt="%g")


def _one(source: Source, found: pd.DataFrame, used: list[str], axes: Axes) -> None:
    name = used[0]
    order = found.groupby([name, "separated"]).cumcount().to_numpy()
    separated = found["separated"].to_numpy()
    y = np.where(separated, 1 + 0.03 * order, -0.03 * order)
    axes.axhspan(0, 1, color=LIGHT, alpha=0.12, lw=0)
    for value, face, edge in ((False, "none", VERMILION), (True, GREEN, GREEN)):
        mine = separated == value
        label = "separated" if value else "not separated"
        axes.plot(found[name][mine], y[mine], "o", mfc=face, mec=edge, mew=0.5, ms=2.2, label=label)
    fit = _fit(source, found, used)
    if fit is not None:
        at = np.linspace(found[name].min(), found[name].max(), 200)
        axes.plot(
            at, 1 / (1 + np.exp(-(fit["intercept"] + fit[name] * at))), color=BLACK, lw=1.2, label="fitted chance"
        )
    axes.set(xlabel="hidden neurons per layer" if name == "size" else "rate p per level", ylabel="chance to separate")
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1])
    if name == "size":
        sizes = np.sort(found[name].unique())
        ticks = sizes[:: -(-len(sizes) // 8)]
        axes.set_xticks(ticks, [f"{2**tick:.0f}" for tick in ticks])
