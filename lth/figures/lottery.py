"""Is the separated network still a winning ticket? Test errors and epochs beside the dense network and the controls."""

from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from lth.collect import Missing, Tables
from lth.figures.lines import RUN
from lth.figures.page import Panel, page
from lth.figures.source import Source
from lth.figures.style import BLACK, BLUE, GREEN, LIGHT, PURPLE, VERMILION, styled
from lth.statistics import holm, median_interval, paired

ORDER = {"dense": BLACK, "ticket": GREEN, "reinit": VERMILION, "shuffled": PURPLE, "continued": BLUE}
_COLUMNS = {"error": "test error, % of the samples", "epochs": "epochs until stopped"}
_LEAST = 0.01  # per cent: below it an axis of errors is linear, where no seed errs as seldom as that


@styled
def draw(tables: Tables) -> Figure:
    """A row of panels per configuration: errors and epochs; a thin line per seed joins its pairs."""
    caption = (
        "Ticket: at its first separation, or at the last level of a seed that never separated (hollow). Dense: level "
        "0. Reinit: same mask, new values; shuffled: mask shuffled within layers; continued: not rewound. Bars: "
        "median with its 95 % interval (order statistics); below them the median. P: Wilcoxon's signed-rank test of "
        "the pairs with the ticket, Holm-corrected over all tests of this figure."
    )
    return page(tables, _panels, columns=2, height=2.0, caption=caption)


def _panels(source: Source) -> list[Panel]:
    rows = _rows(source)
    if "test_accuracy" in rows:
        rows = rows.assign(error=100 * (1 - rows["test_accuracy"]))
    columns = [column for column in _COLUMNS if column in rows]
    parts = [(name, part, column) for name, part in source.facets(rows) for column in columns]
    pairs = [part.pivot_table(index=RUN, columns="control", values=column) for _, part, column in parts]
    tests = one_family(pairs)
    if parts:
        source.headline(_seen(rows, columns))
    return [
        partial(_pairs, part, column, name, table, mine)
        for (name, part, column), table, mine in zip(parts, pairs, tests, strict=True)
    ]


def _rows(source: Source) -> pd.DataFrame:
    """Rows of table controls and of the dense level; without that table the ticket's own rows stand in."""
    levels = source.levels("status")
    dense = levels[levels["level"] == 0].assign(control="dense")
    controls = source.optional("controls", "control", "level")
    if controls is None:
        parted = levels[levels["status"] == "separated"].drop_duplicates(RUN)
        last = levels.drop_duplicates(RUN, keep="last")
        ticket = pd.concat([parted, last]).drop_duplicates(RUN)
        controls = ticket.assign(control="ticket", separated=ticket["status"] == "separated")
    elif (controls["control"] == "dense").any():
        return controls
    return pd.concat([dense, controls], ignore_index=True)


def one_family(pairs: list[pd.DataFrame]) -> list[dict[str, float]]:
    """Per table of pairs (a row a seed, a column a control) the p of every control against the ticket.

    All of them together are one family, corrected after Holm; what cannot be tested is left out.
    """
    asked = [
        (number, control, paired(table["ticket"], table[control]))
        for number, table in enumerate(pairs)
        for control in ORDER
        if control != "ticket" and control in table and "ticket" in table
    ]
    found: list[dict[str, float]] = [{} for _ in pairs]
    for (number, control, _), p in zip(asked, holm([p for _, _, p in asked]) if asked else [], strict=True):
        if not np.isnan(p):
            found[number][control] = p
    return found


def _seen(rows: pd.DataFrame, columns: list[str]) -> str:
    """The medians over all configurations, per control."""
    middle = rows.groupby("control")[columns].median()
    known = [control for control in ORDER if control in middle.index]
    parts = []
    if "error" in columns:
        parts.append("median test error: " + ", ".join(f"{one} {middle.loc[one, 'error']:.2g} %" for one in known))
    if "epochs" in columns and {"ticket", "dense"} <= set(known):
        parts.append(f"tickets train {middle.loc['ticket', 'epochs'] / middle.loc['dense', 'epochs']:.1f} × as long")
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}" + " as dense" * text.endswith("as long")


def _pairs(
    rows: pd.DataFrame, column: str, name: str, table: pd.DataFrame, tests: dict[str, float], axes: Axes
) -> None:
    order = [control for control in ORDER if control in table]
    if not order:
        raise Missing(f"no {column} of {name or 'any run'}")
    values = table[order].to_numpy(float)
    aside = 0.24 * ((np.arange(len(values)) + 0.5) / len(values) - 0.5)  # no seed hides another
    lines = [np.column_stack([np.arange(len(order)) + shift, row]) for shift, row in zip(aside, values, strict=True)]
    axes.add_collection(LineCollection(lines, colors=LIGHT, linewidths=0.5, alpha=0.8))
    separated = _separated(rows, table.index)
    texts = []
    for place, control in enumerate(order):
        for mine, face in ((separated, ORDER[control]), (~separated, "white")):
            look = {"mfc": face, "mec": ORDER[control], "ms": 2.6, "mew": 0.6}
            axes.plot(place + aside[mine], values[mine, place], "o", **look)
        middle = median_interval(values[:, place])
        axes.plot([place - 0.22, place + 0.22], [middle.value] * 2, color=BLACK, lw=1.4)
        axes.plot([place, place], [middle.low, middle.high], color=BLACK, lw=1.2)
        texts.append("\n".join(filter(None, (control, f"{middle.value:.3g}", _p(tests.get(control))))))
    axes.set_xticks(range(len(order)), texts, fontsize=6)
    axes.set_xlim(-0.5, len(order) - 0.5)
    axes.set(ylabel=_COLUMNS[column])
    axes.set_title(f"{name}, n = {len(table)}" if name else f"n = {len(table)}", loc="left")
    if column == "error":
        _errors(axes, values)


def _errors(axes: Axes, values: np.ndarray) -> None:
    """A logarithmic axis that has a place for no error at all."""
    least = max(float(np.nanmin(values[values > 0], initial=100.0)), _LEAST)
    axes.set_yscale("symlog", linthresh=least, linscale=0.4)
    axes.set_ylim(-0.15 * least, 130)
    ticks = [0.0, *(tick for tick in (0.01, 0.1, 1.0, 10.0, 100.0) if tick >= least)]
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])


def _p(p: float | None) -> str:
    return "" if p is None else "P < 0.001" if p < 0.001 else f"P = {p:.2g}"


def _separated(rows: pd.DataFrame, index: pd.Index) -> np.ndarray:
    if "separated" not in rows:
        return np.ones(len(index), dtype=bool)
    of = rows[rows["control"] == "ticket"].drop_duplicates(RUN).set_index(RUN)["separated"]
    return ~(of.astype(float).reindex(index) == 0).to_numpy()
