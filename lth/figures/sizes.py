"""The axis of the extension figures: one place per network size, named by rung, hidden neurons and seeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from lth.figures.source import Source
from lth.figures.style import SMALL
from lth.method.extension import Ladder

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
        texts = [[*filter(None, self.names[place]), str(counts[place])] for place in places]
        name_places(axes, list(places), texts, [*["rung"][:rungs], "h", of])
        axes.set_xlim(-0.7, len(self.names) - 0.3)


def name_places(axes: Axes, places: Sequence[float], texts: Sequence[Sequence[str]], heads: Sequence[str]) -> None:
    """Lines of text below every place of the x axis, and at their left what each line says."""
    size = SMALL if len(places) < 20 else 6
    axes.set_xticks(list(places), ["\n".join(lines) for lines in texts], fontsize=size)
    axes.tick_params(axis="x", length=2)
    look: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points", "ha": "right", "va": "top"}
    axes.annotate("\n".join(heads), (0, 0), (-4, -5), fontsize=size, linespacing=1.2, **look)


def sizes(source: Source, ladder: Ladder | None) -> Sizes:
    """The sizes in their order: by hidden neurons where they vary, else by the weights of level 0.

    `ladder` names their rungs; None = they stand on none. Raises Missing.
    """
    hidden = "model.hidden" in source.keys
    if hidden:
        table = source.seeds.assign(size=source.seeds["model.hidden"])
    else:
        rows = source.levels("weights")
        dense = rows[rows["level"] == 0][["run", "seed", "weights"]].rename(columns={"weights": "size"})
        table = source.seeds.merge(dense, on=["run", "seed"])
    order = sorted(table["size"].unique().tolist(), key=lambda size: (isinstance(size, str), size))
    table["place"] = [order.index(size) for size in table["size"]]
    names = [(_rung(size, ladder), f"{size}") if hidden else ("", f"{size} w") for size in order]
    return Sizes(names, table)


def _rung(size: object, ladder: Ladder | None) -> str:
    try:
        return str(ladder.rung_of(int(str(size)))) if ladder else ""
    except ValueError:  # off the ladder
        return ""


def spread(table: pd.DataFrame, by: str, width: float = 0.5) -> np.ndarray:
    """Places of `by` with the rows of each one beside each other, so that no seed hides another."""
    groups = table.groupby(by)
    number, most = groups.cumcount().to_numpy(), groups[by].transform("size").to_numpy()
    return table[by].to_numpy(float) + width * ((number + 0.5) / most - 0.5)
