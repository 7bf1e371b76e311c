"""What is asked for in Python, as the overrides that would be typed."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from lth.command.compose import quoted
from lth.settings import ConfigurationError

_GROUPS = ("criterion", "schedule", "rewind", "clock", "step", "effective")
_GEOMETRIC = ("rate", "target", "levels")
_NAME = re.compile(r"[A-Za-z_][\w-]*")


def seeds_asked(seeds: Any) -> str:
    """`seed=…` for one seed, several of them, or text as it would be typed."""
    if isinstance(seeds, str):
        return f"seed={seeds}"
    return f"seed={value(list(seeds) if isinstance(seeds, Iterable) else [seeds])}"


def hidden_asked(hidden: Any) -> str:
    """`model.hidden=…` for one size of all hidden layers, or a list with the size of each."""
    several = isinstance(hidden, Iterable) and not isinstance(hidden, str)
    return f"model.hidden={value(list(hidden) if several else hidden)}"


def arrays_asked(digest: str, file: Path) -> list[str]:
    """The dataset with this digest, which lies in this file."""
    return ["dataset=arrays", f"dataset.arrays={value(str(file))}", f"dataset.digest={value(digest)}"]


def pruning_asked(pruning: str | Mapping[str, Any]) -> Iterator[str]:
    """A preset's name; or keys of `pruning`, of which rate, target and levels are those of a geometric schedule.

    A part's name chooses it (`criterion="movement"`), a mapping sets its keys. Raises ConfigurationError.
    """
    if isinstance(pruning, str):
        yield f"pruning={choice('pruning', pruning)}"
        return
    if not isinstance(pruning, Mapping):
        raise ConfigurationError(
            "pruning",
            pruning,
            "must be a preset's name, or a mapping of its keys; of several, each in a call of its own",
        )
    if "preset" in pruning:
        yield f"pruning={choice('pruning', pruning['preset'])}"
    if any(key in _GEOMETRIC for key in pruning) and not isinstance(pruning.get("schedule"), str):
        yield "pruning/schedule=geometric"
    for key, one in pruning.items():
        if key == "preset":
            continue
        if key in _GROUPS and isinstance(one, str):
            yield f"pruning/{key}={choice(f'pruning/{key}', one)}"
        else:
            place = f"pruning.schedule.{key}" if key in _GEOMETRIC else f"pruning.{key}"
            yield from leaves(place, one)


def leaves(key: str, given: Any) -> Iterator[str]:
    """The overrides that set a key, or the keys below it."""
    if isinstance(given, Mapping):
        for name, inner in given.items():
            yield from leaves(f"{key}.{name}", inner)
    else:
        yield f"{key}={value(given)}"


def choice(group: str, name: Any) -> str:
    """The name of a file in conf/. Raises ConfigurationError for what can be none."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ConfigurationError(group, name, "must be a name")
    return name


def value(given: Any) -> str:
    """A value of Python's, or a number of numpy's, in Hydra's grammar."""
    if hasattr(given, "item") and not isinstance(given, str):
        given = given.item()
    if given is None or isinstance(given, bool):
        return {None: "null", True: "true", False: "false"}[given]
    if isinstance(given, int | float):
        return repr(given)
    if isinstance(given, list | tuple):
        return f"[{','.join(map(value, given))}]"
    return quoted(str(given))
