"""Which layer separates first, and whether training has to do with it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from lth.collect import Missing
from lth.evidence.tables import DATA, RUN, SIZE, finished, lines
from lth.statistics import Interval
from lth.statistics.clustered import cluster_mean

WAY = "pruning"
TRAINED = "magnitude"
HALF = 0.5


@dataclass(frozen=True, eq=False)
class Backward:
    """When the layers of a network come to serve one task each, in runs pruned in several ways.

    `runs`: per run the first level above 0 at which half of a hidden layer leads to one task only (`half_out_LAYER`) or
    hears from one task only (`half_in_LAYER`), null where it never does, and its `gap`. `gaps`: their means per way of
    pruning and size; `against`: how much larger those of magnitude pruning are than those of each other way.
    """

    runs: pd.DataFrame
    gaps: pd.DataFrame
    against: pd.DataFrame

    def difference(self, control: str) -> Interval:
        """The gap of magnitude pruning less that of this way, in levels, over all sizes. Raises Missing."""
        found = self.against[(self.against["control"] == control) & (self.against[SIZE] == "all")]
        if found.empty:
            raise Missing(f"no pairs of {TRAINED} and {control}")
        row = found.iloc[0]
        return Interval(float(row["difference"]), float(row["low"]), float(row["high"]), int(row["n"]))


def backward(levels: pd.DataFrame, cluster: str = DATA, degraded: bool = True) -> Backward:
    """Compare the last hidden layer, seen from the outputs, with the first, seen from the inputs: each one layer away.

    The gap is the level of the first one's half less that of the last one's, where a layer that is never half decided
    counts as the level after the last: it is positive where networks separate from the outputs on. Runs that are pruned
    in different ways are paired by size, data and seed. Levels of degraded tickets, in which one task may be left
    alone, count unless `degraded` is false. Raises Missing without a finished run.
    """
    runs = _runs(finished(levels), cluster, degraded)
    grouped = runs.groupby([WAY, SIZE], sort=True)
    gaps = [{WAY: way, SIZE: size, **_mean("gap", part["gap"], part[cluster]), "reached": int(part["reached"].sum())}
            for (way, size), part in grouped]  # fmt: skip
    columns = [WAY, SIZE, "gap", "low", "high", "n", "reached"]
    return Backward(runs, lines(gaps, columns), _against(runs, cluster))


def _runs(levels: pd.DataFrame, cluster: str, degraded: bool) -> pd.DataFrame:
    layers = sorted(int(name.rpartition("_")[2]) for name in map(str, levels) if name.startswith("decided_out_"))
    if not layers:
        raise Missing("table levels has no column decided_out_1")
    counted = levels["level"].gt(0) & (levels["status"].ne("degraded") | degraded)
    halves = {
        f"half_{side}_{layer}": levels[counted & levels[f"decided_{side}_{layer}"].ge(HALF).fillna(False)]
        .groupby(RUN)["level"]
        .min()
        for layer in layers
        for side in ("out", "in")
    }
    front = dict.fromkeys([WAY, SIZE, cluster, *RUN])
    runs = levels[list(front)].drop_duplicates(RUN).set_index(RUN)
    runs = runs.join(pd.DataFrame(halves, index=runs.index).astype("Int64"))
    after = levels.groupby(RUN)["level"].max() + 1
    first, last = runs[f"half_in_{layers[0]}"], runs[f"half_out_{layers[-1]}"]
    gap = first.fillna(after.reindex(runs.index)) - last.fillna(after.reindex(runs.index))
    runs = runs.assign(gap=gap.astype(float), reached=(first.notna() & last.notna()).astype(bool))
    return runs.reset_index()[[*front, *halves, "gap", "reached"]]


def _against(runs: pd.DataFrame, cluster: str) -> pd.DataFrame:
    pair = list(dict.fromkeys([SIZE, cluster, "seed"]))
    trained = runs[runs[WAY] == TRAINED].set_index(pair)["gap"]
    rows = []
    for control in sorted(set(runs[WAY]) - {TRAINED}):
        other = runs[runs[WAY] == control].set_index(pair)["gap"]
        pairs = (trained - other).dropna().rename("difference").reset_index()
        parts = [*pairs.groupby(SIZE, sort=True), ("all", pairs)] if len(pairs) else []
        rows += [{"control": control, SIZE: size, **_mean("difference", part["difference"], part[cluster])}
                 for size, part in parts]  # fmt: skip
    return lines(rows, ["control", SIZE, "difference", "low", "high", "n"])


def _mean(name: str, values: pd.Series, clusters: pd.Series) -> dict[str, float]:
    found = cluster_mean(values, clusters)
    return {name: found.value, "low": found.low, "high": found.high, "n": found.n}
