"""The command that goes on with what was interrupted: what was typed, and the folder that it had got by then."""

import os
import shlex
import shutil
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lth import terminal
from lth.command.compose import quoted
from lth.command.replay import RESUME, record_in, resumed
from lth.settings import ConfigurationError

CLOCKS = 0.05  # seconds by which the times of files lag behind the clock


@dataclass(frozen=True)
class _Begun:
    """The key that names the folder under way, the folder, and when it was begun."""

    key: str
    folder: Path
    since: float


_begun: list[_Begun] = []


def begin(key: str, folder: Path) -> None:
    """From here on it is this folder, named by this key, that is to be gone on with."""
    _begun[:] = [_Begun(key, folder, time.time())]


def forget() -> None:
    """Nothing is under way."""
    _begun.clear()


def command(arguments: Sequence[str]) -> str:
    """What to type, in the current folder, to go on with what these arguments began."""
    return f"{_program()} {shlex.join(_going_on(arguments))}".rstrip()


def _going_on(arguments: Sequence[str]) -> list[str]:
    """`--resume FOLDER`, or the arguments with their folder where its record does not say all of them."""
    if not _begun:
        return list(arguments)
    (begun,) = _begun
    here = Path.cwd()
    place = str(begun.folder.relative_to(here) if begun.folder.is_relative_to(here) else begun.folder)
    if _is_recorded(begun, arguments):
        return [RESUME, place]
    named = any(argument.split("=")[0] in (begun.key, RESUME) for argument in arguments)
    return [*arguments, *([] if named else [f"{begun.key}={quoted(place)}"])]


def _is_recorded(begun: _Begun, arguments: Sequence[str]) -> bool:
    """Whether the folder's record says all of the arguments, since this start, and may be replayed."""
    flags = {argument for argument in arguments if argument.startswith("-")} - {"-m", "--multirun", RESUME}
    if any(flag.split("=")[0] != RESUME for flag in flags):  # where else a configuration is read
        return False
    with suppress(ConfigurationError, OSError):
        resumed([RESUME, str(begun.folder)])
        return record_in(begun.folder).stat().st_mtime >= begun.since - CLOCKS
    return False


def _program() -> str:
    """`lth run` where it was called so and is found, else `python -m lth.run`, by its path where it is not found."""
    if terminal.door and _is_found(terminal.door):
        return f"{terminal.door} run"
    return f"{_python()} -m lth.run"


def _is_found(name: str) -> bool:
    """Whether a program of this name is found, and is that of the environment which runs."""
    found = shutil.which(name)
    return found is not None and Path(found).parent == Path(sys.executable).parent


def _python() -> str:
    runs = Path(sys.executable)
    if _is_found("python"):
        return "python"
    return shlex.quote(os.path.relpath(runs) if runs.is_relative_to(Path.cwd()) else str(runs))
