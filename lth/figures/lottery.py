"""Is the separated network still a winning ticket? Accuracy and epochs beside the dense network and the controls."""

from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from lth.collect import Missing, Tables
from lth.figures.page import Panel, page
from lth.figures.source import Source
from lth.figures.style import BLACK, BLUE, GREEN, LIGHT, PURPLE, VERMILION, styled
from lth.statistics import holm, mean_interval, paired

ORDER = {"dense": BLACK, "ticket": GREEN, "reinit": VERMILION, "shuffled": PURPLE, "continued": BLUE}
_COLUMNS = {"test_accuracy": "test accuracy", "epochs": "epochs until stopped"}


@styled
def draw(tables: Tables) -> Figure:
    """A row of panels per configuration: accuracy and epochs; a thin line per seed joins its pairs."""
    caption = (
        "Ticket: at its first separation, or at the last level of a seed that never separated (hollow). Reinit: same"
        " mask, new values; shuffled: mask shuffled within layers; continued: not rewound. Bars: mean with 95 % "
        "bootstrap interval. P: Wilcoxon's signed-rank test of the pairs with the ticket, Holm-corrected in a panel."
    )
    return page(tables, _panels, columns=2, height=2.0, caption=caption)


def _panels(source: Source) -> list[Panel]:
    rows = _rows(source)
    return [
        partial(_pairs, part, column, name)
        for name, part in source.facets(rows)
        for column in _COLUMNS
        if column in rows
    ]


def _rows(source: Source) -> pd.DataFrame:
    """Rows of table controls and of the dense level; without that table the ticket's own rows stand in."""
    levels = source.levels("status")
    dense = levels[levels["level"] == 0].assign(control="dense")
    controls = source.optional("controls", "control", "level")
    if controls is None:
        parted = levels[levels["status"] == "separated"].drop_duplicates(["run", "seed"])
        last = levels.drop_duplicates(["run", "seed"], keep="last")
        ticket = pd.concat([parted, last]).drop_duplicates(["run", "seed"])
        controls = ticket.assign(control="ticket", separated=ticket["status"] == "separated")
    elif (controls["control"] == "dense").any():
        return controls
    return pd.concat([dense, controls], ignore_index=True)


def _pairs(rows: pd.DataFrame, column: str, name: str, axes: Axes) -> None:
    table = rows.pivot_table(index=["run", "seed"], columns="control", values=column)
    order = [control for control in ORDER if control in table]
    if not order:
        raise Missing(f"no {column} of {name or 'any run'}")
    values = table[order].to_numpy(float)
    lines = [np.column_stack([range(len(order)), row]) for row in values]
    axes.add_collection(LineCollection(lines, colors=LIGHT, linewidths=0.5, alpha=0.8))
    separated = _separated(rows, table.index)
    for place, control in enumerate(order):
        for mine, face in ((separated, ORDER[control]), (~separated, "white")):
            look = {"mfc": face, "mec": ORDER[control], "ms": 3, "mew": 0.6}
            axes.plot(np.full(mine.sum(), place), values[mine, place], "o", **look)
        mean = mean_interval(values[:, place])
        axes.plot([place - 0.22, place + 0.22], [mean.value] * 2, color=BLACK, lw=1.4)
        axes.plot([place, place], [mean.low, mean.high], color=BLACK, lw=1)
    tests = _tests(table, order)
    axes.set_xticks(range(len(order)), [f"{control}\n{tests.get(control, '')}" for control in order], fontsize=6)
    axes.set_xlim(-0.5, len(order) - 0.5)
    axes.set(ylabel=_COLUMNS[column])
    axes.set_title(f"{name}, n = {len(table)}" if name else f"n = {len(table)}", loc="left")


def _separated(rows: pd.DataFrame, index: pd.Index) -> np.ndarray:
    if "separated" not in rows:
        return np.ones(len(index), dtype=bool)
    of = rows[rows["control"] == "ticket"].drop_duplicates(["run", "seed"]).set_index(["run", "seed"])["separated"]
    return ~(of.astype(float).reindex(index) == 0).to_numpy()


def _tests(table: pd.DataFrame, order: list[str]) -> dict[str, str]:
    others = [control for control in order if control != "ticket"] if "ticket" in order else []
    corrected = holm([paired(table["ticket"], table[control]) for control in others]) if others else []
    return {
        control: "P < 0.001" if p < 0.001 else f"P = {p:.2g}"
        for control, p in zip(others, corrected, strict=True)
        if not np.isnan(p)
    }
