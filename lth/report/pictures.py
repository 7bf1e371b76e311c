"""The figures of an experiment inside the page, drawn from the tables that were collected beside its runs."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # importing it takes a second, which a page without figures need not wait
    from matplotlib.figure import Figure

_DOTS = 150  # per inch
_PIXELS = 86  # of the page per inch: letters as large in one figure as in another
_LARGEST_SVG = 60_000  # bytes: above it a lossless WebP is several times smaller, and quicker to show


@dataclass(frozen=True)
class Picture:
    """A figure as a data address, its name, its width in the page's pixels, and what it says of what it lacks."""

    name: str
    address: str
    width: int
    lacks: tuple[str, ...]


def pictures(folder: Path) -> list[Picture]:
    """All figures of the experiments whose tables lie in `folder` or in its `tables`; none without tables.

    Tables are not made here: null models take minutes. `make NAME` collects them. Raises nothing for a figure that
    cannot be drawn: it then says so itself.
    """
    return [picture for place in (folder / "tables", folder) if place.is_dir() for picture in _drawn(place)]


def _drawn(tables: Path) -> Iterator[Picture]:
    if not any(tables.glob("*.levels.parquet")):
        return
    from lth.collect import CollectError
    from lth.figures.catalogue import EXPERIMENTS, drawings
    from lth.figures.page import lacks
    from lth.figures.reading import read

    for experiment in (name for name in EXPERIMENTS if (tables / f"{name}.levels.parquet").exists()):
        try:
            found = read(tables, experiment)
            for job in drawings(experiment):
                figure = job.draw(found)
                width = round(_PIXELS * figure.get_figwidth())
                yield Picture(job.name, _address(figure), width, tuple(lacks(figure)))
        except CollectError as fault:
            yield Picture(experiment, "", 0, (str(fault),))


def _address(figure: Figure) -> str:
    """The figure as SVG, or as WebP where that is large, in a data: address."""
    from lth.figures.style import styled

    @styled
    def saved(kind: str, **options: Any) -> bytes:
        page = io.BytesIO()
        figure.savefig(page, format=kind, dpi=_DOTS, **options)
        return page.getvalue()

    content, kind = saved("svg", metadata={"Date": None, "Creator": None}), "svg+xml"
    if len(content) > _LARGEST_SVG:
        content, kind = saved("webp", pil_kwargs={"lossless": True, "quality": 100, "method": 6}), "webp"
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
