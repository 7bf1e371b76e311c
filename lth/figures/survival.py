"""How long inputs keep an active weight: Kaplan and Meier's curves of signal and of noise inputs."""

from functools import partial

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth.collect import Tables
from lth.figures.curves import kaplan_meier, tests
from lth.figures.inputs import KINDS, kinds
from lth.figures.lines import level_axis
from lth.figures.page import Panel, page
from lth.figures.source import Source
from lth.figures.style import styled


@styled
def draw(tables: Tables) -> Figure:
    """A panel per configuration; an input's life ends at the first level without an active weight of it."""
    caption = (
        "Share of the inputs that still have an active weight, with 95 % bands; crosses: censored at the last level."
        " P: log-rank test (takes inputs as independent). HR: hazard ratio of noise against signal inputs (Cox), its"
        " interval robust to inputs of one run being alike; none where one kind lost no input."
    )
    return page(tables, _panels, columns=3, height=1.9, caption=caption, sharey="all")


def _panels(source: Source) -> list[Panel]:
    rows = kinds(source, "active_edges")
    keys = ["run", "seed", "input", "kind", *source.keys]
    rows = rows.assign(lost=rows["level"].where(rows["active_edges"] == 0))
    lives = rows.groupby(keys, as_index=False, dropna=False).agg(lost=("lost", "min"), last=("level", "max"))
    lives = lives.assign(ended=lives["lost"].notna(), duration=lives["lost"].fillna(lives["last"]))
    kept = 1 - lives.groupby("kind")["ended"].mean()
    shares = [f"{100 * kept[kind]:.0f} % of the {kind} inputs" for kind in KINDS if kind in kept]
    source.headline(f"Still with an active weight at the last level: {', '.join(shares)}")
    return [partial(_curves, part, name) for name, part in source.facets(lives)]


def _curves(lives: pd.DataFrame, name: str, axes: Axes) -> None:
    for kind, colour in KINDS.items():
        mine = lives[lives["kind"] == kind]
        if len(mine):
            kaplan_meier(axes, mine["duration"], mine["ended"], colour, f"{kind} inputs")
    noise = (lives["kind"] == "noise").astype(float).rename("noise")
    text = tests(lives["duration"], lives["ended"], lives["kind"], noise, lives)
    level_axis(axes)
    axes.set(ylabel="inputs still connected", ylim=(0, 1.03))
    axes.set_title("\n".join(filter(None, (name, text))), loc="left")
