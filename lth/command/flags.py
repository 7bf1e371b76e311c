"""What a command line asks for: its overrides, where their configuration is read, and what Hydra is to do with it."""

from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import NoReturn

from hydra._internal.utils import get_args_parser

from lth.command.compose import Source
from lth.settings import ConfigurationError

_PACKAGE = "pkg://"
_FLAGS = ("--multirun", "--resume", "--dry-run", "--help", "--version", "--config-dir", "--config-name", "--cfg")


@dataclass(frozen=True)
class Asked:
    """A command line, read; `shows` means that something is printed and nothing runs, `sweep` that -m was given.

    `single` means that --run was.
    """

    overrides: tuple[str, ...]
    source: Source
    sweep: bool
    shows: bool
    single: bool


def read_flags(arguments: Sequence[str]) -> Asked:
    """The arguments as Hydra reads them, flags and overrides in any order.

    Raises ConfigurationError for flags that there are not, and for what this program does not do.
    """
    try:
        said = _parser().parse_intermixed_args(list(arguments))
    except _RefusedError as refused:
        raise _unknown(arguments, str(refused)) from None
    if said.experimental_rerun is not None:
        allowed = "reads a pickle, which runs whatever is in it; --resume goes on with a folder"
        raise ConfigurationError("--experimental-rerun", said.experimental_rerun, allowed)
    shows = bool(said.help or said.hydra_help or said.cfg or said.info or said.shell_completion)
    more = None if said.config_dir is None else Path(said.config_dir).absolute()
    if more is not None and not more.is_dir():
        raise ConfigurationError("--config-dir", said.config_dir, "must be a folder")
    source = Source(said.config_name or Source.name, _searched(said.config_path), None if more is None else str(more))
    return Asked(tuple(said.overrides), source, sweep=bool(said.multirun), shows=shows, single=bool(said.run))


def written_flags(asked: Asked) -> list[str]:
    """The same flags and overrides, in an order that Hydra's own parser takes."""
    source = asked.source
    named = {"name": source.name if source.name != Source.name else None, "path": source.path, "dir": source.more}
    flags = [f"--config-{flag}={value}" for flag, value in named.items() if value is not None]
    return [*(["--multirun"] if asked.sweep else []), *flags, *asked.overrides]


def _searched(path: str | None) -> str | None:
    """A --config-path as Hydra takes it: a package, or a folder, seen from the program's own."""
    if path is None or path.startswith(_PACKAGE):
        return path
    return str((Path(__file__).parents[1] / path).resolve())


class _RefusedError(Exception):
    """What argparse would print below its usage."""


def _parser() -> ArgumentParser:
    parser = get_args_parser()

    def refuse(message: str) -> NoReturn:
        raise _RefusedError(message)

    parser.error = refuse
    return parser


def _unknown(arguments: Sequence[str], message: str) -> ConfigurationError:
    """A flag that there is not, or that lacks its value, in a line."""
    named = message.rpartition(": ")[2].split()
    place = next((at for at, one in enumerate(arguments) if one.startswith("-") and one in named), None)
    if place is None:
        return ConfigurationError("flags", " ".join(arguments), message)
    flag, equal, value = arguments[place].partition("=")
    behind = arguments[place + 1 : place + 2]
    if not equal and behind and "=" not in behind[0] and not behind[0].startswith("-"):
        value = behind[0]
    name = flag.lstrip("-")
    near = get_close_matches(flag, _FLAGS, 1, 0.8)
    meant = f"is it {near[0]}? " if near else f"a key is written {name}={value or 'VALUE'}, without dashes; "
    key, value = (flag, value) if value else ("flag", flag)
    return ConfigurationError(key, value, f"no flag; {meant}lth run --help lists keys and flags")
