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


def logit(x: pd.DataFrame, y) -> pd.DataFrame:
    import statsmodels.api as sm

    f = sm.Logit(np.asarray(y, float), sm.add_constant(x)).fit(disp=0)
    ci = f.conf_int()
    return pd.DataFrame({"coefficient": f.params, "low": ci[0], "high": ci[1], "p": f.pvalues})
