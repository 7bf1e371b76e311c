"""What one weight between the subnetworks does, and a split one level early, beside as many other weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lth.collect import Missing
from lth.evidence.tables import DATA, RUN, lines
from lth.statistics import Interval, holm, paired
from lth.statistics.clustered import cluster_mean

# Left less right; those of the cut only where it parts the tasks and leaves them whole.
CONTRASTS = (
    ("bridge", "ticket"), ("within", "ticket"), ("bridge", "within"),
    ("cut", "before"), ("random_cut", "before"), ("cut", "random_cut"),
    ("swapped", "ticket"), ("swapped", "reinit"),
)  # fmt: skip
MEASURES = ("test_accuracy", "epochs", "epochs_best", "winning", "wins_best", "wins_dense", "wins_99")
COLUMNS = ("contrast", "measure", "difference", "low", "high", "p", "n", "left", "right")


@dataclass(frozen=True, eq=False)
class Bridge:
    """The interventions beside each other, pair by pair of the same run.

    `table`: per contrast and measure the mean difference with its interval over the data seeds, `p` of Wilcoxon's test
    of the data seeds' means, corrected by Holm for the contrasts of a measure, the pairs `n` and the means of both
    sides. `statuses`: how many masks of each control had which status. `reproduced`: of the unchanged tickets trained
    again how many gave every bit again, and how many there are.
    """

    table: pd.DataFrame
    statuses: pd.DataFrame
    reproduced: tuple[int, int]

    def difference(self, contrast: str, measure: str) -> Interval:
        """The mean difference of a contrast, "bridge - within" say. Raises Missing where it has no pair."""
        found = self.table[(self.table["contrast"] == contrast) & (self.table["measure"] == measure)]
        if found.empty or not found["n"].iloc[0]:
            raise Missing(f"no pairs of {contrast} in {measure}")
        row = found.iloc[0]
        return Interval(float(row["difference"]), float(row["low"]), float(row["high"]), int(row["n"]))


def bridge(controls: pd.DataFrame, cluster: str = DATA) -> Bridge:
    """Compare the controls of seeds that separate. Raises Missing where none of them was intervened in."""
    known = controls[controls["separated"].astype(bool) & controls["status"].notna()]
    if not set(known["control"]) & {left for left, _ in CONTRASTS}:
        raise Missing("table controls has no intervention")
    tasks = [name for name in map(str, known) if name.startswith("test_accuracy_")]
    rows = []
    for measure in (MEASURES[0], *tasks, *MEASURES[1:]):
        found = [_contrast(known, cluster, measure, left, right) for left, right in CONTRASTS]
        for row, p in zip(found, holm([row["p"] for row in found]), strict=True):
            rows.append({**row, "p": p})
    again = known["reproduced"].dropna()
    statuses = known.groupby(["control", "status"]).size().rename("n").reset_index()
    return Bridge(lines(rows, COLUMNS), statuses, (int(again.sum()), len(again)))


def _contrast(known: pd.DataFrame, cluster: str, measure: str, left: str, right: str) -> dict:
    index = list(dict.fromkeys([*RUN, cluster]))
    one, other = (known[known["control"] == name].set_index(index) for name in (left, right))
    if left == "cut":
        one = one[one["status"] == "separated"]
    sides = {"left": one[measure].astype("Float64"), "right": other[measure].astype("Float64")}
    pairs = pd.DataFrame(sides).dropna().astype(float).reset_index()
    differences = pairs["left"] - pairs["right"]
    found = cluster_mean(differences, pairs[cluster])
    means = differences.groupby(pairs[cluster]).mean()
    return {
        "contrast": f"{left} - {right}", "measure": measure, "difference": found.value, "low": found.low,
        "high": found.high, "p": paired(means, np.zeros(len(means))), "n": found.n,
        "left": pairs["left"].mean(), "right": pairs["right"].mean(),
    }  # fmt: skip
