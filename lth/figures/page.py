"""A page of panels: each is drawn, or says what it lacks; what is seen above, what it means and of how many below."""

import math
import textwrap
from collections.abc import Callable, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth.collect import Missing, Tables
from lth.figures.source import Source
from lth.figures.style import BLACK, HEAD, NOTE, PAGE, SMALL, VERMILION
from lth.figures.words import glossary

Panel = Callable[[Axes], None]
MISSING = "missing"  # gid of every text that says what a figure lacks
HEADLINE = "headline"  # that of the text that says what is seen

_LINE = 0.125  # inches of a line of small text
_LETTER = 0.057
_TITLE_LINE, _TITLE_LETTER = 0.165, 0.074  # of the headline
_EMPTY = 1.2  # inches of a page without anything to draw


def page(
    tables: Tables,
    panels: Callable[[Source], Sequence[Panel]],
    *,
    columns: int | Callable[[Source], int] = 1,
    height: float | Callable[[Source], float] = 2.2,
    width: float = PAGE,
    caption: str = "",
    finish: Callable[[Figure], None] | None = None,
    **shared: Any,
) -> Figure:
    """Draw the panels that `panels` makes of the tables, `columns` beside each other, `height` inches each.

    Both may depend on what the tables hold. A panel, or `panels` itself, that raises Missing leaves a panel with that
    message. `caption`, the words' meanings and the numbers of runs stand below, above the panels what `Source.headline`
    was told. `finish` adds what belongs to all panels; `shared` goes to `Figure.subplots` (sharex, sharey).
    """
    source = Source(tables)
    try:
        found = list(panels(source)) or [_lacks("nothing to draw")]
        columns = columns(source) if callable(columns) else columns
        height = height(source) if callable(height) else height
    except Missing as fault:
        found, finish, shared, columns, height = [_lacks(str(fault))], None, {}, 1, _EMPTY
    figure = Figure(figsize=(width, height), layout="constrained")
    rows = _draw(figure, found, min(columns, len(found)), shared)
    if finish and any(axes.has_data() for axes in figure.axes):
        finish(figure)
    top, legend = _headline(figure, source.seen), _legend(figure)
    below = _footer(figure, " ".join([caption, *source.remarks]), source)
    _lay_out(figure, rows * height, top, legend, below)
    return figure


def _lay_out(figure: Figure, panels: float, top: float, legend: float, below: float) -> None:
    """Give headline, legend, panels and what stands below them their heights, in inches."""
    whole = panels + top + legend + below
    figure.set_figheight(whole)
    for one in figure.legends:
        one.set_bbox_to_anchor((0.5, 1 - top / whole), figure.transFigure)
    engine = figure.get_layout_engine()
    assert engine is not None
    engine.set(rect=(0, below / whole, 1, 1 - (below + top + legend) / whole))  # type: ignore[call-arg]


def _draw(figure: Figure, panels: Sequence[Panel], columns: int, shared: dict[str, Any]) -> int:
    """Every panel in its axes, or what it lacks; the number of rows."""
    rows = math.ceil(len(panels) / columns)
    grid = figure.subplots(rows, columns, squeeze=False, **shared).flatten().tolist()
    room = int((figure.get_figwidth() / columns - 0.35) / (1.1 * _LETTER))  # titles are larger than small text
    for axes, panel in zip(grid, panels, strict=False):
        try:
            panel(axes)
        except Missing as fault:
            _blank(axes, str(fault))
        axes.set_title("\n".join(textwrap.fill(part, room) for part in axes.get_title("left").split("\n")), loc="left")
    for axes in grid[len(panels) :]:
        axes.set_axis_off()
    return rows


def lacks(figure: Figure) -> list[str]:
    """What a figure says that it lacks, each once."""
    texts = [text for axes in figure.axes for text in axes.texts] + list(figure.texts)
    return list(dict.fromkeys(" ".join(text.get_text().split()) for text in texts if text.get_gid() == MISSING))


def _lacks(message: str) -> Panel:
    def panel(_: Axes) -> None:
        raise Missing(message)

    return panel


def _blank(axes: Axes, message: str) -> None:
    axes.clear()
    axes.set_axis_off()
    room = axes.figure.get_figwidth() / max(axes.get_subplotspec().get_gridspec().ncols, 1)  # type: ignore[union-attr]
    text = textwrap.fill(message, max(int(0.8 * room / _LETTER), 16))
    axes.text(
        0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", fontsize=SMALL, color=VERMILION, gid=MISSING
    )


def _legend(figure: Figure) -> float:
    """One legend above all panels for what has a label in panels without their own; returns its height in inches."""
    named: dict[str, Any] = {}
    for axes in figure.axes:
        if axes.get_legend():
            continue
        for handle, name in zip(*axes.get_legend_handles_labels(), strict=True):
            named.setdefault(name, handle)
    if not named:
        return 0.0
    widest = max(len(name) for name in named) * _LETTER + 0.42
    columns = max(min(len(named), int(figure.get_figwidth() / widest)), 1)
    figure.legend(named.values(), named.keys(), loc="upper center", ncols=columns, borderaxespad=0.1)
    return math.ceil(len(named) / columns) * 0.16 + 0.08


def _headline(figure: Figure, text: str) -> float:
    """What is seen, in large letters at the top; returns its height in inches."""
    if not text:
        return 0.0
    lines = textwrap.wrap(text, int((figure.get_figwidth() - 0.1) / _TITLE_LETTER))
    figure.text(
        0.05 / figure.get_figwidth(), 0.995, "\n".join(lines), va="top", fontsize=HEAD, fontweight="bold",
        color=BLACK, gid=HEADLINE, linespacing=1.15,
    )  # fmt: skip
    return len(lines) * _TITLE_LINE + 0.08


def _footer(figure: Figure, caption: str, source: Source) -> float:
    """Caption, meanings, numbers of runs and what is missing, small at the bottom; returns its height in inches."""
    letters = int((figure.get_figwidth() - 0.1) / (0.95 * _LETTER))
    missing = f"missing: {'; '.join(source.notes)}" if source.notes else ""
    try:
        counts = source.counts()
    except Missing as fault:
        counts, missing = "n = 0 runs", f"missing: {fault}"
    meanings = " ".join(filter(None, (caption.strip(), glossary(figure))))
    blocks = [textwrap.wrap(text, letters) for text in (missing, counts, meanings)]
    height = 0.04
    for lines, gid in zip(blocks, (MISSING, "counts", "caption"), strict=True):
        if lines:
            figure.text(
                0.05 / figure.get_figwidth(), height, "\n".join(lines), transform=_inches(figure), va="bottom",
                fontsize=SMALL, color=VERMILION if gid == MISSING else NOTE, gid=gid, linespacing=1.2,
            )  # fmt: skip
            height += len(lines) * _LINE
    return height + 0.04


def _inches(figure: Figure) -> Any:
    """x in shares of the figure, y in inches from its bottom: the height of the figure changes afterwards."""
    from matplotlib.transforms import blended_transform_factory

    return blended_transform_factory(figure.transFigure, figure.dpi_scale_trans)
