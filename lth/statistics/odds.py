"""A yes or no explained by numbers."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from lth.statistics.values import LEVEL, Flags, Interval, numbers


def logistic(outcome: Flags, predictors: Mapping[str, Any] | pd.DataFrame) -> dict[str, Interval] | None:
    """Coefficients (log odds per unit) of a logistic regression by maximum likelihood, `intercept` first.

    Rows with a null do not count. None where there is no maximum: one outcome alone, predictors that part the outcomes
    without an overlap, predictors that repeat each other.
    """
    from statsmodels.api import Logit
    from statsmodels.tools.sm_exceptions import ModelWarning, PerfectSeparationError

    columns = {"intercept": np.ones(len(outcome))} | {str(name): numbers(each) for name, each in predictors.items()}
    table = pd.DataFrame(columns)
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
            bounds = np.asarray(fitted.conf_int(1 - LEVEL))
        except (PerfectSeparationError, ModelWarning, RuntimeWarning, np.linalg.LinAlgError):
            return None
    values = zip(columns, fitted.params.tolist(), bounds.tolist(), strict=True)
    return {name: Interval(value, low, high, len(y)) for name, value, (low, high) in values}
