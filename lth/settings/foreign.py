"""What a run folder may say of what is built from it: it may come from anyone, the command line is the user's own."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from lth.settings.targets import OWN, defined_inside, inside

TARGET = "_target_"
_PARTS = tuple(f"pruning.{part}" for part in ("criterion", "rewind", "clock", "step", "effective"))
PIECES = ("dataset", *_PARTS, "penalty", "learning_rate", "optimizer")
# Where files are written and read, outside the run folder; not dataset.folder, whose files are known by their MD5.
_PLACES = ("dataset.data_home", "dataset.arrays", "origin.folder")
_NAME = re.compile(r"[A-Za-z]\w*(\.[A-Za-z]\w*)+", re.ASCII)
_SPECIAL = re.compile(r"_\w+_")

Leaf = tuple[str, Any]


@dataclass(frozen=True)
class Named:
    """What this command line names itself: values by key, and the modules that its `_target_`s lie in."""

    values: Mapping[str, Any]
    modules: frozenset[str]


def named(said: Iterable[Leaf]) -> Named:
    """What these keys and values of a command line name."""
    said = list(said)
    targets = [str(value) for key, value in said if _last(key) == TARGET]
    return Named(dict(said), frozenset(filter(None, (target.rpartition(".")[0] for target in targets))))


def leaves(key: str, value: Any) -> Iterator[Leaf]:
    """Every value within a value, with its key; places in lists are no keys."""
    if isinstance(value, Mapping):
        for part, inner in value.items():
            yield from leaves(f"{key}.{part}".lstrip("."), inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from leaves(key, inner)
    else:
        yield key, value


def fault(key: str, value: Any, own: Named) -> str | None:
    """Why a folder may not say this, None where it may; modules that the command line names may be imported."""
    if _last(key) == TARGET and key.removesuffix(f".{TARGET}") in PIECES:
        packages = " and ".join(OWN)
        return None if _may_build(value, own.modules) else f"builds from outside {packages}"
    if _SPECIAL.fullmatch(_last(key)):
        return "builds something inside what is built"
    if key in _PLACES and value is not None and own.values.get(key) != value:
        return "is a place outside the folder"
    return None


def nested(group: str, given: Mapping[str, Any]) -> Leaf | None:
    """The first key within a piece that asks for something else to be built, or says how."""
    found = (leaf for leaf in leaves(group, given) if _SPECIAL.fullmatch(_last(leaf[0])))
    return next((leaf for leaf in found if leaf[0] != f"{group}.{TARGET}"), None)


def _may_build(target: Any, modules: frozenset[str]) -> bool:
    if not isinstance(target, str) or not _NAME.fullmatch(target):
        return False
    if inside(target, OWN):
        return True  # what it is, is seen when it is looked up
    module, _, name = target.rpartition(".")
    if not inside(module, modules):
        return False
    try:
        return defined_inside(vars(import_module(module)).get(name), modules)
    except ImportError:
        return False


def _last(key: str) -> str:
    return key.rpartition(".")[2]
