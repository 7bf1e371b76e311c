"""Writing a figure: PDF, SVG and PNG, the same bytes every time, with the command that made it in the metadata."""

import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from PIL import Image
from PIL.PngImagePlugin import PngInfo

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
        metadata = _metadata(kind, name, command)
        figure.savefig(page, format=kind, dpi=_DOTS, metadata=metadata)
        paths.append(folder / f"{name}.{kind}")
        write_atomic(paths[-1], _small(page, metadata) if kind == "png" else page.getvalue())
    return paths


def _small(page: io.BytesIO, texts: dict[str, Any]) -> bytes:
    """The PNG with a palette of its 256 most telling colours: a third of the bytes, and no eye sees it."""
    kept = PngInfo()
    for key in filter(texts.get, texts):
        kept.add_text(key, texts[key])
    small = io.BytesIO()
    with Image.open(page) as image:
        flat = image.convert("RGB").quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        flat.save(small, "png", optimize=True, dpi=(_DOTS, _DOTS), pnginfo=kept)
    return small.getvalue()


def _metadata(kind: str, name: str, command: str) -> dict[str, Any]:
    """None leaves out what matplotlib would put in: the time, and its version."""
    if kind == "pdf":
        return {"Title": name, "Subject": command, "CreationDate": None, "Creator": None, "Producer": None}
    if kind == "svg":
        return {"Title": name, "Description": command, "Date": None, "Creator": None}
    return {"Title": name, "Description": command, "Software": None}
