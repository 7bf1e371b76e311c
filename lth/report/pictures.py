"""The figures of an experiment inside the page, drawn from the tables that were collected beside its runs."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # importing it takes a second, which a page without figures need not wait
    from matplotlib.figure import Figure

_DOTS = 110  # per inch
_LARGEST_SVG = 150_000  # bytes: above it the PNG is smaller, and quicker to show


@dataclass(frozen=True)
class Picture:
    """A figure as a data address, its name, and what it says of what it lacks."""

    name: str
    address: str
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
                yield Picture(job.name, _address(figure), tuple(lacks(figure)))
        except CollectError as fault:
            yield Picture(experiment, "", (str(fault),))


def _address(figure: Figure) -> str:
    """The figure as SVG, or as PNG where that is large, in a data: address."""
    from lth.figures.style import styled

    @styled
    def saved(kind: str) -> bytes:
        page = io.BytesIO()
        metadata = {"Date": None, "Creator": None} if kind == "svg" else {"Software": None}
        figure.savefig(page, format=kind, dpi=_DOTS, metadata=metadata)
        return page.getvalue()

    content, kind = saved("svg"), "svg+xml"
    if len(content) > _LARGEST_SVG:
        content, kind = saved("png"), "png"
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
