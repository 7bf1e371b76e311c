"""The statistics of every figure and every verdict: thin, typed calls of scipy, statsmodels and lifelines."""

from __future__ import annotations

import warnings
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

LEVEL = 0.95  # of every interval
_SEED = 0  # of the bootstrap: equal values have equal intervals

Numbers = Sequence[float] | np.ndarray | pd.Series


@dataclass(frozen=True)
class Interval:
    """A figure with its 95 % interval from n observations; not a number where n is too small for one."""

    value: float
    low: float
    high: float
    n: int

    def overlaps(self, other: Interval) -> bool:
        """Whether the two intervals share a point; true where a bound is unknown, for nothing tells them apart then."""
        return not (self.high < other.low or other.high < self.low)

    def holds(self, value: float) -> bool:
        """Whether a value is inside; true where a bound is unknown."""
        return not (self.high < value or value < self.low)


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


def wilson(k: int, n: int) -> Interval:
    """The rate k of n with its Wilson interval (Wilson, 1927); of n = 0 not a number, between 0 and 1."""
    from statsmodels.stats.proportion import proportion_confint

    if not 0 <= k <= n:
        raise ValueError(f"{k} of {n} is no rate")
    if n == 0:
        return Interval(np.nan, 0.0, 1.0, 0)
    low, high = np.asarray(proportion_confint(k, n, alpha=1 - LEVEL, method="wilson")).tolist()
    return Interval(k / n, low, high, int(n))


def mean_interval(values: Numbers) -> Interval:
    """The mean with its bootstrap interval (BCa; Efron, 1987), 9999 resamples of a fixed seed; nulls do not count.

    Equal values have an interval without width, a single one has none. Where BCa is not defined, the percentiles.
    """
    from scipy.stats import bootstrap

    known = _known(values)
    mean = float(known.mean()) if len(known) else np.nan
    if len(known) < 2:
        return Interval(mean, np.nan, np.nan, len(known))
    if (known == known[0]).all():
        return Interval(float(known[0]), float(known[0]), float(known[0]), len(known))
    for method in ("BCa", "percentile"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a degenerate jackknife: its bounds are not a number, and that is asked
            found = bootstrap((known,), np.mean, confidence_level=LEVEL, method=method, rng=_SEED).confidence_interval
        if np.isfinite([found.low, found.high]).all():
            break
    return Interval(mean, float(found.low), float(found.high), len(known))


def paired(a: Numbers, b: Numbers) -> float:
    """p of Wilcoxon's signed-rank test (1945) of pairs a, b, two-sided: exact for few pairs without ties.

    Zero differences count half to either side (zsplit), so that ties weaken a result instead of vanishing; all zero
    gives 1. Pairs with a null do not count; not a number without any pair.
    """
    from scipy.stats import wilcoxon

    if len(a) != len(b):
        raise ValueError(f"{len(a)} and {len(b)} values are no pairs")
    differences = _known(_numbers(a) - _numbers(b))
    if not len(differences):
        return np.nan
    if not differences.any():
        return 1.0
    found: Any = wilcoxon(differences, zero_method="zsplit")
    return float(found.pvalue)


def holm(p_values: Numbers) -> list[float]:
    """The p values as Holm (1979) corrects them for their number, in their order; those not a number do not count."""
    from statsmodels.stats.multitest import multipletests

    corrected = _numbers(p_values)
    known = ~np.isnan(corrected)
    if known.any():
        corrected[known] = multipletests(corrected[known], method="holm")[1]
    return corrected.tolist()


def spearman(x: Numbers, y: Numbers) -> Interval:
    """Spearman's rank correlation of pairs x, y, with Fisher's interval in Bonett and Wright's width (2000).

    Pairs with a null do not count. Not a number when x or y is constant; fewer than four pairs have no interval.
    """
    from scipy.stats import norm, spearmanr

    pairs = pd.DataFrame({"x": _numbers(x), "y": _numbers(y)}).dropna().to_numpy()
    n = len(pairs)
    if n < 2 or (pairs == pairs[0]).all(axis=0).any():
        return Interval(np.nan, np.nan, np.nan, n)
    found: Any = spearmanr(pairs[:, 0], pairs[:, 1])
    rho = float(np.clip(found.statistic, -1, 1))
    if n < 4:
        return Interval(rho, np.nan, np.nan, n)
    with np.errstate(divide="ignore"):  # of ranks in perfect order the interval has no width
        centre, half = np.arctanh(rho), norm.ppf((1 + LEVEL) / 2) * np.sqrt((1 + rho**2 / 2) / (n - 3))
    return Interval(rho, float(np.tanh(centre - half)), float(np.tanh(centre + half)), n)


def survival(durations: Numbers, observed: Sequence[bool] | np.ndarray | pd.Series) -> Survival:
    """Kaplan and Meier's curve (1958) of lives that lasted `durations`; where not `observed`, they were still alive."""
    from lifelines import KaplanMeierFitter

    times, ended = _numbers(durations), np.asarray(observed, dtype=bool)
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


def logrank(
    durations: Numbers, observed: Sequence[bool] | np.ndarray | pd.Series, groups: Sequence[Hashable] | pd.Series
) -> float:
    """p of the log-rank test (Mantel, 1966) that all groups live equally long; not a number where it cannot be told."""
    from lifelines.statistics import multivariate_logrank_test

    ended = np.asarray(observed, dtype=bool)
    if len(set(groups)) < 2 or not ended.any():
        return np.nan
    return float(multivariate_logrank_test(_numbers(durations), list(groups), ended).p_value)


def cox(
    durations: Numbers,
    observed: Sequence[bool] | np.ndarray | pd.Series,
    predictors: Mapping[str, Any] | pd.DataFrame,
    clusters: Sequence[Hashable] | pd.Series | None = None,
) -> dict[str, Interval] | None:
    """Hazard ratio per unit of each predictor, by Cox's regression (1972); above 1 lives end sooner.

    With `clusters` the intervals are robust (Lin and Wei, 1989) to lives of one cluster being alike. Rows with a null
    do not count. None where the model has no answer: no end, a constant predictor, one that orders all ends.
    """
    from lifelines import CoxPHFitter
    from lifelines.exceptions import ConvergenceError

    columns = {str(name): _numbers(values) for name, values in predictors.items()}
    table, names = pd.DataFrame(columns), list(columns)
    table = table.assign(_time=_numbers(durations), _ended=np.asarray(observed, dtype=bool))
    if clusters is not None:
        table["_cluster"] = pd.factorize(pd.Series(list(clusters)))[0]
    table = table.dropna()
    if not sum(table["_ended"]) or any(table[name].nunique() < 2 for name in names):
        return None
    options = {} if clusters is None else {"cluster_col": "_cluster"}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            fitted = CoxPHFitter(alpha=1 - LEVEL).fit(table, "_time", "_ended", **options)
        except (ConvergenceError, Warning, np.linalg.LinAlgError):
            return None
    bounds = np.exp(fitted.confidence_intervals_.to_numpy())
    ratios = fitted.hazard_ratios_
    return {
        name: Interval(float(ratios[name]), low, high, len(table))
        for name, (low, high) in zip(names, bounds.tolist(), strict=True)
    }


def logistic(
    outcome: Sequence[bool] | np.ndarray | pd.Series, predictors: Mapping[str, Any] | pd.DataFrame
) -> dict[str, Interval] | None:
    """Coefficients (log odds per unit) of a logistic regression by maximum likelihood, `intercept` first.

    Rows with a null do not count. None where there is no maximum: one outcome alone, predictors that part the outcomes
    without an overlap, predictors that repeat each other.
    """
    from statsmodels.api import Logit
    from statsmodels.tools.sm_exceptions import PerfectSeparationError

    columns = {"intercept": np.ones(len(outcome))} | {str(name): _numbers(each) for name, each in predictors.items()}
    table = pd.DataFrame(columns)
    y = _numbers(outcome)
    known = ~(np.isnan(table.to_numpy()).any(axis=1) | np.isnan(y))
    table, y = table[known], y[known]
    if len(set(y.tolist())) < 2 or np.linalg.matrix_rank(table.to_numpy()) < table.shape[1]:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            fitted = Logit(y, table.to_numpy()).fit(disp=0, maxiter=100)
            bounds = np.asarray(fitted.conf_int(1 - LEVEL))
        except (PerfectSeparationError, Warning, np.linalg.LinAlgError):
            return None
    values = zip(columns, fitted.params.tolist(), bounds.tolist(), strict=True)
    return {name: Interval(value, low, high, len(y)) for name, value, (low, high) in values}


def _numbers(values: Any) -> np.ndarray:
    """(n,) float64, nulls as not a number; a copy."""
    return pd.Series(values).astype("Float64").to_numpy(dtype=float, na_value=np.nan, copy=True)


def _known(values: Any) -> np.ndarray:
    numbers = _numbers(values)
    return numbers[~np.isnan(numbers)]
