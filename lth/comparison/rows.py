"""The runs of a comparison as rows: one per method, density, data seed and seed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from lth.command.compose import compose
from lth.comparison.families import family
from lth.comparison.problems import Problem
from lth.comparison.sweep import method_of, planned, slug
from lth.data.dataset import Dataset
from lth.jobs.plan import prepare
from lth.measures.network import row_of
from lth.measures.robustness import fgsm
from lth.method.layout import Layout
from lth.record import summary_file
from lth.results import load
from lth.results.folders import WHERE
from lth.settings.same import text_of
from lth.settings.trajectory import left
from lth.ticket import load as load_ticket
from lth.ticket import path_of

BASE = "magnitude"  # whose dense levels are the dense networks
RADIUS = 0.1  # of attacks, in standard deviations of an input
SHARES = ("separated", "ever")  # of runs; of no run where there is one task alone
BY = ["method", "asked", "data_seed", "seed"]
TEXTS = ("status", "family")
NUMBERS = ("epochs", "test_accuracy", "prunable", "weights", "active_weights", "density", "spent_epochs", "spent_macs",
           "inference_macs", "dense", "robust", "kept", "active_share")  # fmt: skip
_KEPT = ("status", *NUMBERS[:9])
_THROUGH = "pruning.schedule.densities"


@dataclass(frozen=True)
class Wanted:
    """Which runs of a folder a table is of: these methods, densities (falling) and seeds, made with these overrides."""

    folder: Path
    names: Sequence[str]
    densities: Sequence[float]
    seeds: Sequence[int]
    more: tuple[str, ...] = ()


def collected(problem: Problem, wanted: Wanted) -> pd.DataFrame:
    """What every method came to at every density: one row per method, asked density, data seed and seed.

    It is the last level of a run to that density, or the level there of a run through them all. `ever` is whether the
    network was separated there or at a level before; `dense` the test accuracy of the level 0 of iterative magnitude
    pruning with the same data and seed; `started` when the run began. Raises ValueError where there is no finished run,
    or one that was made otherwise.
    """
    folder = wanted.folder / slug(problem)
    rows = _finished(problem, folder, wanted.seeds)
    dense = rows[(rows["method"] == BASE) & (rows["level"] == 0)].drop_duplicates(["data_seed", "seed"])
    dense = dense.set_index(["data_seed", "seed"])["test_accuracy"].rename("dense")
    tasks = [str(name) for name in rows if str(name).startswith("test_accuracy_")]
    rows = rows[rows["method"].isin(wanted.names)]
    said = {str(run): summary_file.read(folder / str(run) / "summary.json") for run in rows["run"].unique()}
    _made_so(said, folder, problem, wanted)
    reached = _reached(rows, said, wanted.densities)
    if reached.empty:
        at = ", ".join(f"{100 * density:g} %" for density in wanted.densities)
        raise ValueError(f"{folder}: no finished run of these methods and seeds at {at} of the weights")
    found = reached[["run", *BY, "level", "ever", *_KEPT, *tasks]].join(dense, on=["data_seed", "seed"])
    found["robust"] = robust(problem, folder, found)
    found["started"] = [said[str(run)].get("started") for run in found["run"]]
    return _with_shares(found, len(tasks)).assign(problem=problem.name).sort_values(BY).reset_index(drop=True)


def _finished(problem: Problem, folder: Path, seeds: Sequence[int]) -> pd.DataFrame:
    """All levels of the finished runs of a comparison; of what was stopped or failed the last level is not its last."""
    rows = load(folder)
    said = rows["run"].astype(str)
    rows = rows.assign(
        method=said.map(method_of),
        data_seed=said.str.extract(r"dataset\.seed=(\d+)", expand=False).astype(float),
        passed=said.str.extract(r"density=([\d.]+)", expand=False).astype(float),  # of a run to one
    ).dropna(subset=["method", "data_seed"])
    rows = rows[rows["data_seed"].isin(problem.data_seeds) & rows["seed"].isin(seeds) & (rows["state"] == "finished")]
    rows = rows.astype({"data_seed": int}).sort_values(["run", "seed", "level"])
    return rows.assign(ever=(rows["status"] == "separated").groupby([rows["run"], rows["seed"]]).cummax())


def _made_so(said: Mapping[str, Mapping[str, Any]], folder: Path, problem: Problem, wanted: Wanted) -> None:
    """Raises ValueError where the summary of a run has another value than an override says."""
    config = planned(problem, wanted.names[0], wanted.densities[-1], wanted.more).config
    given = (*problem.overrides, *wanted.more)
    for key, override in {one.partition("=")[0].lstrip("+"): one for one in given}.items():  # the last one counts
        if key in WHERE:
            continue
        value = _value(config, key)
        for run, summary in said.items():
            other = _value(summary["config"], key)
            if other is not None and text_of(other) != text_of(value):  # None: a group, or what no result depends on
                raise ValueError(f"{override}: {folder / run} was made with {key}={other}")


def _value(config: Mapping[str, Any], key: str) -> Any:
    """What a configuration has at a key; None where it has nothing, or a group."""
    found: Any = config
    for part in key.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return None if isinstance(found, Mapping) else found


def _with_shares(found: pd.DataFrame, tasks: int) -> pd.DataFrame:
    found = found.assign(separated=found["status"] == "separated")
    if tasks < 2:
        found[list(SHARES)] = pd.NA  # one task has nothing to be separated from
    return found.drop(columns="run").assign(
        family=found["method"].map(family), kept=found["density"],
        active_share=found["active_weights"] / found["weights"], **found[list(SHARES)].astype("boolean"),
    )  # fmt: skip


def _reached(rows: pd.DataFrame, said: Mapping[str, Mapping[str, Any]], densities: Sequence[float]) -> pd.DataFrame:
    """The rows at which a run has come to an `asked` density: the last of a run to one, one each of a run through all.

    A run of both kinds for one density counts once: as it would be made today, through all where there are several.
    """
    last = rows.groupby(["run", "seed"]).tail(1)
    alone = last.assign(asked=last["passed"]).dropna(subset="asked")
    found = []
    for run, group in rows[rows["passed"].isna()].groupby("run", observed=True):
        keeps, through = said[str(run)]["keeps"] or [], _value(said[str(run)]["config"], _THROUGH)
        if len(densities) > 1 and text_of(through) == text_of(densities):
            levels = {keeps.index(n): density for density in densities if (n := left(keeps[0], density)) in keeps}
            found.append(group[group["level"].isin(levels)].assign(asked=group["level"].map(levels)))
    both = pd.concat([*found, alone], ignore_index=True)
    return both[both["asked"].isin(densities)].drop_duplicates(BY)


def robust(problem: Problem, folder: Path, runs: pd.DataFrame) -> list[float]:
    """For each row of runs the test accuracy of its level when every input is moved against it by at most `RADIUS`."""
    data = {seed: _data(problem, seed) for seed in runs["data_seed"].unique()}
    found = []
    for run in runs.to_dict("records"):
        ticket = load_ticket(path_of(folder / run["run"], run["seed"], run["level"]))
        dataset = data[run["data_seed"]]
        found.append(fgsm(Layout(ticket.shape), row_of(ticket), dataset.test, dataset.tasks, RADIUS))
    return found


def _data(problem: Problem, seed: int) -> Dataset:
    # The schedule of the default has a ladder of sizes, on which a problem need not be.
    given = [*problem.overrides, f"dataset.seed={seed}", "tracking=off", "pruning/schedule=density"]
    return prepare(compose(given), Path("unused")).dataset
