"""Reading a page as its script does: the packed seeds, by a second, plain reader."""

import base64
import json
import zlib
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np

from lth.report import write

_TYPES = {"u1": "<u1", "u4": "<u4", "i1": "<i1", "i2": "<i2"}


@dataclass
class Page(HTMLParser):
    """The elements of a page, its text, and what stands in script and style."""

    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    inside: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()
        self._open = ""

    @classmethod
    def of(cls, path: Path) -> "Page":
        page = cls()
        page.feed(path.read_text(encoding="utf-8"))
        page.close()
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._open = f"{tag} {dict(attrs).get('type', '')}".strip() if tag in ("script", "style") else ""

    def handle_endtag(self, tag: str) -> None:
        self._open = ""

    def handle_data(self, data: str) -> None:
        (self.inside.setdefault(self._open, []) if self._open else self.text).append(data)

    @property
    def data(self) -> list[dict[str, Any]]:
        return json.loads("".join(self.inside["script application/json"]))


def unpacked(text: str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Head and arrays of a packed seed."""
    data = zlib.decompress(base64.b64decode(text))
    length = int.from_bytes(data[:4], "little")
    head = json.loads(data[4 : 4 + length])
    arrays = {
        name: np.frombuffer(data, _TYPES[one["type"]], one["length"], 4 + length + one["at"])
        for name, one in head["arrays"].items()
    }
    return head, arrays


def page_of(folder: Path, seeds: int | None = None) -> tuple[Page, list[str]]:
    """The page of a folder, read back, and what was left out of it."""
    notes = write(folder, folder / "report.html", seeds=seeds)
    return Page.of(folder / "report.html"), notes
