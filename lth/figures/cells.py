"""How often networks separate in every cell of a design: a panel for each value of a key, the others in it."""

from __future__ import annotations

from functools import partial

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth.collect import Tables
from lth.figures.clustered import CAPTION, marks
from lth.figures.page import Panel, page
from lth.figures.runs import runs
from lth.figures.source import Source, label
from lth.figures.style import BLUE, GREEN, NOTE, VERMILION, styled

_LOOKS = (("o", BLUE), ("s", VERMILION), ("^", GREEN), ("D", NOTE))


@styled
def draw(tables: Tables, *, across: str, by: str) -> Figure:
    """A panel per value of `across`, a marker per value of `by`, and the remaining keys side by side."""
    caption = "By lot: random masks of the same sizes at every level. "
    return page(tables, partial(_panels, across, by), columns=4, height=2.4, caption=caption + CAPTION)


def _panels(across: str, by: str, source: Source) -> list[Panel]:
    found = runs(source)
    rest = [key for key in source.keys if key not in (across, by, "dataset.seed") and found[key].nunique() > 1]
    shares = found.groupby(by)["separated"].mean()
    told = ", ".join(f"{label(by, value)} {100 * share:.0f} %" for value, share in shares.items())
    source.headline(f"Runs that separate, over all cells: {told}")
    return [partial(_panel, part, label(across, value), by, rest) for value, part in found.groupby(across)]


def _panel(part: pd.DataFrame, name: str, by: str, rest: list[str], axes: Axes) -> None:
    places = _places(part, rest)
    axes.set_xticks(range(len(places)), list(places), fontsize=6)
    axes.set_xlim(-0.6, len(places) - 0.4)
    values = sorted(part[by].unique())
    for place, (value, (marker, colour)) in enumerate(zip(values, _LOOKS, strict=False)):
        mine = part[part[by] == value]
        known = [(number, mine.loc[rows]) for number, rows in enumerate(_indices(mine, places, rest)) if len(rows)]
        shift = 0.16 * (place - (len(values) - 1) / 2)
        marks(axes, [number + shift for number, _ in known], [group for _, group in known], "separated", line=False,
              color=colour, marker=marker, ms=4, label=label(by, value))  # fmt: skip
    if "lot" in part:
        chance = [part.loc[rows, "lot"].mean() for rows in _indices(part, places, rest)]
        axes.plot(range(len(places)), chance, "_", color=NOTE, ms=16, label="by lot")
    axes.set(ylabel="share of runs that separate", ylim=(-0.04, 1.04))
    axes.set_title(name, loc="left")


def _places(part: pd.DataFrame, rest: list[str]) -> dict[str, tuple]:
    """What is written below a place, and the values of the remaining keys there."""
    if not rest:
        return {"": ()}
    values = part[rest].drop_duplicates().sort_values(rest).itertuples(index=False, name=None)
    return {"\n".join(label(key, value) for key, value in zip(rest, one, strict=True)): one for one in values}


def _indices(part: pd.DataFrame, places: dict[str, tuple], rest: list[str]) -> list[pd.Index]:
    """The rows of every place."""
    flags = [(part[rest] == list(one)).all(axis=1) if rest else part["separated"].notna() for one in places.values()]
    return [part.index[flag] for flag in flags]
