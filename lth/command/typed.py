"""What fingers get wrong on a command line, told before Hydra, which cannot know what was meant, is asked."""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from lth.settings import ConfigurationError
from lth.settings.conf import groups, presets

_NAMES = re.compile(r"[A-Za-z][\w-]*(,[A-Za-z][\w-]*)*")


def check_typed(arguments: Sequence[str]) -> None:
    """Raise ConfigurationError for spaces around = and behind commas, and for files that are chosen like keys."""
    padded = [*arguments, "-", "-"]
    for argument, following, third in zip(arguments, padded[1:], padded[2:], strict=False):
        _check_spaces(argument, following, third)
    for argument in arguments:
        _check_group(argument)


def _check_spaces(argument: str, following: str, third: str) -> None:
    if argument.startswith("-"):
        return
    alone = "=" not in following and not following.startswith("-")
    key, _, value = argument.partition("=")
    if following.startswith("="):
        value = following.removeprefix("=") or third
    elif argument.endswith("=") and alone:
        value = following
    elif argument.endswith(",") and alone:
        value += following
    else:
        return
    raise ConfigurationError(key or "…", value, "is written like this, without spaces")


def _check_group(argument: str) -> None:
    key, equal, value = argument.partition("=")
    group = key.lstrip("+").replace(".", "/")
    if not equal or group == key.lstrip("+") or group not in groups():
        return
    if not _NAMES.fullmatch(value) or value == "null":
        return
    if set(value.split(",")) <= set(presets(group)):
        raise ConfigurationError(key, value, f"chooses a file; is written {group}={value}")
    raise ConfigurationError(key, value, f"chooses a file, {group}=NAME with one of {', '.join(presets(group))}")


def meant(key: str, config: Mapping[str, Any]) -> str:
    """The keys of a configuration that may have been meant by one that it does not have; empty for none."""
    keys = list(_keys("", config))
    dotted = key.replace("/", ".")
    named = [one for one in keys if one == dotted or one.rpartition(".")[2] == dotted]
    return " or ".join(named[:3] or get_close_matches(dotted, keys, 1, 0.8))


def _keys(before: str, config: Mapping[str, Any]) -> Iterator[str]:
    for key, value in config.items():
        name = f"{before}.{key}".lstrip(".")
        if name != "hydra":
            yield name
            if isinstance(value, Mapping):
                yield from _keys(name, value)
