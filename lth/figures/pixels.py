"""Which pixels keep their weights: surviving weights per input pixel beside the variance of the pixels."""

from functools import partial
from math import isqrt

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lth.collect import Missing, Tables
from lth.figures.page import Panel, page
from lth.figures.source import Source
from lth.figures.style import styled
from lth.statistics import spearman

_LEVELS = 3  # heat maps per task, beside that of the variance


@styled
def draw(tables: Tables) -> Figure:
    """A row of heat maps per task: the variance of the pixels where it is known, then levels of the trajectory."""
    caption = (
        "Weights that start at a pixel, mean over the seeds; each map has its own scale, white = 0. Levels: the "
        "first pruning, the middle one, the last. ρ: Spearman's correlation with the variance over the pixels, 95 %."
    )
    return page(tables, _panels, columns=_LEVELS + 1, height=1.85, caption=caption)


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
    found = [partial(_map, np.full(side * side, np.nan) if variance is None else variance, side, f"{task}: variance")]
    for level, values in maps.items():
        rho = None if variance is None else spearman(values, variance)
        text = "" if rho is None or np.isnan(rho.value) else f"\nρ {rho.value:.2f} [{rho.low:.2f}, {rho.high:.2f}]"
        found.append(partial(_map, values, side, f"{task}: level {level}{text}"))
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
    shown = axes.imshow(values.reshape(side, side), cmap="Greys", vmin=0, vmax=max(float(np.nanmax(values)), 1e-9))
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(True)
    bar = axes.figure.colorbar(shown, ax=axes, shrink=0.8, pad=0.03, ticks=MaxNLocator(4), format="%g")
    bar.ax.tick_params(labelsize=6)
    axes.set_title(name, loc="left")
