"""The axis of the extension figures: one place per network size, named by rung, hidden neurons and seeds."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from lth.figures.source import Missing, Source
from lth.figures.style import SMALL

_MOST = 30  # sizes that fit beside each other with names of their own


@dataclass(frozen=True)
class Sizes:
    """The sizes in order; `seeds` has a row per run and seed with its `place` on the axis."""

    names: list[tuple[str, str]]  # rung, hidden neurons
    seeds: pd.DataFrame

    def attach(self, table: pd.DataFrame) -> pd.DataFrame:
        """The table with column `place`."""
        return table.merge(self.seeds[["run", "seed", "place"]], on=["run", "seed"])

    def label(self, axes: Axes, counts: pd.Series | None = None, of: str = "n") -> None:
        """Name every size below the axes: its rung, hidden neurons and number of seeds, or `counts` of something."""
        known = self.seeds.groupby("place").size() if counts is None else counts
        counts = known.reindex(range(len(self.names)), fill_value=0)
        step = 1 if len(self.names) <= _MOST else 2
        places = range(0, len(self.names), step)
        rungs = any(rung for rung, _ in self.names)
        texts = ["\n".join([*filter(None, self.names[place]), str(counts[place])]) for place in places]
        axes.set_xticks(list(places), texts, fontsize=SMALL if len(self.names) < 20 else 6)
        axes.tick_params(axis="x", length=2)
        heads = "\n".join([*["rung"][:rungs], "h", of])
        axes.annotate(
            heads,
            (0, 0),
            (-4, -5),
            "axes fraction",
            "offset points",
            ha="right",
            va="top",
            fontsize=SMALL if len(self.names) < 20 else 6,
            linespacing=1.2,
        )
        axes.set_xlim(-0.7, len(self.names) - 0.3)


def sizes(source: Source, first_rung: int | None) -> Sizes:
    """The sizes of a ladder: by hidden neurons where they vary, else by the weights of level 0.

    `first_rung` is the rung that is never pruned (a network on a rung is pruned once per rung above it); None = the
    networks stand on no rung. Raises Missing.
    """
    levels = source.levels()
    ends = levels.groupby(["run", "seed"], as_index=False).agg(last=("level", "max"))
    if "model.hidden" in source.keys:
        hidden = source.seeds[["run", "seed", "model.hidden"]].rename(columns={"model.hidden": "size"})
    elif "weights" in levels:
        hidden = levels[levels["level"] == 0][["run", "seed", "weights"]].rename(columns={"weights": "size"})
    else:
        raise Missing("neither model.hidden nor column weights tells the sizes")
    table = source.seeds.merge(ends, on=["run", "seed"]).merge(hidden, on=["run", "seed"], suffixes=("", "_"))
    order = sorted(table["size"].unique().tolist())
    table["place"] = [order.index(size) for size in table["size"]]
    lasts = table.groupby("place")["last"].max()
    by_hidden = "model.hidden" in source.keys
    names = [
        (
            "" if first_rung is None else str(int(lasts[place]) + first_rung),
            str(size) if by_hidden else f"{int(size)} w",
        )
        for place, size in enumerate(order)
    ]
    return Sizes(names, table)


def spread(table: pd.DataFrame, by: str, width: float = 0.5) -> np.ndarray:
    """Places of `by` with the rows of each one beside each other, so that no seed hides another."""
    groups = table.groupby(by)
    number, most = groups.cumcount().to_numpy(), groups[by].transform("size").to_numpy()
    return table[by].to_numpy(float) + width * ((number + 0.5) / most - 0.5)
