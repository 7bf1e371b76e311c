"""How long something lives, and what makes its life shorter."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lth.statistics.values import LEVEL, Clusters, Flags, Interval, Numbers, cluster_codes, flags, numbers


@dataclass(frozen=True, eq=False)
class Survival:
    """A Kaplan–Meier curve: from each time (T,) on, the share (T,) still alive, with its 95 % band and those at risk.

    `n` lives, `events` of them ended; `median` is infinite when more than half outlive the last time.
    """

    time: np.ndarray
    share: np.ndarray
    low: np.ndarray
    high: np.ndarray
    at_risk: np.ndarray
    n: int
    events: int
    median: float


def survival(durations: Numbers, observed: Flags) -> Survival:
    """Kaplan and Meier's curve (1958) of lives that lasted `durations`; where not `observed`, they were still alive."""
    from lifelines import KaplanMeierFitter

    times, ended = numbers(durations), flags(observed)
    if not len(times):
        return Survival(*(np.empty(0) for _ in range(5)), n=0, events=0, median=np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the band of a curve that reaches 0
        curve = KaplanMeierFitter(alpha=1 - LEVEL).fit(times, ended)
        band = curve.confidence_interval_survival_function_.to_numpy()
    share = curve.survival_function_
    risk = curve.event_table["at_risk"].reindex(share.index)
    return Survival(
        share.index.to_numpy(dtype=float),
        share.to_numpy().ravel(),
        band[:, 0],
        band[:, 1],
        risk.to_numpy(dtype=float),
        len(times),
        int(ended.sum()),
        float(curve.median_survival_time_),
    )


def logrank(durations: Numbers, observed: Flags, groups: Clusters) -> float:
    """p of the log-rank test (Mantel, 1966) that all groups live equally long; not a number where it cannot be told."""
    from lifelines.statistics import multivariate_logrank_test

    ended = flags(observed)
    if len(set(groups)) < 2 or not ended.any():
        return np.nan
    return float(multivariate_logrank_test(numbers(durations), list(groups), ended).p_value)


def cox(
    durations: Numbers,
    observed: Flags,
    predictors: Mapping[str, Any] | pd.DataFrame,
    clusters: Clusters | None = None,
) -> dict[str, Interval] | None:
    """Hazard ratio per unit of each predictor, by Cox's regression (1972); above 1 lives end sooner.

    With `clusters` the intervals are robust (Lin and Wei, 1989) to lives of one cluster being alike. Rows with a null
    do not count; ValueError where one of the others has no cluster. None where the model has no answer: no end, a
    constant predictor, one that orders all ends.
    """
    from lifelines import CoxPHFitter
    from lifelines.exceptions import ConvergenceError

    columns = {str(name): numbers(values) for name, values in predictors.items()}
    table, names = pd.DataFrame(columns), list(columns)
    table = table.assign(_time=numbers(durations), _ended=flags(observed))
    known = table.notna().all(axis=1)
    table = table[known]
    if clusters is not None:
        table = table.assign(_cluster=cluster_codes(pd.Series(list(clusters), dtype=object)[known]))
    if not sum(table["_ended"]) or any(table[name].nunique() < 2 for name in names):
        return None
    options = {} if clusters is None else {"cluster_col": "_cluster"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", RuntimeWarning)  # among them lifelines' own about convergence
        try:
            fitted = CoxPHFitter(alpha=1 - LEVEL).fit(table, "_time", "_ended", **options)
        except (ConvergenceError, RuntimeWarning, np.linalg.LinAlgError):
            return None
    bounds = np.exp(fitted.confidence_intervals_.to_numpy())
    ratios = fitted.hazard_ratios_
    return {
        name: Interval(float(ratios[name]), low, high, len(table))
        for name, (low, high) in zip(names, bounds.tolist(), strict=True)
    }
