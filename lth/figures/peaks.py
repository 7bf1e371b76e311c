"""When inactive neurons peak: how many hidden neurons become inactive at each level, and where most of them do."""

from functools import partial
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth.collect import Tables
from lth.figures.compounding import DECAY, by_decay
from lth.figures.lines import BANDS, RUN, log_axis
from lth.figures.page import Panel, page
from lth.figures.source import Source, facets, label
from lth.figures.style import BLACK, SMALL, ramp, styled
from lth.statistics import median_interval

_SIZE = "model.hidden"


@styled
def draw(tables: Tables) -> Figure:
    """A column per size: above the newly inactive share along the trajectory, below where it is largest."""
    caption = (
        f"{BANDS} Above: hidden neurons that became inactive at a level (less those that no longer are), as a share of "
        "all hidden neurons; settings of the biases pooled. Below: unpruned weights at the level where that is "
        "largest, median over the seeds with its 95 % interval, per setting."
    )
    return page(tables, _panels, columns=_columns, height=1.9, caption=caption)


def _columns(source: Source) -> int:
    return max(min(source.seeds[_SIZE].nunique(), 3), 1) if _SIZE in source.keys else 1


def _panels(source: Source) -> list[Panel]:
    rows = fresh(source.levels("inactive_neurons", "active_neurons", "zombie_neurons", "weights"))
    sizes = list(facets(rows, [_SIZE] if _SIZE in source.keys else []))
    others = [key for key in source.keys if key not in (_SIZE, DECAY)]
    _seen(source, rows)
    above = [partial(by_decay, part, "fresh", "newly inactive share", name) for name, part in sizes]
    return [*above, *(partial(_places, peak(part), others, name) for name, part in sizes)]


def fresh(rows: pd.DataFrame) -> pd.DataFrame:
    """The levels from 1 on, with the share of the hidden neurons that became inactive there, `fresh`."""
    hidden = rows[["inactive_neurons", "active_neurons", "zombie_neurons"]].sum(axis=1)
    more: pd.Series = rows.groupby(RUN)["inactive_neurons"].diff()
    return rows.assign(fresh=more / hidden.where(hidden > 0)).dropna(subset=["fresh"])


def peak(rows: pd.DataFrame) -> pd.DataFrame:
    """The row of every run's level with the largest `fresh`, the first of equals."""
    return rows.loc[rows.sort_values("level").groupby(RUN)["fresh"].idxmax()]


def _seen(source: Source, rows: pd.DataFrame) -> None:
    peaks = peak(rows)
    groups = list(peaks.groupby(DECAY)) if DECAY in peaks else [(None, peaks)]
    parts = [
        f"{part['weights'].median():.0f}" + (f" ({label(DECAY, decay)})" if decay is not None else "")
        for decay, part in groups
    ]
    source.headline(f"Neurons become inactive most often at {', '.join(parts)} unpruned weights (medians of all runs)")


def _places(peaks: pd.DataFrame, others: list[str], name: str, axes: Axes) -> None:
    parts = list(facets(peaks, others))
    decays: list[Any] = sorted(peaks[DECAY].unique()) if DECAY in peaks else [None]
    for place, (_, part) in enumerate(parts):
        for number, (decay, colour) in enumerate(
            zip(decays, ramp(len(decays)) if decays[1:] else [BLACK], strict=True)
        ):
            mine = part if decay is None else part[part[DECAY] == decay]
            middle = median_interval(mine["weights"])
            y = place + 0.6 * ((number + 0.5) / len(decays) - 0.5)
            axes.plot([middle.low, middle.high], [y, y], color=colour, lw=1)
            axes.plot(middle.value, y, "o", color=colour, ms=3.5)
    axes.set_yticks(range(len(parts)), [text or "all runs" for text, _ in parts], fontsize=SMALL)
    axes.set_ylim(len(parts) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    log_axis(axes)
    axes.set(xlabel="unpruned weights at the peak")
    axes.set_title(name, loc="left")
