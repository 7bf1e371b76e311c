"""Which pixels keep their weights: surviving weights per input pixel beside the variance of the pixels."""

from functools import partial
from math import isqrt
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth.collect import Missing, Tables
from lth.figures.page import Panel, page
from lth.figures.source import Source
from lth.figures.style import styled
from lth.statistics import spearman

_SCALE: Any = {"cmap": "Greys", "vmin": 0, "vmax": 4}  # times the mean of the map
_LEVELS = 3  # heat maps per task, beside that of the variance


@styled
def draw(tables: Tables) -> Figure:
    """A row of heat maps per task: the variance of the pixels where it is known, then levels of the trajectory."""
    caption = (
        "All maps have one scale: the value of a pixel over the mean of its map, which stands above it. Weights: those "
        "that start at a pixel, pruned ones left out, mean over the seeds. Levels: the first pruning, the middle one, "
        "the last. ρ: Spearman's rank correlation with the variance over the pixels, with its 95 % interval (takes "
        "pixels as independent)."
    )
    return page(tables, _panels, columns=_LEVELS + 1, height=2.0, caption=caption, finish=_scale)


def _panels(source: Source) -> list[Panel]:
    rows = source.table("inputs", "level", "input", "task", "edges")
    keys = len(list(source.facets(rows)))
    if keys > 1:
        source.note(f"{keys} configurations are averaged")
    found: list[Panel] = []
    for task, part in rows[rows["task"] != "noise"].groupby("task", sort=False):
        side = isqrt(part["input"].nunique())
        if side * side != part["input"].nunique() or side < 4:
            source.note(f"the inputs of {task} are no square image")
            continue
        found += _row(source, str(task), part, side)
    if not found:
        raise Missing("no task has an image as its inputs")
    return found


def _row(source: Source, task: str, rows: pd.DataFrame, side: int) -> list[Panel]:
    variance = _variance(rows, task)
    if variance is None:
        source.note(f"no variance of the pixels of {task}")
    levels = np.unique(rows["level"])
    chosen = dict.fromkeys(levels[[min(1, len(levels) - 1), len(levels) // 2, -1]].tolist())
    maps = {level: rows[rows["level"] == level].groupby("input")["edges"].mean().to_numpy(float) for level in chosen}
    known = np.full(side * side, np.nan) if variance is None else variance
    found = [partial(_map, known, side, f"{task}: variance,\nmean {known.mean():.3g}")]
    for level, values in maps.items():
        rho = None if variance is None else spearman(values, variance)
        text = "" if rho is None or np.isnan(rho.value) else f"\nρ {rho.value:.2f} [{rho.low:.2f}, {rho.high:.2f}]"
        found.append(partial(_map, values, side, f"{task}, level {level},\nmean {values.mean():.3g} weights{text}"))
        if text and level == levels[-1]:
            source.headline(
                f"Pixels that vary more keep more weights: at the last level ρ = {text[3:]} ({task})"
                if rho and rho.low > 0
                else f"Weights at the last level against the variance of a pixel: ρ = {text[3:]} ({task})"
            )
    return found


def _variance(rows: pd.DataFrame, task: str) -> np.ndarray | None:
    """Variance of every pixel: from column `variance` of the table, or of scikit-learn's own digits."""
    if "variance" in rows and rows["variance"].notna().any():
        return rows.groupby("input")["variance"].first().to_numpy(float)
    if task in ("digits", "turned") and rows["input"].nunique() == 64:
        from sklearn.datasets import load_digits

        images = np.asarray(load_digits(return_X_y=True)[0]).reshape(-1, 8, 8)
        return np.rot90(images.var(axis=0), 1 if task == "turned" else 0).ravel()
    return None


def _map(values: np.ndarray, side: int, name: str, axes: Axes) -> None:
    if np.isnan(values).all():
        raise Missing("no variance of the pixels")
    relative = values / max(float(np.nanmean(values)), 1e-12)
    axes.imshow(relative.reshape(side, side), **_SCALE)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(True)
    axes.set_title(name, loc="left")


def _scale(figure: Figure) -> None:
    """One bar for all maps."""
    maps = [axes for axes in figure.axes if axes.images]
    bar = figure.colorbar(maps[0].images[0], ax=figure.axes, shrink=0.6, pad=0.02, aspect=30, extend="max")
    bar.set_ticks([0, 1, 2, 3, 4], labels=["0", "1 (mean)", "2", "3", "4"])
