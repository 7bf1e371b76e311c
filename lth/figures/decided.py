"""How networks separate: the share of each layer's active neurons that serve one task only, along the levels."""

from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth.collect import Missing, Tables
from lth.figures.lines import BANDS, RUN, level_axis, median
from lth.figures.page import Panel, page
from lth.figures.source import Source
from lth.figures.style import BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILION, styled

_COLOURS = (BLUE, GREEN, VERMILION, PURPLE, ORANGE, SKY)  # of the hidden layers, from the inputs on
_SIDES = {"out": "reach one task's outputs only", "in": "reached from one task's inputs only"}


@styled
def draw(tables: Tables) -> Figure:
    """A row of panels per configuration: left seen from the outputs, right from the inputs; a colour per layer."""
    caption = (
        f"Share of a hidden layer's active neurons that serve one task only; layer 1 is next to the inputs. {BANDS}"
    )
    return page(tables, _panels, columns=2, height=1.7, caption=caption, sharey="all")


def _panels(source: Source) -> list[Panel]:
    rows = source.levels()
    layers = sorted({name.rpartition("_")[2] for name in map(str, rows) if name.startswith("decided_")}, key=int)
    if not layers:
        raise Missing("table levels has no column decided_out_1")
    _seen(source, rows, layers)
    return [partial(_shares, part, side, layers, name) for name, part in source.facets(rows) for side in _SIDES]


def _seen(source: Source, rows: pd.DataFrame, layers: list[str]) -> None:
    """At which level half of the last layer leads to one task only, and half of the first."""
    half = [
        rows[rows[f"decided_out_{layer}"] >= 0.5].drop_duplicates(RUN)["level"].median()
        for layer in (layers[-1], layers[0])
        if f"decided_out_{layer}" in rows
    ]
    if len(half) == 2 and not np.isnan(half).any():
        source.headline(
            f"Half of the last hidden layer reaches one task's outputs only at level {half[0]:g}, half of the first at "
            f"level {half[1]:g} (medians of all runs)"
        )


def _shares(rows: pd.DataFrame, side: str, layers: list[str], name: str, axes: Axes) -> None:
    known = [layer for layer in layers if f"decided_{side}_{layer}" in rows]
    if not known or rows[[f"decided_{side}_{layer}" for layer in known]].isna().all(axis=None):
        raise Missing(f"no column decided_{side}_… of {name or 'any run'}")
    for layer in known:
        colour = _COLOURS[(int(layer) - 1) % len(_COLOURS)]
        median(axes, rows, "level", f"decided_{side}_{layer}", colour, label=f"hidden layer {layer}")
    level_axis(axes)
    axes.set(ylim=(-0.03, 1.03), ylabel="share" if side == "out" else "")
    axes.set_title(", ".join(filter(None, (name, _SIDES[side]))), loc="left")
