"""Does a ticket win because it is split, or because it is sparse? Three definitions beside each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lth.collect import Missing
from lth.evidence.tables import DATA, RUN, SIZE, finished, lines
from lth.statistics import Interval
from lth.statistics.clustered import cluster_mean, clustered

WINS = ("winning", "wins_best", "wins_dense", "wins_99")
EPOCHS = ("epochs_best", "epochs_dense", "epochs_99")
COLUMNS = (
    "measure", "separated", "interconnected", "difference", "low", "high", "n_separated", "n_interconnected", "strata",
    "step_separated", "step_interconnected", "step", "step_low", "step_high", "steps_separated",
    "density", "density_low", "density_high", "prunings",
)  # fmt: skip
_STRATUM = [SIZE, "level"]


@dataclass(frozen=True, eq=False)
class Winning:
    """Separated tickets beside joined ones with as many weights: `table` of the shares that win by each definition.

    `epochs` has the same of log2 of the epochs over those of the dense level, below 0 where it is sooner; who never
    gets there counts with all epochs that it trained. A row per measure. `separated`, `interconnected`, `difference`:
    at the same size and level, weighted as by Mantel and Haenszel (1959). `step…`: the same of the change since the
    level before, when both were joined. `density…`: the mean change over one pruning that leaves the tasks joined.
    """

    table: pd.DataFrame
    epochs: pd.DataFrame

    def difference(self, measure: str) -> Interval:
        """Separated less joined, at the same size and level. Raises Missing where no level has both."""
        return self._of(measure, "difference", "low", "high", "n_separated")

    def step(self, measure: str) -> Interval:
        """What the level of the separation changes more than one pruning does. Raises Missing."""
        return self._of(measure, "step", "step_low", "step_high", "steps_separated")

    def density(self, measure: str) -> Interval:
        """What one pruning changes that leaves the tasks joined. Raises Missing."""
        return self._of(measure, "density", "density_low", "density_high", "prunings")

    def _of(self, measure: str, *columns: str) -> Interval:
        rows = pd.concat([self.table, self.epochs])
        found = rows[rows["measure"] == measure]
        if found.empty or found[columns[0]].isna().any():
            raise Missing(f"no level has both kinds of tickets with {measure}")
        value, low, high, n = (float(found[name].iloc[0]) for name in columns)
        return Interval(value, low, high, int(n))


def winning(levels: pd.DataFrame, courses: pd.DataFrame, cluster: str = DATA) -> Winning:
    """Compare levels of finished runs from the tables levels and courses, with intervals over the data seeds.

    Raises Missing where no size has a separated and a joined ticket at the same level.
    """
    rows = finished(levels).merge(courses[[*RUN, "level", *EPOCHS, *WINS[1:]]], on=[*RUN, "level"])
    dense = rows[rows["level"] == 0].set_index(RUN)[list(EPOCHS)].astype(float)
    before = dense.reindex(pd.MultiIndex.from_frame(rows[RUN]))
    for name in EPOCHS:
        own = rows[name].astype(float).fillna(rows["epochs"].astype(float))
        rows[name] = np.log2(own.to_numpy() / before[name].to_numpy())
    rows[list(WINS)] = rows[list(WINS)].astype("Float64").astype(float)
    rows = rows[(rows["level"] > 0) & rows["status"].isin(["separated", "interconnected"])]
    rows = rows.assign(split=rows["status"] == "separated")
    if _with_both(rows).empty:
        raise Missing("no size has a separated and a joined ticket at the same level")
    table, epochs = (lines([_row(rows, name, cluster) for name in names], COLUMNS) for names in (WINS, EPOCHS))
    return Winning(table, epochs)


def _row(rows: pd.DataFrame, name: str, cluster: str) -> dict:
    known = rows.dropna(subset=[name])
    levels, steps = _with_both(known), _steps(known, name)
    at, change = _compare(levels, name, cluster), _compare(_with_both(steps), "change", cluster)
    joined, split = steps[~steps["split"]], levels["split"]
    pruned = cluster_mean(joined["change"], joined[cluster])
    return {
        "measure": name, "separated": at[1], "interconnected": at[2], "difference": at[0].value, "low": at[0].low,
        "high": at[0].high, "n_separated": int(split.sum()), "n_interconnected": int((~split).sum()),
        "strata": levels.groupby(_STRATUM).ngroups, "step_separated": change[1], "step_interconnected": change[2],
        "step": change[0].value, "step_low": change[0].low, "step_high": change[0].high,
        "steps_separated": int(steps["split"].sum()), "density": pruned.value, "density_low": pruned.low,
        "density_high": pruned.high, "prunings": pruned.n,
    }  # fmt: skip


def _with_both(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows at sizes and levels that have separated and joined ones."""
    kinds = rows.groupby(_STRATUM)["split"].transform("nunique")
    return rows[kinds == 2].reset_index(drop=True)


def _steps(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """Levels whose level before is there and joined, with the `change` since."""
    before = rows[~rows["split"]][[*RUN, "level", name]].assign(level=lambda one: one["level"] + 1)
    both = rows.merge(before, on=[*RUN, "level"], suffixes=("", "_before"))
    return both.assign(change=both[name] - both[f"{name}_before"])


def _compare(rows: pd.DataFrame, name: str, cluster: str) -> tuple[Interval, float, float]:
    """The matched difference of separated and joined rows, and both sides of it."""
    if rows.empty:
        return Interval(np.nan, np.nan, np.nan, 0), np.nan, np.nan
    stratum = rows.groupby(_STRATUM).ngroup().to_numpy()
    sides = matched(rows[name].to_numpy(float), rows["split"].to_numpy(bool), stratum)
    one, other = sides(np.ones(len(rows)))
    return clustered(lambda times: float(np.subtract(*sides(times))), rows[cluster]), one, other


def matched(values: np.ndarray, split: np.ndarray, strata: np.ndarray) -> Callable[[np.ndarray], tuple[float, float]]:
    """The means of the values (n,) that are `split` and of the others, matched by stratum 0..S-1.

    Each stratum weighs n₁n₀/(n₁ + n₀), as for Mantel and Haenszel's risk difference (Greenland & Robins, 1985); it is a
    function of how often each row counts, and not a number where no stratum has both.
    """
    number = int(strata.max()) + 1

    def of(times: np.ndarray) -> tuple[float, float]:
        counts = [np.bincount(strata, times * side, number) for side in (split, ~split)]
        sums = [np.bincount(strata, times * side * values, number) for side in (split, ~split)]
        both = (counts[0] > 0) & (counts[1] > 0)
        weight = counts[0][both] * counts[1][both] / (counts[0][both] + counts[1][both])
        if not both.any():
            return np.nan, np.nan
        one, other = (weight @ (total[both] / count[both]) for total, count in zip(sums, counts, strict=True))
        return float(one / weight.sum()), float(other / weight.sum())

    return of
