"""A yes or no explained by numbers."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from lth.statistics.values import LEVEL, Flags, Interval, numbers


def logistic(outcome: Flags, predictors: Mapping[str, Any] | pd.DataFrame) -> dict[str, Interval] | None:
    """Coefficients (log odds per unit) of a logistic regression by maximum likelihood, `intercept` first.

    Rows with a null do not count. None where there is no maximum: one outcome alone, predictors that part the outcomes
    without an overlap, predictors that repeat each other.
    """
    table = _with_intercept(predictors, len(outcome))
    fitted = _fitted(outcome, table)
    if fitted is None:
        return None
    values = zip(table, fitted.params.tolist(), np.asarray(fitted.conf_int(1 - LEVEL)).tolist(), strict=True)
    return {name: Interval(value, low, high, int(fitted.nobs)) for name, value, (low, high) in values}


def logistic_chances(
    outcome: Flags, predictors: Mapping[str, Any] | pd.DataFrame, at: Mapping[str, Any] | pd.DataFrame
) -> pd.DataFrame | None:
    """The chance that `logistic` gives at each row of `at`: `value`, with its interval `low` to `high`.

    The interval is the delta method's on the log odds, so it stays between 0 and 1. None as `logistic`.
    """
    table = _with_intercept(predictors, len(outcome))
    fitted = _fitted(outcome, table)
    if fitted is None:
        return None
    wanted = _with_intercept(at, len(next(iter(at.values())) if isinstance(at, Mapping) else at))[list(table)]
    found = fitted.get_prediction(wanted.to_numpy()).summary_frame(alpha=1 - LEVEL)
    return pd.DataFrame({"value": found["predicted"], "low": found["ci_lower"], "high": found["ci_upper"]})


def _with_intercept(predictors: Mapping[str, Any] | pd.DataFrame, rows: int) -> pd.DataFrame:
    return pd.DataFrame({"intercept": np.ones(rows)} | {str(name): numbers(each) for name, each in predictors.items()})


def _fitted(outcome: Flags, table: pd.DataFrame) -> Any:
    """statsmodels' fit, or None where the likelihood has no maximum."""
    from statsmodels.api import Logit
    from statsmodels.tools.sm_exceptions import ModelWarning, PerfectSeparationError

    y = numbers(outcome)
    known = ~(np.isnan(table.to_numpy()).any(axis=1) | np.isnan(y))
    table, y = table[known], y[known]
    if len(set(y.tolist())) < 2 or np.linalg.matrix_rank(table.to_numpy()) < table.shape[1]:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for unfit in (ModelWarning, RuntimeWarning):
            warnings.simplefilter("error", unfit)
        try:
            fitted = Logit(y, table.to_numpy()).fit(disp=0, maxiter=100)
            fitted.conf_int()  # a covariance that cannot be had is known here
        except (PerfectSeparationError, ModelWarning, RuntimeWarning, np.linalg.LinAlgError):
            return None
    return fitted


def stratified(tables: Sequence[Sequence[Sequence[int]]]) -> tuple[Interval, float]:
    """The common odds ratio of 2 × 2 tables ((a, b), (c, d)), one per stratum, and p that it is 1.

    Mantel and Haenszel (1959), with their test's correction for continuity. Strata with one outcome alone say nothing
    and are left out; without any other the ratio and p are not a number.
    """
    from statsmodels.stats.contingency_tables import StratifiedTable

    telling = [np.asarray(table, dtype=float) for table in tables if np.asarray(table).sum(axis=0).all()]
    n = int(sum(np.asarray(table).sum() for table in tables))
    if not telling:
        return Interval(np.nan, np.nan, np.nan, n), np.nan
    found: Any = StratifiedTable(telling)
    low, high = found.oddsratio_pooled_confint(1 - LEVEL)
    p = float(found.test_null_odds(correction=True).pvalue)
    return Interval(float(found.oddsratio_pooled), float(low), float(high), n), p
