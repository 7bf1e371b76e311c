"""Where weights end up: every weight that survives to the last level, along the levels and against its anchor."""

from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from lth.collect import Missing, Tables
from lth.figures.lines import level_axis, median, seeds
from lth.figures.page import Panel, page
from lth.figures.source import Source
from lth.figures.style import BLACK, BLUE, ORANGE, PURPLE, VERMILION, styled
from lth.statistics import mean_interval

_MOST = 3000  # lines per panel: more are a black square
_WEIGHT = ["run", "seed", "layer", "start", "end"]


@styled
def draw(tables: Tables) -> Figure:
    """A row of panels per configuration: trajectories with the pruning horizon, anchor and trained, sign changes."""
    caption = (
        "Weights that are unpruned at the last level of their seed; pruned ones are left out, zeros with them. Left:"
        " a line per weight; black: the pruning horizon of every seed, the smallest magnitude that was kept. Middle:"
        " anchor and trained value at the last level, a dot per weight, those that did not move on the dotted line. "
        "Right: share whose trained sign is not that of the anchor; thin lines: seeds, thick: median."
    )
    return page(tables, _panels, columns=3, height=2.1, caption=caption)


def _panels(source: Source) -> list[Panel]:
    rows = source.table("weights", *_WEIGHT[2:], "level", "anchor", "trained")
    horizon = source.optional("levels", "level", "min_kept_magnitude")
    found = []
    for name, part in source.facets(rows):
        mine = None if horizon is None else horizon.merge(part[["run", "seed"]].drop_duplicates(), on=["run", "seed"])
        found += [partial(_trajectories, source, part, mine, name), partial(_ends, part), partial(_signs, part)]
    return found


def _trajectories(source: Source, rows: pd.DataFrame, horizon: pd.DataFrame | None, name: str, axes: Axes) -> None:
    lines = [part[["level", "trained"]].to_numpy(float) for _, part in rows.sort_values("level").groupby(_WEIGHT)]
    if not lines:
        raise Missing(f"no surviving weight of {name or 'any run'}")
    if len(lines) > _MOST:
        source.remark(f"Of {len(lines)} trajectories every {-(-len(lines) // _MOST)}th is drawn.")
        lines = lines[:: -(-len(lines) // _MOST)]
    colours = [VERMILION if line[-1, 1] > 0 else BLUE for line in lines]
    crowd = float(np.clip(12 / np.sqrt(len(lines)), 0.08, 0.6))
    axes.add_collection(LineCollection(lines, colors=colours, linewidths=0.4, alpha=crowd, rasterized=True))
    for colour, sign in ((VERMILION, "ends positive"), (BLUE, "ends negative")):
        axes.plot([], [], color=colour, lw=1, label=sign)
    axes.autoscale_view()
    if horizon is not None:
        for side in (1, -1):
            at = horizon.assign(y=side * horizon["min_kept_magnitude"])
            seeds(axes, at, "level", "y", BLACK, alpha=0.5)
        axes.plot([], [], color=BLACK, lw=1, label="pruning horizon")
    level_axis(axes)
    axes.set(ylabel="trained weight")
    axes.set_title(f"{name}, " * bool(name) + f"{rows.drop_duplicates(_WEIGHT).shape[0]} weights", loc="left")


def _ends(rows: pd.DataFrame, axes: Axes) -> None:
    last = rows[rows["level"] == rows.groupby(["run", "seed"])["level"].transform("max")]
    changed = last["anchor"] * last["trained"] < 0
    for mine, colour, name in ((~changed, PURPLE, "keeps its sign"), (changed, ORANGE, "changes its sign")):
        look = {"ms": 1.5, "mew": 0, "alpha": 0.5, "rasterized": True}
        axes.plot(last["anchor"][mine], last["trained"][mine], "o", color=colour, **look)
        axes.plot([], [], "o", color=colour, label=name)
    reach = float(last["anchor"].abs().max()) if len(last) else 1.0
    axes.plot([-reach, reach], [-reach, reach], color=BLACK, lw=0.6, ls=":", label="trained = anchor")
    axes.set(xlabel="anchor", ylabel="trained weight, last level")


def _signs(rows: pd.DataFrame, axes: Axes) -> None:
    changed = rows.assign(changed=(rows["anchor"] * rows["trained"] < 0).astype(float))
    shares = changed.groupby(["run", "seed", "level"])["changed"].mean().reset_index()
    seeds(axes, shares, "level", "changed", ORANGE)
    median(axes, shares, "level", "changed", ORANGE)
    last = shares.sort_values("level").drop_duplicates(["run", "seed"], keep="last")
    mean = mean_interval(last["changed"])
    interval = "" if np.isnan(mean.low) else f" [{mean.low:.3f}, {mean.high:.3f}]"
    level_axis(axes)
    axes.set(ylabel="share with changed sign", ylim=(0, None))
    axes.set_title(f"last level: {mean.value:.3f}{interval}", loc="left")
