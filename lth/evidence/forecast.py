"""Does the distance to a split tell who separates soon? Fitted on some data, tested on others."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lth.collect import Missing
from lth.evidence.tables import DATA, RUN, SIZE, bounded, finished, lines
from lth.statistics import Interval
from lth.statistics.clustered import cluster_rate, clustered
from lth.statistics.predictions import auc, brier, slope

CUT, SPARSITY = ("log_cut",), ("log_weights",)
CUTS = {"1": (1, 1), "2": (2, 2), "3 to 4": (3, 4), "5 to 8": (5, 8), "9 to 16": (9, 16), "above 16": (17, np.inf)}
BINS = 10  # of the reliability table, of equal width
RELIABILITY = ("predicted", "observed", "low", "high", "n")
_SMALLEST = 1e-12  # of a predicted chance, so that its logit is a number


@dataclass(frozen=True, eq=False)
class Forecast:
    """How well the cut foretells that a run separates within `ahead` levels, on data that it was not fitted on.

    `auc` is that of the cut alone, `auc_within` the same among rows of one size and level, `auc_sparsity` that of the
    active weights alone, `auc_both` of both, `gain` how much the cut adds to the weights. Of the chances that the cut
    gives: `brier`, `skill` against always saying the rate of the data fitted on, `slope` of calibration (1 where
    calibrated), `reliability` and `by_cut` the predicted and observed rates. `fitted` and `tested` count levels of
    runs, `events` those tested that separate in time, `clusters` the data seeds tested on.
    """

    ahead: int
    auc: Interval
    auc_within: Interval
    auc_sparsity: Interval
    auc_both: Interval
    gain: Interval
    brier: Interval
    skill: Interval
    slope: Interval
    reliability: pd.DataFrame
    by_cut: pd.DataFrame
    fitted: int
    tested: int
    events: int
    clusters: int


def forecast(levels: pd.DataFrame, ahead: int = 1, cluster: str = DATA) -> Forecast:
    """Fit a logistic regression on the lower half of the data seeds and test it on the upper half.

    A row is a level at which a run's tasks are still joined; the event is that its first separated level is one of the
    next `ahead`. The predictor is log2 of the cut, beside log2 of the active weights. All intervals are of a bootstrap
    over the data seeds tested on; the fit is held. Raises Missing where one half has no event, or nothing else.
    """
    fitting, testing = _halves(at_risk(levels, ahead, cluster), cluster)
    events, clusters = testing["event"].to_numpy(), testing[cluster]
    chances = {name: _chances(fitting, testing, name) for name in (CUT, SPARSITY, CUT + SPARSITY)}
    areas = {name: auc(chance, events) for name, chance in chances.items()}
    told = np.clip(chances[CUT], _SMALLEST, 1 - _SMALLEST)
    error = brier(told, events)
    always = brier(np.full(len(events), fitting["event"].mean()), events)
    testing = testing.assign(predicted=told)
    return Forecast(
        ahead=ahead,
        auc=clustered(areas[CUT], clusters),
        auc_within=clustered(auc(chances[CUT], events, testing["stratum"].to_numpy()), clusters),
        auc_sparsity=clustered(areas[SPARSITY], clusters),
        auc_both=clustered(areas[CUT + SPARSITY], clusters),
        gain=clustered(lambda times: areas[CUT + SPARSITY](times) - areas[SPARSITY](times), clusters),
        brier=clustered(error, clusters),
        skill=clustered(lambda times: 1 - error(times) / always(times), clusters),
        slope=clustered(slope(np.log(told / (1 - told)), events), clusters),
        reliability=_reliability(testing, cluster),
        by_cut=_by_cut(testing, cluster),
        fitted=len(fitting),
        tested=len(testing),
        events=int(events.sum()),
        clusters=clusters.nunique(),
    )


def forecasts(levels: pd.DataFrame, most: int = 4, cluster: str = DATA) -> pd.DataFrame:
    """The figures of forecasts of 1 to `most` levels, one row each; those that cannot be made are left out."""
    names = ("auc", "auc_within", "auc_sparsity", "auc_both", "gain", "brier", "skill", "slope")
    rows = []
    for ahead in range(1, most + 1):
        try:
            found = forecast(levels, ahead, cluster)
        except Missing:
            continue
        row: dict = {"ahead": ahead, "n": found.tested, "events": found.events}
        for name in names:
            row |= bounded(name, getattr(found, name))
        rows.append(row)
    ends = [f"{name}{end}" for name in names for end in ("", "_low", "_high")]
    return lines(rows, ["ahead", *ends, "n", "events"])


def at_risk(levels: pd.DataFrame, ahead: int, cluster: str = DATA) -> pd.DataFrame:
    """The levels of finished runs before their first separation whose cut is known, and whether it is `ahead` at most.

    Levels with fewer than `ahead` levels after them are left out, unless the run has separated by then.
    """
    rows = finished(levels)
    first = rows["level"].where(rows["status"] == "separated").groupby([rows[key] for key in RUN]).transform("min")
    last = rows.groupby(RUN)["level"].transform("max")
    cut, event = rows["cut"].astype(float), (first <= rows["level"] + ahead).fillna(False).astype(bool)
    before = ~(first <= rows["level"]).fillna(False).astype(bool)
    asked = before & (rows["status"] == "interconnected") & (cut >= 1) & ((rows["level"] + ahead <= last) | event)
    if not asked.any():
        raise Missing("no run stands before a separation with a known cut")
    weights = rows["active_weights"].astype(float)
    found = rows.assign(event=event, cut=cut, log_cut=np.log2(cut.clip(lower=1)), log_weights=np.log2(weights.clip(1)))
    found["stratum"] = found.groupby([SIZE, "level"]).ngroup()
    columns = [cluster, *RUN, "level", "stratum", "cut", "log_cut", "log_weights", "event"]
    return found[asked][list(dict.fromkeys(columns))]


def _halves(rows: pd.DataFrame, cluster: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows of the lower and of the upper half of the data seeds."""
    known = sorted(rows[cluster].unique())
    first = rows[cluster].isin(known[: len(known) // 2])
    halves = rows[first], rows[~first].reset_index(drop=True)
    if any(half["event"].nunique() < 2 for half in halves):
        raise Missing("one half of the data has no run that separates, or none that does not")
    return halves


def _chances(fitting: pd.DataFrame, testing: pd.DataFrame, names: tuple[str, ...]) -> np.ndarray:
    """The chances (n,) of the tested rows, by a regression without any penalty."""
    from sklearn.linear_model import LogisticRegression

    columns = list(names)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of cuts that part the events without an overlap the slope grows on and on
        model = LogisticRegression(C=np.inf, max_iter=1000).fit(fitting[columns].to_numpy(), fitting["event"])
    return model.predict_proba(testing[columns].to_numpy())[:, 1]


def _reliability(testing: pd.DataFrame, cluster: str) -> pd.DataFrame:
    place = np.minimum((testing["predicted"] * BINS).astype(int), BINS - 1)
    return lines([_rates(part, cluster) for _, part in testing.groupby(place)], RELIABILITY)


def _by_cut(testing: pd.DataFrame, cluster: str) -> pd.DataFrame:
    parts = {name: testing[testing["cut"].between(low, high)] for name, (low, high) in CUTS.items()}
    return lines([{"cut": name, **_rates(part, cluster)} for name, part in parts.items() if len(part)],
                 ("cut", *RELIABILITY))  # fmt: skip


def _rates(part: pd.DataFrame, cluster: str) -> dict[str, float]:
    found = cluster_rate(part["event"], part[cluster])
    told = {"predicted": float(part["predicted"].mean()), "observed": found.value}
    return told | {"low": found.low, "high": found.high, "n": found.n}
