"""What the runs of a comparison came to: one row per run, one row per method and density, one row per method."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from lth.command.compose import compose
from lth.comparison.families import family
from lth.comparison.problems import Problem
from lth.comparison.sweep import slug
from lth.data.dataset import Dataset
from lth.jobs.plan import prepare
from lth.measures.network import row_of
from lth.measures.robustness import fgsm
from lth.method.layout import Layout
from lth.record import summary_file
from lth.results import load
from lth.settings.trajectory import left
from lth.statistics import Interval, mean_interval, wilson
from lth.statistics.clustered import cluster_mean, cluster_rate
from lth.ticket import load as load_ticket
from lth.ticket import path_of

AS_ACCURATE = 0.01  # a method is as accurate as dense where its mean is at most so far below
BASE = "magnitude"  # whose dense levels are the dense networks
RADIUS = 0.1  # of attacks, in standard deviations of an input
_KEPT = ("epochs", "test_accuracy", "status", "prunable", "weights", "active_weights", "density",
         "spent_epochs", "spent_macs", "inference_macs")  # fmt: skip


SHARES = ("separated", "ever")  # of runs; of no run where there is one task alone
BY = ["method", "asked", "data_seed", "seed"]


def collected(problem: Problem, folder: Path, densities: Sequence[float]) -> pd.DataFrame:
    """What every method came to at every density: one row per method, asked density, data seed and seed.

    It is the last level of a run to that density, or the level there of a run through them all. `ever` is whether the
    network was separated there or at a level before; `dense` the test accuracy of the level 0 of iterative magnitude
    pruning with the same data and seed; `started` when the run began.
    """
    rows = load(folder / slug(problem))
    said = rows["run"].astype(str)
    rows = rows.assign(
        method=said.str.extract(r"pruning=(\w+)", expand=False),
        data_seed=said.str.extract(r"dataset\.seed=(\d+)", expand=False).astype(int),
        passed=said.str.extract(r"density=([\d.]+)", expand=False).astype(float),  # of a run to one
    )
    rows = rows[rows["data_seed"].isin(problem.data_seeds)].sort_values(["run", "seed", "level"])
    rows = rows[rows["state"] == "finished"]  # of what was stopped or failed the last level is not its last
    rows["ever"] = (rows["status"] == "separated").groupby([rows["run"], rows["seed"]]).cummax()
    dense = rows[(rows["method"] == BASE) & (rows["level"] == 0)].drop_duplicates(["data_seed", "seed"])
    dense = dense.set_index(["data_seed", "seed"])["test_accuracy"].rename("dense")
    tasks = [str(name) for name in rows if str(name).startswith("test_accuracy_")]
    reached = _reached(rows, folder / slug(problem), densities)
    found = reached[["run", *BY, "level", "ever", *_KEPT, *tasks]].join(dense, on=["data_seed", "seed"])
    found["robust"] = robust(problem, folder / slug(problem), found)
    started = {run: _started(folder / slug(problem) / run) for run in found["run"].unique()}
    found["started"] = [started[run] for run in found["run"]]
    found = found.assign(separated=found["status"] == "separated")
    if len(tasks) < 2:
        found[list(SHARES)] = pd.NA  # one task has nothing to be separated from
    return found.drop(columns="run").assign(
        problem=problem.name, family=found["method"].map(family), kept=found["density"],
        active_share=found["active_weights"] / found["weights"], **found[list(SHARES)].astype("boolean"),
    ).sort_values(BY).reset_index(drop=True)  # fmt: skip


def _reached(rows: pd.DataFrame, folder: Path, densities: Sequence[float]) -> pd.DataFrame:
    """The rows at which a run has come to an `asked` density: the last of a run to one, one each of a run through all.

    A run of both kinds for one density counts once, by that which was made for it alone.
    """
    last = rows.groupby(["run", "seed"]).tail(1)
    found = [last.assign(asked=last["passed"]).dropna(subset="asked")]
    for run, group in rows[rows["passed"].isna()].groupby("run", observed=True):
        keeps = summary_file.read(folder / str(run) / "summary.json")["keeps"] or []
        levels = {keeps.index(count): density for density in densities if (count := left(keeps[0], density)) in keeps}
        found.append(group[group["level"].isin(levels)].assign(asked=group["level"].map(levels)))
    both = pd.concat(found, ignore_index=True)
    return both[both["asked"].isin(densities)].drop_duplicates(BY)


def _started(folder: Path) -> str | None:
    """When a run began, as its summary says it."""
    return summary_file.read(folder / "summary.json").get("started")


def robust(problem: Problem, folder: Path, runs: pd.DataFrame) -> list[float]:
    """For each row of runs the test accuracy of its level when every input is moved against it by at most `RADIUS`."""
    data = {seed: _data(problem, seed) for seed in runs["data_seed"].unique()}
    found = []
    for run in runs.to_dict("records"):
        ticket = load_ticket(path_of(folder / run["run"], run["seed"], run["level"]))
        dataset = data[run["data_seed"]]
        found.append(fgsm(Layout(ticket.shape), row_of(ticket), dataset.test, dataset.tasks, RADIUS))
    return found


def summarised(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per problem, method and asked density: means and rates with their intervals over data draws; n runs each.

    Where there is but one data draw, the intervals are those over its runs.
    """
    lines = []
    for (problem, method, asked), group in rows.groupby(["problem", "method", "asked"], sort=False):
        line = {"problem": problem, "family": family(str(method)), "method": method, "asked": asked, "n": len(group)}
        draws = group["data_seed"]
        for name in ("test_accuracy", "robust", "kept", "active_share", "spent_epochs", "spent_macs", "inference_macs"):
            line |= _columns(name, _mean(group[name].to_numpy(float), draws))
        line |= _columns("difference", _mean((group["test_accuracy"] - group["dense"]).to_numpy(float), draws))
        for name in SHARES:
            line |= _columns(name, _share(group[name].astype("boolean"), draws))
        lines.append(line)
    return pd.DataFrame(lines)


def _mean(values: np.ndarray, draws: pd.Series) -> Interval:
    """The mean of what is known, over the data draws."""
    return cluster_mean(values, draws) if draws.nunique() > 1 else mean_interval(values)


def _share(happened: pd.Series, draws: pd.Series) -> Interval:
    if happened.isna().any():
        return Interval(np.nan, np.nan, np.nan, 0)
    flags = happened.to_numpy(bool)
    return cluster_rate(flags, draws) if draws.nunique() > 1 else wilson(int(flags.sum()), len(flags))


def ranked(summary: pd.DataFrame) -> pd.DataFrame:
    """One row per problem and method, sorted by what it costs to be as accurate as dense at the lowest density it can.

    Those that are as accurate at no density come last, by accuracy.
    """
    lines = []
    for (_, _), group in summary.groupby(["problem", "method"], sort=False):
        able = group[group["difference"] >= -AS_ACCURATE].sort_values("kept")
        lines.append(group.sort_values("test_accuracy").iloc[-1] if able.empty else able.iloc[0])
    table = pd.DataFrame(lines).assign(able=lambda found: found["difference"] >= -AS_ACCURATE)
    worst = np.where(table["able"], table["spent_macs"], np.inf)
    order = np.lexsort((-table["test_accuracy"].to_numpy(float), worst, table["problem"].to_numpy(str)))
    return table.iloc[order].reset_index(drop=True)


def _columns(name: str, of: Interval) -> dict[str, float]:
    return {name: of.value, f"{name}_low": of.low, f"{name}_high": of.high}


def _data(problem: Problem, seed: int) -> Dataset:
    # The schedule of the default has a ladder of sizes, on which a problem need not be.
    given = [*problem.overrides, f"dataset.seed={seed}", "tracking=off", "pruning/schedule=density"]
    return prepare(compose(given), Path("unused")).dataset
