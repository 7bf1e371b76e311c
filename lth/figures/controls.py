"""Where networks have no reason to separate: how often they do, and what the separated ones can still do."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth.collect import Tables
from lth.figures.clustered import CAPTION, marks
from lth.figures.lines import RUN
from lth.figures.page import Panel, page
from lth.figures.runs import runs, varying, with_value
from lth.figures.source import Source
from lth.figures.style import BLUE, GREEN, NOTE, styled

_KEY = "dataset.control"
_WORDS = {
    "plain": "plain",
    "alike": "two questions\nof own points",
    "same": "two questions\nof the same",
    "rotated": "inputs\nmixed",
    "shuffled": "labels\nshuffled",
}


@styled
def draw(tables: Tables) -> Figure:
    """Left the share of runs that separate for each control, right the accuracy, dense and at the first separation."""
    caption = (
        "Accuracy: mean of both tasks on the test samples, over the runs that separate at their first separated level "
        "and over all runs at level 0. By lot: random masks of the same sizes. "
    )
    return page(tables, _panels, columns=2, height=2.7, caption=caption + CAPTION)


def _panels(source: Source) -> list[Panel]:
    varying(source, _KEY)
    levels = source.levels("status", "test_accuracy")
    first = levels[levels["status"] == "separated"].drop_duplicates(RUN).set_index(RUN)["test_accuracy"]
    found = with_value(runs(source), "at_separation", first)
    found = with_value(found, "dense", levels[levels["level"] == 0].set_index(RUN)["test_accuracy"])
    return [partial(_rates, found), partial(_accuracies, found)]


def _parts(found: pd.DataFrame) -> tuple[list[str], list[pd.DataFrame]]:
    names = [name for name in _WORDS if (found[_KEY] == name).any()]
    return names, [found[found[_KEY] == name] for name in names]


def _rates(found: pd.DataFrame, axes: Axes) -> None:
    names, groups = _parts(found)
    _places(axes, names)
    rates = marks(axes, list(range(len(names))), groups, "separated", line=False, color=GREEN, label="separated")
    if "lot" in found:
        chance = [part["lot"].mean() for part in groups]
        axes.plot(range(len(names)), chance, "_", color=NOTE, ms=9, label="by lot")
    axes.set(ylabel="share of runs that separate", ylim=(-0.04, 1.04))
    told = ", ".join(f"{name} {100 * rate.value:.0f}" for name, rate in zip(names, rates, strict=True))
    axes.set_title(f"Separated, in %: {told}", loc="left")


def _accuracies(found: pd.DataFrame, axes: Axes) -> None:
    names, groups = _parts(found)
    _places(axes, names)
    places = np.arange(len(names))
    marks(
        axes, (places - 0.12).tolist(), groups, "dense", line=False, color=NOTE, marker="o", mfc="white", label="dense"
    )
    known = [(place + 0.12, part) for place, part in enumerate(groups) if part["at_separation"].notna().any()]
    means = marks(
        axes, [place for place, _ in known], [part for _, part in known], "at_separation", line=False, color=BLUE,
        marker="s", label="at the first separation",
    )  # fmt: skip
    low = min([one.value for one in means] + [0.55])
    axes.axhline(0.5, color=NOTE, lw=0.6, ls="--")
    axes.set(ylabel="test accuracy", ylim=(low - 0.12, 1.02))
    lost = {
        name: 100 * (part["at_separation"] - part["dense"]).mean()
        for name, part in zip(names, groups, strict=True)
        if part["at_separation"].notna().any()
    }
    told = ", ".join(f"{name} {points:+.0f}" for name, points in lost.items())
    axes.set_title(f"At separation against dense, in points: {told}" if told else "No run separates", loc="left")


def _places(axes: Axes, names: list[str]) -> None:
    axes.set_xticks(range(len(names)), [_WORDS[name] for name in names], fontsize=6)
    axes.set_xlim(-0.6, len(names) - 0.4)
