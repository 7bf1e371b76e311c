"""Provisional."""

from __future__ import annotations

import numpy as np
import pandas as pd


def wilson(k: float, n: float) -> tuple[float, float]:
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(k, n, method="wilson")
    return float(low), float(high)


def mean_interval(values) -> tuple[float, float, float]:
    from scipy import stats

    values = np.asarray(values, float)
    mean = float(values.mean())
    if len(values) < 2 or np.ptp(values) == 0:
        return mean, np.nan, np.nan
    r = stats.bootstrap((values,), np.mean, method="BCa", rng=np.random.default_rng(0), n_resamples=2000)
    return mean, float(r.confidence_interval.low), float(r.confidence_interval.high)


def paired(a, b) -> float:
    from scipy import stats

    d = np.asarray(a, float) - np.asarray(b, float)
    return float(stats.wilcoxon(d).pvalue) if np.any(d != 0) else 1.0


def holm(ps) -> np.ndarray:
    from statsmodels.stats.multitest import multipletests

    return multipletests(ps, method="holm")[1]


def survival(durations, observed) -> pd.DataFrame:
    from lifelines import KaplanMeierFitter

    f = KaplanMeierFitter().fit(durations, observed)
    ci = f.confidence_interval_survival_function_.to_numpy()
    s = f.survival_function_
    return pd.DataFrame({"time": s.index, "share": s.iloc[:, 0].to_numpy(), "low": ci[:, 0], "high": ci[:, 1]})


def logrank(durations, observed, groups) -> float:
    from lifelines.statistics import multivariate_logrank_test

    return float(multivariate_logrank_test(durations, groups, observed).p_value)


class NoFit(ValueError):
    """A logistic fit does not exist; the message says why."""


def logistic(predictors: pd.DataFrame, happened: pd.Series) -> pd.DataFrame:
    import warnings

    import statsmodels.api as sm
    from statsmodels.tools.sm_exceptions import PerfectSeparationWarning, ConvergenceWarning

    y = np.asarray(happened, float)
    if len(set(y)) < 2:
        raise NoFit("all runs end alike")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            fit = sm.Logit(y, sm.add_constant(predictors.astype(float))).fit(disp=0)
        except (PerfectSeparationWarning, ConvergenceWarning, RuntimeWarning, np.linalg.LinAlgError):
            raise NoFit("the predictors tell the runs apart without fail") from None
    ci = fit.conf_int()
    return pd.DataFrame({"coefficient": fit.params, "low": ci[0], "high": ci[1], "p": fit.pvalues})
