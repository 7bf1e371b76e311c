"""The one style of all figures: widths, fonts, and a colour for every status, outcome and state."""

from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes

from lth.statistics import Interval
from lth.ticket.picture.scene import COLOURS, INACTIVE, SHARED, ZOMBIE

COLUMN, PAGE = 3.3, 6.9  # inches: one column of a paper, both
SMALL, HEAD = 7, 9  # points, the smallest text and what is seen
BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY = COLOURS
BLACK, DARK, LIGHT = SHARED, ZOMBIE, INACTIVE
NOTE = "#4a4a4a"  # small text

OUTCOMES = {
    "separated": GREEN,
    "separated-degraded": ORANGE,
    "interconnected": BLUE,
    "fragmented": PURPLE,
    "degraded": VERMILION,
}
MARKERS = {"separated": "o", "separated-degraded": "D", "interconnected": "s", "fragmented": "^", "degraded": "x"}
STATES = {"active": BLACK, "zombie": ORANGE, "inactive": DARK}

# A ramp for what is ordered (rungs, decays): told apart by colour-blind readers and in grey; its pale end is lost on
# white and left out.
RAMP = mpl.colormaps["viridis"].resampled(256)(range(226))

PARAMETERS: Any = {
    "font.size": 8,
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same on every machine
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "legend.fontsize": SMALL,
    "legend.frameon": False,
    "legend.columnspacing": 1.2,
    "legend.handlelength": 1.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "lines.linewidth": 1.4,
    "lines.markersize": 3.5,
    "figure.constrained_layout.h_pad": 0.04,
    "figure.constrained_layout.w_pad": 0.04,
    "pdf.fonttype": 42,
    "svg.hashsalt": "lth",  # else element ids are drawn by lot
}

styled = mpl.rc_context(PARAMETERS)


def ramp(number: int) -> list[Any]:
    """`number` colours in order along the ramp, the dark end first."""
    return [RAMP[round(index * (len(RAMP) - 1) / max(number - 1, 1))] for index in range(number)]


def whiskers(
    axes: Axes,
    places: Sequence[Any] | np.ndarray,
    rates: Sequence[Interval],
    colour: str = BLACK,
    *,
    flat: bool = False,
) -> None:
    """A whisker per place from the low to the high end of its interval; `flat` = along the other axis."""
    for place, one in zip(places, rates, strict=True):
        reach = [[max(one.value - one.low, 0)], [max(one.high - one.value, 0)]]
        ends: dict[str, Any] = {"xerr": reach} if flat else {"yerr": reach}
        at = (one.value, place) if flat else (place, one.value)
        axes.errorbar(*at, **ends, fmt="none", ecolor=colour, elinewidth=0.8, capsize=1.5)
