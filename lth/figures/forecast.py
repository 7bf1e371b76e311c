"""Does the distance to a split foretell a separation? Rates by cut, calibration and AUC, on data not fitted on."""

from __future__ import annotations

from functools import partial

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth.collect import Missing, Tables
from lth.evidence.forecast import Forecast, forecast, forecasts
from lth.figures.page import Panel, page
from lth.figures.source import Source
from lth.figures.style import BLACK, BLUE, DARK, GREEN, ORANGE, PURPLE, styled, whiskers
from lth.statistics import Interval

_MODELS = {
    "auc": ("AUC of the cut", PURPLE, "D"),
    "auc_within": ("AUC among runs of one size at one level", GREEN, "^"),
    "auc_sparsity": ("AUC of the active weights", ORANGE, "s"),
}


@styled
def draw(tables: Tables) -> Figure:
    """Left rates by cut, in the middle the reliability of the forecast, right AUCs of forecasts of 1 to 4 levels."""
    caption = (
        "Levels before the first separation of a run; logistic regression on log2 of the cut (the fewest active "
        "weights whose loss parts the tasks), fitted on the lower half of the data seeds, all else on the upper half. "
        "Whiskers: 95 % intervals of a bootstrap over the data seeds, of rates the wider of it and Wilson's."
    )
    return page(tables, _panels, columns=3, height=2.3, caption=caption)


def _panels(source: Source) -> list[Panel]:
    levels = source.levels("status", "cut", "active_weights")
    if "dataset.seed" not in levels:
        raise Missing("table levels has no column dataset.seed")
    found = forecast(levels)
    return [partial(_by_cut, found), partial(_reliability, found), partial(_areas, forecasts(levels))]


def _by_cut(found: Forecast, axes: Axes) -> None:
    rows = found.by_cut
    places = range(len(rows))
    whiskers(axes, places, intervals(rows, "observed"), BLUE)
    axes.plot(places, rows["observed"], "o", color=BLUE, ms=4, label="observed")
    axes.plot(places, rows["predicted"], "_", color=BLACK, ms=9, mew=1.2, label="predicted")
    labels = [
        f"{name.replace(' to ', '–').replace('above ', '>')}\n{n}"
        for name, n in zip(rows["cut"], rows["n"], strict=True)
    ]
    axes.set_xticks(places, labels)
    axes.set(ylim=(-0.03, 1.03), xlabel="cut, and levels with it", ylabel="share separated one level later")
    axes.set_title("the smaller the cut,\nthe likelier", loc="left")


def _reliability(found: Forecast, axes: Axes) -> None:
    rows = found.reliability
    axes.plot([0, 1], [0, 1], color=DARK, lw=0.6)
    whiskers(axes, rows["predicted"].tolist(), intervals(rows, "observed"), BLUE)
    axes.plot(rows["predicted"], rows["observed"], "o", color=BLUE, ms=4)
    axes.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), xlabel="predicted chance", ylabel="observed share")
    slope, score = found.slope, found.brier
    axes.set_title(f"slope {slope.value:.2f} [{slope.low:.2f}, {slope.high:.2f}]\nBrier {score.value:.3f}", loc="left")


def _areas(rows: pd.DataFrame, axes: Axes) -> None:
    if rows.empty:
        raise Missing("no forecast can be made")
    for shift, (name, (words, colour, mark)) in zip((-0.15, 0, 0.15), _MODELS.items(), strict=True):
        places = rows["ahead"].to_numpy(float) + shift
        found = rows.rename(columns={f"{name}_low": "low", f"{name}_high": "high"})
        whiskers(axes, places, intervals(found, name), colour)
        axes.plot(places, rows[name], mark, color=colour, ms=4, label=words)
    axes.axhline(0.5, color=BLACK, lw=0.6, ls=":")
    axes.set_xticks(rows["ahead"].tolist())
    axes.set(ylim=(min(0.45, float(rows["auc_within"].min()) - 0.05), 1.02), xlabel="levels ahead", ylabel="AUC")
    axes.set_title("area under the ROC curve", loc="left")


def intervals(rows: pd.DataFrame, column: str) -> list[Interval]:
    """The intervals of a table's rows, from a column and the columns low and high."""
    found = rows[[column, "low", "high", "n"]].to_numpy(float).tolist()
    return [Interval(value, low, high, int(n)) for value, low, high, n in found]
