"""What claims ask of a levels table: one row per run, the level of its first separation, shares with intervals."""

import pandas as pd

from lth.collect import Missing
from lth.statistics import Interval, mean_interval, wilson
from lth.ticket.outcome import SEPARATED

SIZE = "model.hidden"
LARGE = 9  # the rung from which on the majority separated in the thesis
RUN = ["run", "seed"]


def finished(levels: pd.DataFrame) -> pd.DataFrame:
    """The levels of finished runs alone."""
    return levels[levels["state"] == "finished"]


def runs(levels: pd.DataFrame) -> pd.DataFrame:
    """One row per finished run: its last level, whether it `separated`, and how many `levels` it was pruned."""
    last = finished(levels).sort_values("level").groupby(RUN).tail(1).sort_values(RUN).reset_index(drop=True)
    if last.empty:
        raise Missing("no run is finished")
    return last.assign(separated=last["outcome"].isin(SEPARATED), levels=last["level"])


def first_separations(levels: pd.DataFrame) -> pd.DataFrame:
    """One row per run that separated: its first separated level. Raises Missing when none did."""
    found = finished(levels)
    found = found[found["status"] == "separated"].sort_values("level")
    if found.empty:
        raise Missing("no run separated")
    return found.groupby(RUN).head(1).sort_values(RUN).reset_index(drop=True)


def dense(levels: pd.DataFrame) -> pd.DataFrame:
    """The level 0 of every finished run, indexed by run and seed."""
    return finished(levels).query("level == 0").set_index(RUN)


def rate(separated: pd.Series) -> Interval:
    """The share of true ones with its 95 % Wilson interval. Raises Missing for no values."""
    if separated.empty:
        raise Missing("no runs")
    return wilson(int(separated.sum()), len(separated))


def mean(values: pd.Series) -> Interval:
    """The mean with its 95 % bootstrap interval. Raises Missing below two values."""
    known = values.dropna().astype(float)
    if len(known) < 2:
        raise Missing("fewer than two runs")
    return mean_interval(known.to_numpy())


def shown(found: Interval, digits: int, *, signed: bool = False) -> str:
    """A value and its interval as text."""
    sign = "+" if signed else ""
    return f"{found.value:{sign}.{digits}f} [{found.low:{sign}.{digits}f}, {found.high:{sign}.{digits}f}]"


def share(found: Interval, digits: int = 0) -> str:
    """A share and its interval in per cent."""
    return f"{100 * found.value:.{digits}f} % [{100 * found.low:.{digits}f}, {100 * found.high:.{digits}f}]"
