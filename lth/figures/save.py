"""Writing a figure: PDF, SVG and PNG, the same bytes every time, with the command that made it in the metadata."""

import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from lth.figures.style import styled
from lth.files.atomic import write_atomic

FORMATS = ("pdf", "svg", "png")
_DOTS = 200  # per inch


@styled
def save(figure: Figure, folder: Path, name: str, command: str, formats: Sequence[str] = FORMATS) -> list[Path]:
    """Write `folder`/`name`.FORMAT for every format; returns the paths. Raises RecordError."""
    paths = []
    command = os.fsencode(command).decode(errors="replace")  # a folder's name may be no text in any encoding
    for kind in formats:
        page = io.BytesIO()
        figure.savefig(page, format=kind, dpi=_DOTS, metadata=_metadata(kind, name, command))
        paths.append(folder / f"{name}.{kind}")
        write_atomic(paths[-1], page.getvalue())
    return paths


def _metadata(kind: str, name: str, command: str) -> dict[str, Any]:
    """None leaves out what matplotlib would put in: the time, and its version."""
    if kind == "pdf":
        return {"Title": name, "Subject": command, "CreationDate": None, "Creator": None, "Producer": None}
    if kind == "svg":
        return {"Title": name, "Description": command, "Date": None, "Creator": None}
    return {"Title": name, "Description": command, "Software": None}
