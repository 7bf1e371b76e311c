"""What the runs of a comparison came to: one row per method and density, one row per method."""

import numpy as np
import pandas as pd

from lth.comparison.families import family
from lth.comparison.rows import SHARES
from lth.statistics import Interval, mean_interval, wilson
from lth.statistics.clustered import cluster_mean, cluster_rate

AS_ACCURATE = 0.01  # a method is as accurate as dense where its mean is at most so far below


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

    Those that are as accurate at no density come last, by accuracy; so do those of which it is not known.
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
