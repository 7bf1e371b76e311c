"""Whether a ticket keeps weights of inputs that carry nothing: active weights per signal and per noise input."""

from functools import partial

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth.collect import Missing, Tables
from lth.figures.lines import BANDS, RUN, level_axis, median
from lth.figures.page import Panel, page
from lth.figures.source import Source
from lth.figures.style import BLACK, BLUE, VERMILION, styled

KINDS = {"signal": BLUE, "noise": VERMILION}


@styled
def draw(tables: Tables) -> Figure:
    """A panel per configuration: signal, noise, and what random masks of the same layer counts would keep."""
    caption = (
        "Active weights that start at an input, mean over the inputs of its kind. "
        f"{BANDS} Dashed: masks drawn by lot with the same layer counts, where signal and noise are alike."
    )
    return page(tables, _panels, columns=3, height=1.9, caption=caption)


def kinds(source: Source, *columns: str) -> pd.DataFrame:
    """The rows of table inputs with `kind`, signal or noise."""
    rows = source.table("inputs", "level", "input", "task", *columns)
    return rows.assign(kind=(rows["task"] == "noise").map({True: "noise", False: "signal"}))


def _panels(source: Source) -> list[Panel]:
    rows = kinds(source, "active_edges")
    if not (rows["kind"] == "noise").any():
        source.note("no noise inputs")
    if "null_active_edges" not in rows:
        source.note("table inputs has no column null_active_edges")
    means = rows.groupby([*RUN, "level", "kind"], as_index=False)["active_edges"].mean()
    last = (
        means[means["level"] == means.groupby(RUN)["level"].transform("max")].groupby("kind")["active_edges"].median()
    )
    kept = [f"{last[kind]:.2g} per {kind} input" for kind in KINDS if kind in last]
    source.headline(f"Active weights at the last level: {', '.join(kept)} (medians of all runs)")
    return [partial(_curves, part, name) for name, part in source.facets(rows)]


def _curves(rows: pd.DataFrame, name: str, axes: Axes) -> None:
    columns = [column for column in ("active_edges", "null_active_edges") if column in rows]
    means = rows.groupby(["run", "seed", "level", "kind"], as_index=False)[columns].mean()
    if means["active_edges"].isna().all():
        raise Missing(f"no active_edges of {name or 'any run'}")
    for kind, colour in KINDS.items():
        mine = means[means["kind"] == kind]
        if len(mine):
            median(axes, mine, "level", "active_edges", colour, label=f"{kind} inputs")
    if "null_active_edges" in means:
        whole = rows.groupby(["run", "seed", "level"])["null_active_edges"].mean().reset_index()
        median(
            axes,
            whole,
            "level",
            "null_active_edges",
            BLACK,
            ls="--",
            lw=1,
            marker="",
            label="masks drawn by lot",
            band=False,
        )
    axes.set_yscale("symlog", linthresh=0.1)
    axes.set_ylim(bottom=0)
    level_axis(axes)
    axes.set(ylabel="active weights per input")
    axes.set_title(name, loc="left")
