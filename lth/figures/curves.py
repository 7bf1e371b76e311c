"""Kaplan and Meier's curves with their bands and tests, as every figure of lives draws them."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from lth.figures.lines import RUN
from lth.statistics import cox, logrank, survival


def kaplan_meier(axes: Axes, durations: pd.Series, ended: pd.Series, colour: Any, label: str) -> None:
    """One curve, its 95 % band, and a cross where lives are censored. Nothing for no lives."""
    curve = survival(durations, ended)
    if not curve.n:
        return
    axes.step(curve.time, curve.share, where="post", color=colour, lw=1.3, label=label)
    axes.fill_between(curve.time, curve.low, curve.high, step="post", color=colour, alpha=0.15, lw=0)
    times = np.unique(durations[~ended.astype(bool)])
    axes.plot(
        times, curve.share[np.searchsorted(curve.time, times, side="right") - 1], "+", color=colour, ms=4, mew=0.7
    )


def tests(durations: pd.Series, ended: pd.Series, groups: pd.Series, predictor: pd.Series, runs: pd.DataFrame) -> str:
    """Log-rank P of the groups and Cox's hazard ratio (HR) of the predictor; what cannot be told is left out."""
    p = logrank(durations, ended, groups)
    lines = [] if np.isnan(p) else ["P < 0.001" if p < 0.001 else f"P = {p:.2g}"]
    ratio = hazard(runs.assign(duration=durations, ended=ended), predictor)
    return ", ".join(lines + [f"HR {ratio}"] * bool(ratio))


def hazard(lives: pd.DataFrame, predictor: pd.Series) -> str:
    """Cox's hazard ratio per unit of the predictor, its interval robust to lives of one run; empty without an answer.

    `lives` has a row each: run, seed, `duration`, and whether it `ended`.
    """
    clusters = list(lives[RUN].itertuples(index=False, name=None))
    ratio = cox(lives["duration"], lives["ended"], {str(predictor.name): predictor.astype(float)}, clusters)
    if not ratio:
        return ""
    one = ratio[str(predictor.name)]
    return f"{_short(one.value)} [{_short(one.low)}, {_short(one.high)}]"


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.2g}"
