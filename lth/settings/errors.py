"""What is wrong with a configuration, said in one line: the key, its value, and what is allowed."""

import re
from collections.abc import Sequence
from typing import Any

_LONGEST = 60


class ConfigurationError(ValueError):
    """A configuration that cannot be run; its text is one line with key, value and what is allowed."""

    def __init__(self, key: str, value: Any, allowed: str) -> None:
        super().__init__(key, value, allowed)
        self.key, self.value, self.allowed = key, value, allowed

    def __str__(self) -> str:
        return one_line(f"{self.key}={written(self.value)}: {self.allowed}")


class GridError(ValueError):
    """The bad cells of a sweep, one line each; no job has started."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__(tuple(lines))
        self.lines = tuple(lines)

    def __str__(self) -> str:
        return "\n".join(self.lines)


class SweepError(RuntimeError):
    """A sweep of which some jobs failed, these by name; the others finished."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(tuple(names))
        self.names = tuple(names)

    def __str__(self) -> str:
        return f"failed: {', '.join(self.names)}"


def written(value: Any) -> str:
    """A value as it is typed on the command line, shortened."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, dict):
        text = f"{{{','.join(f'{key}:{written(item)}' for key, item in value.items())}}}"
    elif isinstance(value, list | tuple):
        text = f"[{','.join(written(item) for item in value[:20])}]"
    else:
        text = str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def one_line(text: str) -> str:
    """The text with every run of white space, line breaks included, as one space."""
    return " ".join(text.split())


def from_value_error(error: BaseException, group: str, given: Any) -> ConfigurationError:
    """What a pure function refused, as an error of the configuration group whose values it got.

    Pure functions say `name=value: what is allowed`; then the key is `group.name`, else `group` itself.
    """
    if isinstance(error, ConfigurationError):
        return error
    text = one_line(str(error))
    if not isinstance(error, ValueError):
        text = f"refused ({type(error).__name__}: {text})"
    named = re.fullmatch(r"([A-Za-z_]\w*)=([^,:]*): (.*)", text)
    if named and isinstance(given, dict) and named[1] in given:
        return ConfigurationError(f"{group}.{named[1]}", given[named[1]], named[3])
    return ConfigurationError(group, _name(given), text)


def _name(given: Any) -> Any:
    return given.get("_target_", "…") if isinstance(given, dict) else given
