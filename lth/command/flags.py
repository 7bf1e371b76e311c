"""What a command line asks for: its overrides, where their configuration is read, and what Hydra is to do with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hydra._internal.utils import get_args_parser

from lth.command.compose import Source
from lth.settings import ConfigurationError

_PACKAGE = "pkg://"


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

    Raises ConfigurationError for what this program does not do, and SystemExit for flags that Hydra does not know.
    """
    said = get_args_parser().parse_intermixed_args(list(arguments))
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
