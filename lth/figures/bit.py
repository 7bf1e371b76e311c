"""One bit from one task to another: how small the cut gets while the bit still comes across."""

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

_KEY = "dataset.bit"
_KINDS = {"across": ("the bit must come across", VERMILION, "s"), "given": ("the bit is given", BLUE, "o")}
_RIGHT = 0.75  # R² that says that the bit has come
_WITHOUT = 1 / 3  # the most that is possible without it
_CUTS = (0, 1, 2, 3, 5, 10, 20, 50)
_BINS = (-0.5, 0.5, 1.5, 2.5, 4.5, 9.5, 19.5, 49.5, 99.5, np.inf)
_NAMES = ("0", "1", "2", "3, 4", "5–9", "10–19", "20–49", "50–99", "100 on")


@styled
def draw(tables: Tables) -> Figure:
    """Left the share of runs that work with a cut of at most so many weights, right R² by the cut."""
    caption = (
        f"Works: R² of the right digit's task is {_RIGHT:g} or more on the test samples; without the left digit's "
        "parity a third is possible (dashed). Cut: fewest active weights whose loss parts them; 0 = separated. "
    )
    return page(tables, _panels, columns=2, height=2.6, caption=caption + CAPTION)


def _panels(source: Source) -> list[Panel]:
    varying(source, _KEY)
    levels = source.levels("cut", "test_accuracy_right")
    keyed = levels.dropna(subset=["cut"])
    works = keyed[keyed["test_accuracy_right"] >= _RIGHT]
    found = with_value(runs(source, lot=False), "least", works.groupby(RUN)["cut"].min())
    return [partial(_least, found), partial(_accuracy, keyed)]


def _least(found: pd.DataFrame, axes: Axes) -> None:
    axes.set(xlim=(-0.5, len(_CUTS) - 0.5), ylim=(-0.04, 1.04))
    told = []
    for shift, (kind, (name, colour, marker)) in zip((-0.06, 0.06), _KINDS.items(), strict=True):
        mine = found[found[_KEY] == kind]
        if mine.empty:
            continue
        groups = [mine.assign(reached=(mine["least"] <= cut).astype(float)) for cut in _CUTS]
        places = [place + shift for place in range(len(_CUTS))]
        rates = marks(axes, places, groups, "reached", color=colour, marker=marker, label=name)
        told.append(f"{100 * rates[1].value:.0f} % ({name})")
    axes.set_xticks(range(len(_CUTS)), [str(cut) for cut in _CUTS])
    axes.set(xlabel="cut of at most so many weights", ylabel="share of runs that work with it")
    axes.set_title(f"Works with one weight between, or none: {', '.join(told)}", loc="left")


def _accuracy(levels: pd.DataFrame, axes: Axes) -> None:
    if levels.empty:
        raise Missing("no cut of any run was computed")
    binned = levels.assign(bin=pd.cut(levels["cut"].astype(float), _BINS, labels=False))
    axes.set_xlim(-0.5, len(_NAMES) - 0.5)
    for shift, (kind, (_, colour, marker)) in zip((-0.1, 0.1), _KINDS.items(), strict=True):
        parts = list(binned[binned[_KEY] == kind].groupby("bin"))
        places = [float(number) + shift for number, _ in parts]  # type: ignore[arg-type]
        if places:
            marks(axes, places, [part for _, part in parts], "test_accuracy_right", color=colour, marker=marker)
    axes.axhline(_WITHOUT, color=NOTE, lw=0.6, ls="--")
    axes.set_xticks(range(len(_NAMES)), _NAMES)
    axes.tick_params(axis="x", labelsize=6)
    axes.set(xlabel="cut in weights", ylabel="R² of the right digit", ylim=(-0.05, 1.05))
    axes.set_title("R² of the right digit, level by level, by the cut", loc="left")
