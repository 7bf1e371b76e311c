"""`--resume DIR`: the overrides that the run or sweep in DIR was started with, as far as a folder may say them."""

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import ChoiceSweep, Glob, Override, QuotedString

from lth.command.compose import quoted
from lth.files.foreign import content, yaml_of
from lth.settings import ConfigurationError
from lth.settings.conf import CONF
from lth.settings.foreign import Leaf, Named, fault, leaves, named

RESUME = "--resume"
_RECORDS = (("multirun.yaml", "hydra.sweep.dir", ("-m",)), (".hydra/hydra.yaml", "hydra.run.dir", ()))
# By the program itself: where DIR lies now says the folders, and the record of a run has one place.
_WRITTEN = ("hydra.mode", "hydra.run.dir", "hydra.sweep.dir", "hydra.output_subdir")
_SWEEPING = re.compile(r"hydra\.(launcher|sweeper|sweep)\b.*")  # nothing to one stack alone
# How a sweep's stacks are called, and which of its sizes it has; `lth_sweeper` refuses names that lead out of it.
_REPLAYED = re.compile(r"hydra\.(sweep\.subdir|sweeper\.max_(rung|batch_size)|job\.config\.override_dirname\.\w+)")
_KEY = re.compile(r"[A-Za-z_][\w-]*([./][A-Za-z_][\w-]*)*", re.ASCII)
_CHOICE = re.compile(r"[\w-]+")  # a file of conf/, and no path to another
_PLAIN = re.compile(r"([^$]|\$\{(hydra:)?[A-Za-z_][\w.]*\})*")  # of interpolations those that run no resolver


def resumed(arguments: Sequence[str]) -> list[str]:
    """`--resume DIR` replaced by the overrides recorded in DIR; others come after.

    Raises ConfigurationError for a record that is broken, or that says what only a command line may.
    """
    arguments = [part for given in arguments for part in _split(given)]
    if RESUME not in arguments:
        return arguments
    place = arguments.index(RESUME)
    folder = Path(arguments[place + 1] if place + 1 < len(arguments) else "")
    others = [*arguments[:place], *arguments[place + 2 :]]
    recorded = record_in(folder)
    key, flags = next((key, flags) for name, key, flags in _RECORDS if folder / name == recorded)
    own = _allowed(recorded, others, sweep=bool(flags))
    return [*flags, *own, *others, f"{key}={quoted(str(folder))}"]


def record_in(folder: Path) -> Path:
    """The file in which this folder says how it was started. Raises ConfigurationError where there is none."""
    for name, _, _ in _RECORDS:
        if (folder / name).is_file():
            return folder / name
    raise ConfigurationError(RESUME, folder, "must be the folder of a run or a sweep that was started before")


def recorded(folder: Path, others: Sequence[str]) -> list[str]:
    """The overrides that a run folder records; none where it has no record. `others` are this command line's.

    Raises ConfigurationError for a record that is broken, or that says what only a command line may.
    """
    return list(_allowed(folder / _RECORDS[1][0], others, sweep=False)) if has_record(folder) else []


def has_record(folder: Path) -> bool:
    """Whether a run folder tells how it was composed."""
    return (folder / _RECORDS[1][0]).is_file()


def _split(argument: str) -> list[str]:
    return argument.split("=", 1) if argument.startswith(f"{RESUME}=") else [argument]


def _allowed(path: Path, others: Sequence[str], *, sweep: bool) -> Iterator[str]:
    """The overrides of a record that may be replayed. Raises ConfigurationError for the first other one.

    What this command line says itself is left out where the folder may not say it.
    """
    typed = _typed(others)
    for line in _given(path):
        override = _parsed(line)
        key = "" if override is None else override.key_or_group
        dotted = key.replace("/", ".")
        if key in _WRITTEN or (not sweep and _SWEEPING.fullmatch(dotted)):
            continue
        why = "is no override" if override is None else _fault(line, override, typed)
        if why is None:
            yield line
        elif key in typed.values or (dotted.startswith("hydra.") and _is_below(dotted, typed)):
            print(f"{RESUME}: left out, since this command line says it: {line}", file=sys.stderr)
        else:
            allowed = f"{why}, which is not taken from {path}; if you want it, name it again on this command line"
            raise ConfigurationError(key or line, line.partition("=")[2], allowed)


def _is_below(dotted: str, typed: Named) -> bool:
    return any(dotted.startswith(f"{key.replace('/', '.')}.") for key in typed.values)


def _fault(line: str, override: Override, typed: Named) -> str | None:
    """Why a folder may not say this, None where it may."""
    key = override.key_or_group
    if override.package is not None or not _KEY.fullmatch(key):
        return "is put elsewhere in the configuration"
    if not _PLAIN.fullmatch(line):
        return "has an interpolation other than ${key}"
    said = list(_leaves(override))
    if re.match(r"hydra\b", key):
        replayed = _REPLAYED.fullmatch(key) or (key, override.value()) == ("hydra/launcher", "pool")
        return None if replayed and all(name == key for name, _ in said) else "changes how the program runs"
    if (CONF / key).is_dir() and not all(_CHOICE.fullmatch(str(value)) for name, value in said if name == key):
        return "is no name of a file in conf/"
    return next(filter(None, (fault(name, value, typed) for name, value in said)), None)


def _typed(arguments: Sequence[str]) -> Named:
    """What the overrides of this command line name; what is wrong with them is for Hydra to say."""
    overrides = [_parsed(argument) for argument in arguments if not argument.startswith("-")]
    said = [leaf for override in overrides if override for leaf in [(override.key_or_group, None), *_leaves(override)]]
    return named(said)


def _leaves(override: Override) -> Iterator[Leaf]:
    return leaves(override.key_or_group, _plain(override.value()))


def _plain(value: Any) -> Any:
    """A value of Hydra's grammar as plain ones, a sweep as the list of its choices."""
    if isinstance(value, ChoiceSweep):
        return [_plain(item) for item in value.list]
    if isinstance(value, Glob):  # picks from what is in conf/
        return []
    if isinstance(value, QuotedString):
        return value.text
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _parsed(line: str) -> Override | None:
    try:
        return OverridesParser.create().parse_override(line)
    except Exception:  # noqa: BLE001  the parser fails in many ways
        return None


def _given(path: Path) -> list[str]:
    """The overrides that Hydra recorded in this file, as they were typed."""
    try:
        given = yaml_of(content(path))["hydra"]["overrides"]
        lines = [*given["hydra"], *given["task"]]
        if all(isinstance(line, str) for line in lines):
            return lines
    except (OSError, ValueError, LookupError, TypeError):  # whatever is wrong with its text
        pass
    allowed = f"{path} is broken; give the overrides of the first start with {RESUME} left out"
    raise ConfigurationError(RESUME, path.parent, allowed)
