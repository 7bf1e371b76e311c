"""What the files of conf/ say of themselves: their first comment, their values, and the comment behind each."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lth.command.compose import CONF
from lth.files.foreign import yaml_of

_VALUE = re.compile(r"( *)([A-Za-z_]\w*):(?: +(?:\"[^\"]*\"|\[[^\]]*\]|[^#\s]\S*))?(?: +# (.*))?\s*")
_ASIDE = ("defaults", "hydra", "_target_")


@dataclass(frozen=True)
class File:
    """One file: what it says it is, its values by dotted key, and what is said behind them."""

    name: str
    says: str
    values: Mapping[str, Any]
    comments: Mapping[str, str]


def read(path: Path) -> File:
    """A file of conf/."""
    text = path.read_text(encoding="utf-8")
    first = text.partition("\n")[0]
    says = first.removeprefix("# ") if first.startswith("# ") and not first.startswith("# @") else ""
    found = yaml_of(text.encode())
    values = dict(_flat({key: value for key, value in found.items() if key not in _ASIDE}))
    return File(path.stem, says, values, dict(_comments(text)))


def group(name: str) -> list[File]:
    """The files of a group of conf/, by name."""
    return [read(path) for path in sorted((CONF / name).glob("*.yaml"))]


def groups() -> list[str]:
    """The groups of conf/ that belong to a configuration, in the order of conf/config.yaml."""
    order = [next(iter(one)) for one in yaml_of((CONF / "config.yaml").read_bytes())["defaults"] if one != "_self_"]
    own = [name for name in order if (CONF / name).is_dir() and name != "experiment"]
    return [inner for name in own for inner in (name, *_within(name))]


def _within(name: str) -> list[str]:
    return [f"{name}/{path.name}" for path in sorted((CONF / name).iterdir()) if path.is_dir()]


def _flat(found: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in found.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _comments(text: str) -> Iterator[tuple[str, str]]:
    above: list[str] = []
    for match in filter(None, (_VALUE.fullmatch(line) for line in text.splitlines())):
        above = [*above[: len(match[1]) // 2], match[2]]
        if match[3]:
            yield ".".join(above), match[3]
