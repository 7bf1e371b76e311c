"""Is it the splitting or the sparsity? What single weights do to a ticket, beside as many others of its weights."""

from __future__ import annotations

from functools import partial

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth.collect import Missing, Tables
from lth.evidence.bridge import CONTRASTS, Bridge, bridge
from lth.figures.page import Panel, page
from lth.figures.source import Source
from lth.figures.style import BLACK, BLUE, GREEN, ORANGE, SMALL, styled, whiskers
from lth.statistics import Interval

_WORDS = {
    "bridge - ticket": "one weight that joins\nless none",
    "within - ticket": "one weight within\nless none",
    "bridge - within": "joins less within",
    "cut - before": "cut one level early\nless uncut",
    "random_cut - before": "others cut\nless uncut",
    "cut - random_cut": "cut less others cut",
    "swapped - ticket": "another seed's mask\nless its own",
    "swapped - reinit": "another seed's mask\nless new values",
}
_COLOURS = {"bridge": BLUE, "within": BLUE, "cut": ORANGE, "random_cut": ORANGE, "swapped": GREEN}
_PANELS = {
    "test_accuracy": ("test accuracy, points", 100),
    "epochs_best": ("epochs to the smallest\nvalidation loss", 1),
    "wins_best": ("share that wins:\nsmallest loss as soon", 1),
    "wins_99": ("share that wins:\n99 % as soon", 1),
}


@styled
def draw(tables: Tables) -> Figure:
    """A panel per measure, a row per contrast: the mean difference of its pairs with its interval."""
    caption = (
        "Every row: the mean difference of pairs of the same run, both trained again from the same rewound values, "
        "with the 95 % interval of a bootstrap over the data seeds; n: pairs. At the first separated level one weight "
        "is added that joins the subnetworks, or one within a subnetwork; one level before, the least cut is taken "
        "out, or as many other weights of the same layers. Filled: against a control that changes as many weights."
    )
    return page(tables, _panels, columns=len(_PANELS), height=3.0, caption=caption, sharey="all")


def _panels(source: Source) -> list[Panel]:
    found = bridge(source.table("controls", "control", "status", "separated", "reproduced", "dataset.seed"))
    return [partial(_differences, found, measure) for measure in _PANELS]


def _differences(found: Bridge, measure: str, axes: Axes) -> None:
    rows = found.table[(found.table["measure"] == measure) & (found.table["n"] > 0)].set_index("contrast")
    if rows.empty:
        raise Missing(f"no pairs of {measure}")
    title, scale = _PANELS[measure]
    names = [f"{left} - {right}" for left, right in CONTRASTS]
    known = rows.to_dict("index")
    for place, name in enumerate(names):
        if name in known:
            _difference(axes, place, name, known[name], scale)
    labels = [f"{_WORDS[name]}, n = {rows['n'].get(name, 0)}" for name in names]
    axes.axvline(0, color=BLACK, lw=0.6)
    axes.set_yticks(range(len(names)), labels, fontsize=SMALL)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_title(title, loc="left")


def _difference(axes: Axes, place: int, name: str, row: dict, scale: float) -> None:
    left, _, right = name.partition(" - ")
    colour = _COLOURS[left]
    value, low, high = (scale * float(row[column]) for column in ("difference", "low", "high"))
    whiskers(axes, [place], [Interval(value, low, high, int(row["n"]))], colour, flat=True)
    face = colour if right in ("within", "random_cut", "reinit") else "white"
    axes.plot(value, place, "o", mfc=face, mec=colour, ms=4)
