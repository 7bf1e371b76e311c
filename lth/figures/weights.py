"""Where weights end up: every weight that survives to the last level, along the levels and against its anchor."""

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from lth.collect import Missing, Tables
from lth.figures.lines import RUN, level_axis, median
from lth.figures.page import Panel, page
from lth.figures.source import Source
from lth.figures.style import BLACK, ORANGE, VERMILION, styled
from lth.statistics import mean_interval

_WEIGHT = [*RUN, "layer", "start", "end"]
_CELLS = 60  # of a density, along an axis of weights
_DENSITY: Any = {"cmap": "Blues", "norm": LogNorm(0.5, 300), "rasterized": True}  # weights a cell


@styled
def draw(tables: Tables) -> Figure:
    """A row of panels per configuration: values along the levels, anchor against trained, changes of sign."""
    caption = (
        "Weights that are unpruned at the last level of their seed, all seeds together; blue: how many there are in a "
        "cell. Left: their trained values; orange: the pruning horizon, the smallest magnitude that was kept (median "
        "over the seeds). Middle: anchor (the value that a weight is rewound to) and trained value at the last level;"
        " a weight that did not move lies on the line. Right: share whose trained sign is not that of the anchor, "
        "median over the seeds with its 95 % interval (order statistics); above: mean with its bootstrap interval."
    )
    return page(tables, _panels, columns=3, height=2.1, caption=caption, finish=_scale)


def _panels(source: Source) -> list[Panel]:
    rows = source.table("weights", *_WEIGHT[2:], "level", "anchor", "trained")
    horizon = source.optional("levels", "level", "min_kept_magnitude")
    _seen(source, _last(rows))
    found = []
    for name, part in source.facets(rows):
        mine = None if horizon is None else horizon.merge(part[RUN].drop_duplicates(), on=RUN)
        found += [partial(_values, part, mine, name), partial(_ends, part, name), partial(_signs, part, name)]
    return found


def _last(rows: pd.DataFrame) -> pd.DataFrame:
    """The weights of the last level of their seed."""
    return rows[rows["level"] == rows.groupby(RUN)["level"].transform("max")]


def _seen(source: Source, last: pd.DataFrame) -> None:
    still = (last["anchor"] == last["trained"]).groupby([last["run"], last["seed"]]).mean()
    kept = (last["anchor"] * last["trained"] > 0).groupby([last["run"], last["seed"]]).mean()
    parts = []
    for shares, text in ((kept, "end with the sign that they began with"), (still, "never moved")):
        mean = mean_interval(shares)
        parts.append(f"{100 * mean.value:.0f} % [{100 * mean.low:.0f}, {100 * mean.high:.0f}] {text}")
    source.headline(f"Of the weights that survive {', '.join(parts)}")


def _density(axes: Axes, x: np.ndarray, y: np.ndarray, edges: list[np.ndarray]) -> None:
    counts, *_ = np.histogram2d(x, y, bins=edges)
    axes.pcolormesh(*edges, np.where(counts > 0, counts, np.nan).T, **_DENSITY)


def _edges(values: pd.Series) -> np.ndarray:
    low, high = float(values.min()), float(values.max())
    return np.linspace(low, high if high > low else low + 1, _CELLS + 1)


def _values(rows: pd.DataFrame, horizon: pd.DataFrame | None, name: str, axes: Axes) -> None:
    if rows["trained"].isna().all():
        raise Missing(f"no surviving weight of {name or 'any run'}")
    levels = np.arange(rows["level"].min(), rows["level"].max() + 2) - 0.5
    _density(axes, rows["level"].to_numpy(float), rows["trained"].to_numpy(float), [levels, _edges(rows["trained"])])
    if horizon is not None:
        for side, name_once in ((1, "pruning horizon"), (-1, None)):
            at = horizon.assign(y=side * horizon["min_kept_magnitude"])
            median(axes, at, "level", "y", VERMILION, marker="", lw=1.2, label=name_once)
    level_axis(axes)
    axes.set(ylabel="trained weight")
    axes.set_title(f"{name}, " * bool(name) + f"{rows.drop_duplicates(_WEIGHT).shape[0]} weights", loc="left")


def _ends(rows: pd.DataFrame, name: str, axes: Axes) -> None:
    last = _last(rows).dropna(subset=["anchor", "trained"])
    if last.empty:
        raise Missing(f"no anchor of {name or 'any run'}")
    x, y = last["anchor"], last["trained"]
    _density(axes, x.to_numpy(float), y.to_numpy(float), [_edges(x), _edges(y)])
    reach = [float(x.min()), float(x.max())]
    axes.plot(reach, reach, color=BLACK, lw=0.6, ls=":", label="trained = anchor")
    axes.set(xlabel="anchor", ylabel="trained weight, last level")
    axes.set_title(f"{name}, " * bool(name) + f"{100 * (x == y).mean():.0f} % never moved", loc="left")


def _signs(rows: pd.DataFrame, name: str, axes: Axes) -> None:
    changed = rows.assign(changed=(rows["anchor"] * rows["trained"] < 0).astype(float))
    shares = changed.groupby([*RUN, "level"])["changed"].mean().reset_index()
    median(axes, shares, "level", "changed", ORANGE)
    mean = mean_interval(_last(shares)["changed"])
    interval = "" if np.isnan(mean.low) else f" [{mean.low:.3f}, {mean.high:.3f}]"
    level_axis(axes)
    axes.set(ylabel="share with changed sign", ylim=(0, None))
    axes.set_title(f"{name}, " * bool(name) + f"last level:\n{mean.value:.3f}{interval}", loc="left")


def _scale(figure: Figure) -> None:
    bar = figure.colorbar(ScalarMappable(_DENSITY["norm"], _DENSITY["cmap"]), ax=figure.axes, pad=0.01, aspect=40)
    bar.set_label("weights a cell")
