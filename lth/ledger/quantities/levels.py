"""Quantities of whole runs, from the tables of levels, null models and inputs: one row per finished run, `value`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from lth.collect import Missing, Shelf
from lth.figures.drawn import at_some_level
from lth.ledger.runs import RUN, dense, finished, first_separations, runs

FIFTH = 0.22  # the first level with less than this of the weights is one for all runs, whatever their problem
RECOVERED = 0.99  # accuracy of both tasks at which a Boolean function counts as kept
RIGHT = 0.75  # without the one bit about half of the cases can be right
Quantity = Callable[[Shelf, str], pd.DataFrame]


def _of_runs(shelf: Shelf, experiment: str, value: pd.Series | None = None) -> pd.DataFrame:
    """The runs with their keys; `value` is indexed by run and seed, runs without one are left out."""
    found = runs(shelf.table(experiment))
    if value is None:
        return found.assign(value=found["separated"].astype(float))
    joined = found.drop(columns="value", errors="ignore").join(value.astype(float).rename("value"), on=RUN)
    return joined.dropna(subset=["value"])


def separated(shelf: Shelf, experiment: str) -> pd.DataFrame:
    """1 for a run that is separated at some level, else 0."""
    return _of_runs(shelf, experiment)


def separated_beyond_lot(shelf: Shelf, experiment: str) -> pd.DataFrame:
    """The same, less the chance that masks drawn by lot at every level are separated at one of them."""
    return _beyond(shelf, experiment, "random_separated")


def separated_beyond_degrees(shelf: Shelf, experiment: str) -> pd.DataFrame:
    """The same, of masks that keep every neuron's numbers of weights too."""
    return _beyond(shelf, experiment, "rewired_separated")


def _beyond(shelf: Shelf, experiment: str, column: str) -> pd.DataFrame:
    found = _of_runs(shelf, experiment)
    chance = at_some_level(shelf.table(experiment, "null"), column).set_index(RUN)["rate"]
    by_lot = found[RUN].join(chance, on=RUN)["rate"].fillna(0.0)  # too many weights for a draw: never separated
    return found.assign(value=found["value"] - by_lot.to_numpy())


def degraded_at_end(shelf: Shelf, experiment: str) -> pd.DataFrame:
    """1 for a run whose last level is degraded, else 0."""
    found = _of_runs(shelf, experiment)
    return found.assign(value=(found["status"] == "degraded").astype(float))


def idle_at_end(shelf: Shelf, experiment: str) -> pd.DataFrame:
    """The inactive share of the weights kept at the last level."""
    found = _of_runs(shelf, experiment)
    return found.assign(value=(found["inactive_weights"] / found["weights"]).astype(float))


def log_active_at_separation(shelf: Shelf, experiment: str) -> pd.DataFrame:
    """The logarithm of the active weights at the first separation."""
    return _at_separation(shelf, experiment, lambda first: _log(first["active_weights"]))


def log_weights_at_separation(shelf: Shelf, experiment: str) -> pd.DataFrame:
    """The logarithm of all weights kept at the first separation."""
    return _at_separation(shelf, experiment, lambda first: _log(first["weights"]))


def accuracy_lost_at_separation(shelf: Shelf, experiment: str) -> pd.DataFrame:
    """The test accuracy at the first separation less that of the dense level."""
    before = dense(shelf.table(experiment))["test_accuracy"]
    return _at_separation(shelf, experiment, lambda first: first["test_accuracy"] - before.reindex(first.index))


def _log(counts: pd.Series) -> pd.Series:
    return counts.astype("Float64").astype(float).map(np.log)


def _at_separation(shelf: Shelf, experiment: str, value: Callable[[pd.DataFrame], pd.Series]) -> pd.DataFrame:
    return _of_runs(shelf, experiment, value(first_separations(shelf.table(experiment)).set_index(RUN)))


def log_cut_at_a_fifth(shelf: Shelf, experiment: str) -> pd.DataFrame:
    """The logarithm of 1 + cut at the first level with less than .22 of the weights."""
    levels = finished(shelf.table(experiment)).query("density < @FIFTH").sort_values("level")
    there = levels.groupby(RUN).head(1).set_index(RUN)
    return _of_runs(shelf, experiment, _log(there["cut"] + 1))


def separated_with_idle(shelf: Shelf, experiment: str) -> pd.DataFrame:
    """1 for a run that separates; `idle` and `zombies` are the shares of inactive weights and zombie neurons midway."""
    levels = finished(shelf.table(experiment))
    middle = levels[levels["level"] == levels.groupby(RUN)["level"].transform("max") // 2].set_index(RUN)
    neurons = middle[["active_neurons", "inactive_neurons", "zombie_neurons"]].sum(axis=1)
    shares = pd.DataFrame(
        {"idle": middle["inactive_weights"] / middle["weights"], "zombies": middle["zombie_neurons"] / neurons}
    )
    return _of_runs(shelf, experiment).join(shares.astype(float), on=RUN)


def gap(shelf: Shelf, experiment: str) -> pd.DataFrame:
    """Levels from half of the last hidden layer decided (from the outputs) to half of the first (from the inputs)."""
    levels = finished(shelf.table(experiment)).query("level > 0")
    first, last = (
        levels[levels[name] >= 0.5].groupby(RUN)["level"].min() for name in ("decided_in_1", "decided_out_3")
    )
    return _of_runs(shelf, experiment, (first - last).dropna())


def recovered(shelf: Shelf, experiment: str) -> pd.DataFrame:
    """1 for a run that is separated at some level at which both tasks keep their function, else 0."""
    levels = finished(shelf.table(experiment))
    kept = (levels[["test_accuracy_first", "test_accuracy_second"]] >= RECOVERED).all(axis=1)
    return _ever(shelf, experiment, kept & (levels["status"] == "separated"))


def cut_of_one(shelf: Shelf, experiment: str) -> pd.DataFrame:
    """1 for a run that comes to a cut of one weight with its right output right often enough, else 0."""
    levels = finished(shelf.table(experiment))
    one = (levels["cut"] == 1).fillna(False).astype(bool) & (levels["status"] == "interconnected")
    return _ever(shelf, experiment, one & (levels["test_accuracy_right"] >= RIGHT))


def separated_and_right(shelf: Shelf, experiment: str) -> pd.DataFrame:
    """1 for a run that is separated at a level with its right output right often enough, else 0."""
    levels = finished(shelf.table(experiment))
    return _ever(shelf, experiment, (levels["status"] == "separated") & (levels["test_accuracy_right"] >= RIGHT))


def _ever(shelf: Shelf, experiment: str, there: pd.Series) -> pd.DataFrame:
    levels = finished(shelf.table(experiment))
    return _of_runs(shelf, experiment, there.groupby([levels[key] for key in RUN]).any())


def blank_pixels_beyond_lot(shelf: Shelf, experiment: str) -> pd.DataFrame:
    """Active weights of inputs that never vary at the last level, less what masks by lot leave an input, on average."""
    inputs = shelf.table(experiment, "inputs")
    last = inputs[(inputs["level"] == inputs.groupby(RUN)["level"].transform("max")) & (inputs["variance"] == 0)]
    if last.empty:
        raise Missing("no input is without information")
    return _of_runs(shelf, experiment, (last["active_edges"] - last["null_active_edges"]).groupby(
        [last[key] for key in RUN]).mean())  # fmt: skip


LEVELS: dict[str, Quantity] = {
    one.__name__: one
    for one in (
        separated, separated_beyond_lot, separated_beyond_degrees, degraded_at_end, idle_at_end, gap, recovered,
        log_active_at_separation, log_weights_at_separation, accuracy_lost_at_separation, log_cut_at_a_fifth,
        separated_with_idle, cut_of_one, separated_and_right, blank_pixels_beyond_lot,
    )
}  # fmt: skip
